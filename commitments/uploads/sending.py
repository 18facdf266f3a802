"""Do what a filled-in workbook says, through the actions that the pages use, and tell what it does.

`carry_out` writes, and says what clashes and what is wrong; whoever calls it takes everything back
unless there is neither. So the preview of a return is the sending of it, undone (`try_out`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from commitments.figures import format_number
from commitments.models import Commitment, Figure, Measure, Milestone, Plan, ProgressUpdate
from commitments.progress.actions import post_update
from commitments.progress.queries import reporting_organisation
from commitments.register.actions import (
    REPORTABLE,
    Choices,
    EditConflict,
    change_commitment,
    change_milestone,
    record_figure,
)
from commitments.register.actions.wording import in_words, label_of, state_in_words
from commitments.uploads.check import Tell
from commitments.uploads.conflicts import lay_figure, lay_update, moved
from commitments.uploads.offline import COMMITMENTS, EDITED, SAID_KEYS
from commitments.uploads.returned import UNKNOWN, Standing, number, said_of
from commitments.uploads.returns import Clash, Filled, Returned, Told, filled_values
from commitments.uploads.rows import in_series
from organisations.models import Membership, User
from organisations.writing import undone
from workforce_tracker.templatetags.words import moment

# All of it goes in at once, and as long as that takes nobody else can change these plans. An update
# costs a twentieth of a second of the processor: so it is some three minutes at most.
MOST = 2_000
# Commitments that a preview does and takes back at a time: others wait no longer than that.
A_PART = 40
LABELS = {column.key: column.label for column in COMMITMENTS}
# What was chosen where two people moved the same: by the key of the clash, what was seen and the
# choice for each field.
Chosen = Mapping[str, Mapping[str, Any]]


def carry_out(
    rows: Sequence[Filled],
    *,
    by: User,
    acting: Membership | None,
    chosen: Chosen,
    today: date,
    tell: Tell | None = None,
) -> Returned:
    """Write what the rows say that is something else than what was exported. Must run inside a
    transaction. Constant in queries for rows that say nothing new."""
    sending = _Sending(by, acting, chosen, today, Standing.of(rows, by, today))
    wanted = sending.look_at_all(rows)
    _lock(wanted)
    for done, key in enumerate(sorted(wanted)):
        _tell(tell, done, len(wanted))
        sending.carry_out_one(wanted[key])
    return sending.done


def try_out(
    rows: Sequence[Filled],
    *,
    by: User,
    acting: Membership | None,
    chosen: Chosen,
    today: date,
    tell: Tell | None = None,
) -> Returned:
    """What carry_out would do: it is done and taken back, part by part, so that nobody has to wait
    for the whole of a preview. Must not run inside a transaction."""
    sending = _Sending(by, acting, chosen, today, Standing.of(rows, by, today))
    wanted = sending.look_at_all(rows)
    keys = sorted(wanted)
    for start in range(0, len(keys), A_PART):
        _tell(tell, start, len(keys))
        part = {key: wanted[key] for key in keys[start : start + A_PART]}
        with undone():
            _lock(part)
            for found in part.values():
                sending.carry_out_one(found)
    return sending.done


def _tell(tell: Tell | None, done: int, total: int) -> None:
    if tell:
        tell("Going through what was filled in", done, total)


def _lock(keys: Mapping[int, object]) -> None:
    """The plans, then the commitments in the order of their keys: as every action does, so that
    nobody waits in a circle."""
    plans = Plan.objects.filter(commitments__in=list(keys)).values("pk")
    list(Plan.objects.filter(pk__in=plans).order_by("pk").select_for_update(no_key=True))
    rows = Commitment.objects.filter(pk__in=list(keys)).order_by("pk").only("pk")
    list(rows.select_for_update(of=("self",), no_key=True))


# What has versions: its name, what changes it, and the values that people may move offline.
VERSIONED: dict[str, tuple[str, Callable[..., Any], Iterable[str]]] = {
    "Commitments": ("commitment", change_commitment, EDITED),
    "Milestones": ("milestone", change_milestone, REPORTABLE),
}


@dataclass(frozen=True)
class _Wanted:
    """A row that says something new: of which commitment, about what, and what."""

    row: Filled
    commitment: Commitment
    thing: Any
    values: dict[str, Any]
    said: dict[str, str]


@dataclass
class _Sending:
    by: User
    acting: Membership | None
    chosen: Chosen
    today: date
    standing: Standing
    done: Returned = field(default_factory=Returned)
    headings: dict[int, list[str]] = field(default_factory=dict)

    # --- what a row says that is new --------------------------------------------------------------
    def look_at_all(self, rows: Sequence[Filled]) -> dict[int, list["_Wanted"]]:
        """What says something new, by the key of its commitment; nothing when it is too much."""
        wanted: dict[int, list[_Wanted]] = defaultdict(list)
        for row in rows:
            if found := self.look_at(row):
                wanted[found.commitment.pk].append(found)
        if len(wanted) <= MOST:
            return wanted
        first = next(iter(wanted.values()))[0].row
        words = (
            f"this file changes {len(wanted):,} commitments. Up to {MOST:,} can be sent at once: "
            "send it in parts."
        )
        self.done.errors.append(first.finding("", words))
        return {}

    def look_at(self, row: Filled) -> _Wanted | None:
        """A row that says something new, None for one that does not; what is wrong is noted."""
        values, problems = filled_values(row)
        thing, commitment = self.standing.thing(row), self.standing.commitment(row)
        said = {key: values.pop(key) for key in SAID_KEYS if key in values}
        if thing is None or commitment is None:
            if values or problems:
                self.done.errors.append(row.finding("", UNKNOWN))
            return None
        if row.kind == "Figures":
            self.done.errors += problems
            return self._figure_wanted(row, commitment, thing, values, bool(problems))
        exported = self.standing.exported(row, thing)
        if exported is None:
            self.done.errors.append(row.finding("", UNKNOWN))
            return None
        self.done.errors += problems
        self.done.leave_unread(row, self.standing.changed_though_locked(row, thing))
        changes = moved(exported, values)
        if said and not problems:
            self._check_said(row, said)
        if not changes and not said:
            return None
        return _Wanted(row, commitment, thing, changes, said)

    def _figure_wanted(
        self, row: Filled, commitment: Commitment, measure: Measure, values: dict[str, Any],
        faulty: bool,
    ) -> _Wanted | None:  # fmt: skip
        if faulty or not values:
            return None
        if "value" not in values:
            words = "give the figure, or leave its date empty too."
            self.done.errors.append(row.finding("value", words))
        elif "period" not in values:
            words = "say when the figure is for, such as March 2026."
            self.done.errors.append(row.finding("period", words))
        else:
            return _Wanted(row, commitment, measure, values, {})
        return None

    def _check_said(self, row: Filled, said: dict[str, str]) -> None:
        for name in ("rating", "confidence", "narrative"):
            if not said.get(name):
                words = "this is empty. An update needs a rating, how sure you are, and a sentence."
                self.done.errors.append(row.finding(name, words))

    # --- doing it ---------------------------------------------------------------------------------
    def carry_out_one(self, wanted: Sequence[_Wanted]) -> None:
        """Everything about one commitment: changes, milestones, figures, and then the update, which
        is held against the evidence after the moves."""
        commitment = wanted[0].commitment
        told = Told(commitment.reference, commitment.title, commitment.get_absolute_url())
        steps: dict[str, Callable[[_Wanted, Told], None]] = {
            "Commitments": self._change, "Milestones": self._move, "Figures": self._record
        }  # fmt: skip
        for each in wanted:
            if each.values:
                self._guarded(each, steps[each.row.kind], told)
        for each in wanted:
            if each.said:
                self._guarded(each, self._say, told)
        if told.changes:
            self.done.told.append(told)

    def _guarded(self, wanted: _Wanted, step: Callable[[_Wanted, Told], None], told: Told) -> None:
        """One step; a refusal is noted beside its row, and the others go on."""
        row = wanted.row
        try:
            step(wanted, told)
        except PermissionDenied:
            keys = wanted.said if step == self._say else wanted.values
            cells = in_series([f"“{row.label(key)}”" for key in keys])
            words = f"this is not yours to change: {cells}. Clear what you wrote there."
            self.done.errors.append(row.finding("", words))
        except ValidationError as refused:
            by_field = getattr(refused, "error_dict", None)
            named = refused.message_dict if by_field else {"": refused.messages}
            for name, texts in named.items():
                key = name if name in row.places else ""
                self.done.refuse([row.finding(key, text) for text in texts])

    def _change(self, wanted: _Wanted, told: Told) -> None:
        changes = dict(wanted.values)
        if changes.get("pillar"):
            changes["pillar"] = self._heading(wanted.commitment, changes["pillar"])
        self.done.commitments += self._write(wanted, told, changes, "")

    def _move(self, wanted: _Wanted, told: Told) -> None:
        changes = dict(wanted.values)
        if changes.get("actual_on"):
            changes["state"] = Milestone.State.COMPLETE.value
        self.done.milestones += self._write(wanted, told, changes, wanted.thing.title)

    def _write(self, wanted: _Wanted, told: Told, changes: dict[str, Any], about: str) -> bool:
        """Change a commitment or a milestone, by the version that was exported; whether anything
        has become something else. Told with the words `about`, where there are any."""
        thing = wanted.thing
        name, action, fields = VERSIONED[wanted.row.kind]
        key = f"{name}-{thing.pk}"
        changes |= self._taken_back(key, wanted)
        before = {field: getattr(thing, field) for field in fields}
        try:
            saved = action(
                by=self.by,
                base_version=number(wanted.row, "version") or thing.version,
                changes=changes,
                choices=self._choices(key),
                today=self.today,
                **{name: thing},
            )
        except EditConflict as conflict:
            self._clash(key, wanted, conflict, thing.title)
            return False
        saved = type(thing).objects.get(pk=saved.pk)
        return self._tell(told, about, changes, before, saved)

    def _heading(self, commitment: Commitment, wanted: str) -> str:
        """A heading of the commitment's plan, as the plan writes it."""
        names = self.headings.get(commitment.plan_id)
        if names is None:
            names = list(commitment.plan.pillars.values_list("name", flat=True))
            self.headings[commitment.plan_id] = names
        known = {name.casefold(): name for name in names}
        if wanted.casefold() not in known:
            words = (
                f"“{wanted}” is not a heading of {commitment.plan.code}. Use one of the list: "
                f"{'; '.join(names)}."
            )
            raise ValidationError({"pillar": words})
        return known[wanted.casefold()]

    def _tell(
        self, told: Told, about: str, changes: Mapping[str, Any], before: dict[str, Any], saved: Any
    ) -> bool:
        """Note what has become something else, and whether anything has."""
        lines = []
        for name in changes:
            was, now = _words(name, before[name]), _words(name, getattr(saved, name))
            if was != now:
                what = f"{about}: {label_of(name).lower()}" if about else label_of(name)
                lines.append((what, was, now))
        told.changes += lines
        return bool(lines)

    def _record(self, wanted: _Wanted, told: Told) -> None:
        measure: Measure = wanted.thing
        value, period = wanted.values["value"], wanted.values["period"]
        key = f"figure-{measure.pk}-{period.last_day}"
        event = number(wanted.row, "version") or 0
        standing = Figure.objects.filter(
            measure=measure, kind=Figure.Kind.ACTUAL, period_date=period.last_day
        ).select_related("entered_by").first()  # fmt: skip
        theirs = standing.value if standing else None
        exported = self.standing.figure_at(measure.pk, period.last_day, event)
        laid = lay_figure(exported, theirs, value, self._choice(key, str(theirs), "value"))
        if laid.overlapping and standing:
            who = str(standing.entered_by or "Somebody else")
            sides = (in_words(exported), in_words(theirs), in_words(value))
            self._add_clash(key, wanted, f"{measure.name}, {period.text}", who, "", str(theirs),
                            [("value", "Figure", *sides)])  # fmt: skip
        elif laid.write:
            measure.commitment = wanted.commitment
            record_figure(
                by=self.by, measure=measure, kind=Figure.Kind.ACTUAL, value=value, period=period,
                source="", replace=True, today=self.today,
            )  # fmt: skip
            before = f"{format_number(theirs)}" if theirs is not None else ""
            told.changes.append((f"{measure.name}, {period.text}", before, in_words(value)))
            self.done.figures += 1

    def _say(self, wanted: _Wanted, told: Told) -> None:
        commitment = wanted.commitment
        organisation = reporting_organisation(self.by, self.acting, commitment, self.today)
        if organisation is None:
            raise PermissionDenied
        exported = self.standing.updates.get(number(wanted.row, "latest") or 0)
        since = ProgressUpdate.objects.filter(commitment=commitment, organisation=organisation)
        newer = since.filter(pk__gt=exported.pk if exported else 0).select_related("author").first()
        key = f"update-{commitment.pk}"
        theirs = said_of(newer) if newer else None
        seen = str(newer.pk) if newer else ""
        answers = {name: self._choice(key, seen, name) for name in wanted.said}
        chosen = {name: answer for name, answer in answers.items() if answer}
        laid = lay_update(said_of(exported), theirs, wanted.said, chosen)
        if laid.overlapping and newer and theirs:
            before = said_of(exported)
            fields = [
                (name, LABELS[name], _words(name, before[name]), _words(name, theirs[name]),
                 _words(name, wanted.said[name]))
                for name in laid.overlapping
            ]  # fmt: skip
            self._add_clash(
                key, wanted, f"Update of {commitment.reference}", str(newer.author),
                moment(newer.submitted_at), seen, fields,
            )  # fmt: skip
        elif laid.write:
            update = post_update(
                by=self.by,
                commitment=commitment,
                organisation=organisation,
                today=self.today,
                **{"rating": "", "confidence": "", "narrative": "", **laid.write},
            )
            said = f"{update.get_rating_display()}, {update.get_confidence_display().lower()} "
            told.changes.append((f"Update by {organisation}", "", f"{said}confidence. "
                                 f"{update.narrative}"))  # fmt: skip
            self.done.updates += 1

    # --- clashes ----------------------------------------------------------------------------------
    def _clash(self, key: str, wanted: _Wanted, conflict: EditConflict, what: str) -> None:
        fields = [(c.field, c.label, c.base, c.theirs, c.yours) for c in conflict.fields]
        when = moment(conflict.when)
        self._add_clash(key, wanted, what, conflict.by, when, str(conflict.version), fields)

    def _add_clash(
        self, key: str, wanted: _Wanted, what: str, who: str, when: str, seen: str,
        fields: list[tuple[str, str, str, str, str]],
    ) -> None:  # fmt: skip
        row = wanted.row
        place = f"{wanted.commitment.reference} · {row.kind}, row {row.number}"
        goes_back = row.kind != "Figures" and not key.startswith("update")
        self.done.clashes.append(Clash(key, what, place, who, when, seen, fields, goes_back))

    def _choices(self, key: str) -> Choices | None:
        """What was chosen of something that has versions, as its action takes it."""
        found = self.chosen.get(key)
        if not found or not str(found.get("seen", "")).isdigit():
            return None
        # Going back to what was exported is a change of one's own.
        mine = {name: "theirs" if c == "theirs" else "mine" for name, c in found["fields"].items()}
        return Choices(int(found["seen"]), mine)  # type: ignore[arg-type]

    def _taken_back(self, key: str, wanted: _Wanted) -> dict[str, Any]:
        """The values as they were exported, for the fields for which that was chosen."""
        fields = self.chosen.get(key, {}).get("fields", {})
        exported = self.standing.exported(wanted.row, wanted.thing) or {}
        return {name: exported[name] for name, choice in fields.items() if choice == "exported"}

    def _choice(self, key: str, seen: str, name: str) -> str:
        """What was chosen of something that has none, if it still is what was seen."""
        found = self.chosen.get(key)
        return str(found["fields"].get(name, "")) if found and found["seen"] == seen else ""


def _words(name: str, value: Any) -> str:
    if name in ("state", "rating", "confidence"):
        return state_in_words(value) if value else ""
    return in_words(value)
