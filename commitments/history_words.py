"""What each kind of recorded change is called, and how its values read before and after.

One table, FIELDS: what is not in it (versions, positions, marks of demonstration data) is kept by
the database all the same but is no news to a person.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from commitments.dates import FuzzyDate, Precision
from commitments.figures import format_figure
from commitments.models import (
    BaselineChange,
    Comment,
    Commitment,
    Dependency,
    Dispute,
    Evidence,
    Figure,
    Measure,
    Milestone,
    Objection,
    Party,
    Pillar,
    Plan,
    ProgressUpdate,
    Review,
    Round,
)
from organisations.models import Organisation, User
from workforce_tracker.templatetags import words

Event = Any  # a row of one of the event tables, which pghistory makes at run time


@dataclass(frozen=True)
class FieldChange:
    """One value before and after, in words; "" where there was or is none."""

    label: str
    before: str
    after: str


class Names:
    """The names behind the keys in a set of events: one query a model, whatever their number."""

    def __init__(self) -> None:
        self._wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        self._found: dict[tuple[type[models.Model], int], str] = {}
        # Units and names of measures, for figures: kept apart, as a measure may be gone.
        self.measures: dict[int, Event] = {}

    def want(self, events: Iterable[Event], of: type[models.Model]) -> None:
        """Note the keys to be looked up."""
        named = [entry for entry in FIELDS[of] if entry.refers]
        for event in events:
            for entry in named:
                column, model = entry.refers or ("", Organisation)
                if key := getattr(event, column):
                    self._wanted[model].add(key)

    def want_people(self, keys: Iterable[int]) -> None:
        """Note people to be named."""
        self._wanted[User] |= set(keys)

    def look_up(self) -> None:
        """Read every name that was asked for."""
        for model, keys in self._wanted.items():
            for row in model._default_manager.filter(pk__in=keys):
                self._found[model, row.pk] = str(row)

    def of(self, model: type[models.Model], key: int | None) -> str:
        """The name of a row, "" for none."""
        return self._found.get((model, key), "no longer here") if key else ""

    def unit(self, event: Event) -> str:
        """The unit of a measure's own event, or of the measure that a figure belongs to."""
        return getattr(self.measures.get(getattr(event, "measure_id", 0), event), "unit", "")

    def measure(self, event: Event) -> str:
        """The name of the measure that an event is about, "" for none."""
        return getattr(self.measures.get(event.measure_id), "name", "")


Show = Callable[[Event, Names], str]


@dataclass(frozen=True)
class Field:
    """A label, and how to read the value from an event; `refers` is a key and what it points to."""

    label: str
    show: Show
    refers: tuple[str, type[models.Model]] | None = field(default=None)


def _text(label: str, column: str) -> Field:
    return Field(label, lambda event, names: str(getattr(event, column) or ""))


def _choice(label: str, column: str) -> Field:
    return Field(label, lambda event, names: str(getattr(event, f"get_{column}_display")() or ""))


def _fuzzy(label: str, prefix: str) -> Field:
    def show(event: Event, names: Names) -> str:
        text, last_day, precision = (
            getattr(event, f"{prefix}_{part}") for part in ("text", "date", "precision")
        )
        found = FuzzyDate(text, last_day, Precision(precision))
        return words.fuzzy(found) if found else ""

    return Field(label, show)


def _name(label: str, column: str, model: type[models.Model]) -> Field:
    return Field(
        label, lambda event, names: names.of(model, getattr(event, column)), (column, model)
    )


def _number(label: str, low: str, high: str = "") -> Field:
    def show(event: Event, names: Names) -> str:
        ends = getattr(event, low), getattr(event, high or low)
        return format_figure(ends[0], ends[1], unit=names.unit(event))

    return Field(label, show)


def _no_longer(event: Event) -> str:
    """What became of an update that does not stand any more."""
    return "" if event.state == ProgressUpdate.State.SUBMITTED else event.get_state_display()


FIELDS: dict[type[models.Model], tuple[Field, ...]] = {
    Commitment: (
        _name("Plan", "plan_id", Plan),
        _text("Reference", "reference"),
        _text("Title", "title"),
        _text("Description", "description"),
        _fuzzy("Target date", "target"),
        _choice("State", "state"),
        _name("Draft of", "draft_of_id", Organisation),
        _name("Pillar", "pillar_id", Pillar),
        Field("Staff groups", lambda event, names: ", ".join(event.staff_groups)),
        _text("Senior responsible owner", "senior_responsible_owner"),
        _text("Source", "source"),
        _text("Number in the plan", "plan_reference"),
        _choice("Where the lead comes from", "lead_basis"),
        _text("Confidence in the source", "confidence"),
    ),
    Party: (
        _choice("Role", "role"),
        _text("Name in the source", "name"),
        _name("Organisation", "organisation_id", Organisation),
        _name("Assigned to", "assigned_to_id", Organisation),
    ),
    Measure: (
        _text("Name", "name"),
        _text("Unit", "unit"),
        _number("Target", "target_low", "target_high"),
        _text("Target in the source's words", "target_text"),
        _choice("Counts as reached", "direction"),
        _choice("Figures are for", "rhythm"),
        _number("Baseline", "baseline_value"),
        _fuzzy("Baseline date", "baseline"),
        _text("Amber tolerance, per cent", "amber_tolerance"),
        _text("Red tolerance, per cent", "red_tolerance"),
    ),
    Figure: (
        _number("Value", "value"),
        _fuzzy("Period", "period"),
        _text("Source", "source"),
        _text("Note", "note"),
    ),
    Milestone: (
        _text("Title", "title"),
        _fuzzy("Promised for", "baseline"),
        _fuzzy("Now expected", "forecast"),
        Field("Reached on", lambda event, names: words.day(event.actual_on)),
        _choice("State", "state"),
        _name("Owner", "owner_id", User),
        _name("Organisation", "organisation_id", Organisation),
        _text("Source", "source"),
        _text("Note", "note"),
    ),
    ProgressUpdate: (
        Field("Now", lambda event, names: _no_longer(event)),
        Field("Version", lambda event, names: str(event.number) if event.number > 1 else ""),
        Field("Said", lambda event, names: "Nothing has changed" if event.is_unchanged else ""),
        Field("Came", lambda event, names: "After the round had closed" if event.is_late else ""),
        _choice("Rating", "rating"),
        _choice("Evidence then showed", "evidence_rating"),
        _choice("Confidence", "confidence"),
        _text("Progress", "narrative"),
        _text("Why it is not green", "reason"),
        _text("Path to green", "path_to_green"),
        _text("Why it differs from the evidence", "difference_reason"),
        _text("Risks", "risks"),
        _text("Next steps", "next_steps"),
        _name("On behalf of", "organisation_id", Organisation),
        _name("Round", "round_id", Round),
    ),
    BaselineChange: (
        _choice("State", "state"),
        _name("Milestone", "milestone_id", Milestone),
        Field("Measure", lambda event, names: names.measure(event)),
        _fuzzy("Date that stood", "was"),
        _fuzzy("Date asked for", "to"),
        _number("Target that stood", "was_low", "was_high"),
        _number("Target asked for", "to_low", "to_high"),
        _text("Why", "reason"),
        _name("On behalf of", "organisation_id", Organisation),
        _name("Decided by", "decided_by_id", User),
        _text("Said with the decision", "decision_note"),
    ),
    Objection: (
        _name("On behalf of", "organisation_id", Organisation),
        _text("Why", "reason"),
    ),
    # What it waits on stays unsaid: not everybody who reads this may know of it.
    Dependency: (
        _name("Milestone", "milestone_id", Milestone),
        _text("Note", "note"),
    ),
    Evidence: (
        _text("Title", "title"),
        _text("File", "filename"),
        _text("Link", "url"),
        _name("About the milestone", "milestone_id", Milestone),
        _choice("Strength", "strength"),
        _name("Given by", "organisation_id", Organisation),
        _name("Verified for", "verified_for_id", Organisation),
        _choice("Scan", "scan"),
        _text("Why it was removed", "removed_reason"),
    ),
    Review: (
        _name("Asked", "organisation_id", Organisation),
        _choice("Answer", "state"),
        _text("Comment", "comment"),
        _text("Why they disagree", "reason"),
        _text("What would change their mind", "would_change"),
        _text("Why it is asked no longer", "dropped_reason"),
        _name("Agreed to differ", "differs_by_id", User),
    ),
    Dispute: (
        _choice("How it stands", "end"),
        _text("Proposed", "differ_note"),
        _name("Agreed to differ", "differs_by_id", User),
        _text("Note", "note"),
    ),
    Comment: (
        _text("Words", "text"),
        _name("Settled by", "resolved_by_id", User),
        Field("Taken back", lambda event, names: "Yes" if event.removed_at else ""),
    ),
}

# What the history calls answers and disputes begins with these.
REVIEW_TALK = ("Asked for an answer", "Answer to the progress update", "Dispute")

_VERBS = {"insert": "added", "update": "changed", "delete": "removed"}


def title_of(model: type[models.Model], event: Event, names: Names) -> str:
    """What happened to which thing: "Milestone “Plan agreed” changed"."""
    verb = _VERBS[event.pgh_label]
    if model is Commitment:
        return f"Commitment {verb}"
    if model is ProgressUpdate and event.pgh_label == "insert":
        return f"Progress reported: {event.get_rating_display().lower()}"
    if model is Party:
        return f"{event.get_role_display()} “{event.name}” {verb}"
    if model is Figure:
        measure = getattr(names.measures.get(event.measure_id), "name", "")
        period = words.fuzzy(
            FuzzyDate(event.period_text, event.period_date, Precision(event.period_precision))
        )
        return f"{event.get_kind_display()} for {period} of “{measure}” {verb}"
    if model is ProgressUpdate:
        became = _no_longer(event).lower() if event.pgh_label == "update" else ""
        return f"Progress update {became or verb}"
    if title := _title_of_others(model, event, verb):
        return title
    return f"{str(model._meta.verbose_name).capitalize()} “{_shown_name(event)}” {verb}"


def _title_of_others(model: type[models.Model], event: Event, verb: str) -> str:
    """The same for what has no name of its own; "" for everything else."""
    if model is BaselineChange:
        asked = event.pgh_label == "insert"
        state = event.get_state_display().lower()
        return "Asked to move a promise" if asked else f"Request to move a promise: {state}"
    if model is Review:
        if event.pgh_label == "insert":
            return "Asked for an answer to the progress update"
        return f"Answer to the progress update: {event.get_state_display().lower()}"
    if model is Dispute:
        opened = event.pgh_label == "insert"
        return "Dispute opened" if opened else f"Dispute: {event.get_end_display().lower()}"
    return {
        Objection: f"Objection to a moved promise {verb}",
        Dependency: f"Waiting on another milestone {verb}",
        Comment: f"Comment {verb}",
    }.get(model, "")


def _shown_name(event: Event) -> str:
    return getattr(event, "title", "") or getattr(event, "name", "")


def differences(
    model: type[models.Model], before: Event | None, after: Event | None, names: Names
) -> tuple[FieldChange, ...]:
    """The values that read differently; with one side missing, all that the other side has."""
    found = []
    for entry in FIELDS[model]:
        was = entry.show(before, names) if before else ""
        now = entry.show(after, names) if after else ""
        if was != now:
            found.append(FieldChange(entry.label, was, now))
    return tuple(found)
