"""One form for all that is said in an update: ratings and words, milestones, actuals.

It is a single form, so that whatever is wrong stands in one summary and nothing typed is lost. Each
milestone adds the fields m<key>_state, _forecast, _actual_on and the hidden _version, _seen and
_settled; each measure f<key>_value, _period and _replace.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from commitments.dates import FuzzyDate
from commitments.fields import FuzzyDateField
from commitments.figures import read_number
from commitments.models import Measure, Milestone, ProgressUpdate
from commitments.models.progress import DECLARED_RATINGS, SAID
from commitments.progress.actions import (
    FigureReport,
    MilestoneReport,
    ReportProblems,
    explain_said,
)
from commitments.reasons import due
from commitments.register.actions import Choices, EditConflict
from workforce_tracker.templatetags import words

OPEN_STATES = (*Milestone.OPEN_STATES, Milestone.State.COMPLETE, Milestone.State.CANCELLED)
MOVES = ("state", "forecast", "actual_on")
NOT_BOXES = ("seen", "draft_version")
LONGEST = 10_000


@dataclass(frozen=True)
class MilestoneFields:
    """A row of the table: the milestone and its boxes."""

    milestone: Milestone
    state: forms.BoundField
    forecast: forms.BoundField
    actual_on: forms.BoundField
    hidden: list[forms.BoundField]

    @property
    def due(self) -> FuzzyDate:
        """The date that lateness is counted from."""
        return due(self.milestone)


@dataclass(frozen=True)
class MeasureFields:
    """A row of the table: the measure and its boxes; `asks` when a value stands already."""

    measure: Measure
    value: forms.BoundField
    period: forms.BoundField
    replace: forms.BoundField
    asks: bool


def _box(label: str, hint: str = "", rows: int = 3, *, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, help_text=hint, required=required, max_length=LONGEST, widget=widget
    )


class UpdateForm(forms.Form):
    """What a contributor says of one commitment. Give the milestones and measures to be shown."""

    # What is needed depends on the rating; the hints say when.
    mark_optional = False

    rating = forms.ChoiceField(
        label="Your rating", choices=DECLARED_RATINGS, widget=forms.RadioSelect
    )
    confidence = forms.ChoiceField(
        label="How sure are you?",
        choices=ProgressUpdate.Confidence.choices,
        widget=forms.RadioSelect,
    )
    narrative = _box("How it is going", rows=5, required=True)
    reason = _box("Why it is red or amber", "Needed for red and amber.")
    path_to_green = _box("Path to green", "What brings it back, and when. Needed too.")
    difference_reason = _box(
        "Why your rating differs from the evidence", "Needed where the two differ.", 2
    )
    risks = _box("Risks (optional)")
    next_steps = _box("Next steps (optional)")
    is_unchanged = forms.BooleanField(required=False)
    # What the page was made from: the organisation's last update (0: none), and its draft.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    draft_version = forms.IntegerField(required=False, initial=0, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        milestones: Iterable[Milestone] = (),
        measures: Sequence[Measure] = (),
        standing: ProgressUpdate | None = None,
        **options: Any,
    ) -> None:
        """`standing` is the organisation's update in force, which may stand unchanged."""
        super().__init__(data.copy() if data is not None else None, **options)
        self.milestones = list(milestones)
        self.measures = measures
        self.standing = standing
        if standing is None:
            del self.fields["is_unchanged"]
        else:
            since = words.day(timezone.localdate(standing.submitted_at))
            self.fields["is_unchanged"].label = f"Nothing has changed since {since}"
            self.fields["is_unchanged"].help_text = (
                f"Says so in your name: {standing.get_rating_display().lower()}, with the words of "
                "last time. Leave the boxes below empty."
            )
        for milestone in self.milestones:
            self._add_milestone(milestone)
        for measure in measures:
            self._add_measure(measure)

    def _add_milestone(self, milestone: Milestone) -> None:
        key, title = f"m{milestone.pk}", milestone.title
        self.fields[f"{key}_state"] = forms.ChoiceField(
            label=f"State of {title}",
            choices=[(state.value, state.label) for state in OPEN_STATES],
            initial=milestone.state,
            widget=forms.Select(attrs={"aria-label": f"State of {title}"}),
        )
        self.fields[f"{key}_forecast"] = FuzzyDateField(
            label=f"Now expected: {title}",
            required=False,
            initial=milestone.forecast,
            widget=forms.TextInput(attrs={"aria-label": f"Now expected: {title}"}),
        )
        self.fields[f"{key}_actual_on"] = forms.DateField(
            label=f"Reached on: {title}",
            required=False,
            initial=milestone.actual_on,
            widget=forms.DateInput(attrs={"aria-label": f"Reached on: {title}"}),
        )
        for name, initial in (("version", milestone.version), ("seen", None), ("settled", "")):
            make = forms.CharField if name == "settled" else forms.IntegerField
            self.fields[f"{key}_{name}"] = make(
                required=name == "version", initial=initial, widget=forms.HiddenInput
            )

    def _add_measure(self, measure: Measure) -> None:
        key, name = f"f{measure.pk}", measure.name
        self.fields[f"{key}_value"] = forms.CharField(
            label=f"Actual: {name}",
            required=False,
            widget=forms.TextInput(attrs={"aria-label": f"Actual: {name}"}),
        )
        self.fields[f"{key}_period"] = FuzzyDateField(
            label=f"For when: {name}",
            required=False,
            require_dated=True,
            widget=forms.TextInput(attrs={"aria-label": f"For when: {name}"}),
        )
        self.fields[f"{key}_replace"] = forms.BooleanField(
            label="Replace what stands", required=False
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for measure in self.measures:
            self._clean_measure(f"f{measure.pk}", measure.unit, cleaned)
        if self.says_unchanged:
            self._clean_unchanged()
            return cleaned
        said = {name: cleaned.get(name, "") for name in SAID}
        for name, message in explain_said(said).items():
            if name not in self.errors:
                self.add_error(name, message)
        return cleaned

    @property
    def says_unchanged(self) -> bool:
        """Whether the person says by name that nothing has changed."""
        return bool(self.cleaned_data.get("is_unchanged"))

    def _clean_unchanged(self) -> None:
        """The words of last time are taken, so none are needed; whoever moves something or writes
        something says that it has changed."""
        for name in SAID:
            self.errors.pop(name, None)
        if self.milestone_reports() or self.figure_reports():
            self.add_error(
                "is_unchanged",
                "You moved a milestone or gave a figure below, so something has changed. Untick "
                "this and say how it goes, or put them back.",
            )
        if self.cleaned_data.get("narrative"):
            self.add_error(
                "is_unchanged",
                "You wrote how it is going, so something has changed. Untick this, or empty the "
                "box.",
            )

    def _clean_measure(self, key: str, unit: str, cleaned: dict[str, Any]) -> None:
        text, period = cleaned.get(f"{key}_value", ""), cleaned.get(f"{key}_period")
        number = None
        try:
            number = read_number(text, unit) if text else None
        except ValidationError as refused:
            self.add_error(f"{key}_value", refused)
        if text and not period and f"{key}_period" not in self.errors:
            self.add_error(f"{key}_period", "Say when the figure is for, such as March 2026.")
        if period and not text:
            self.add_error(f"{key}_value", "Give the figure, or leave its date empty too.")
        cleaned[f"{key}_number"] = number

    # --- what it says -----------------------------------------------------------------------------
    @property
    def said(self) -> dict[str, str]:
        """The words and ratings, as `report` takes them."""
        return {name: self.cleaned_data.get(name, "") for name in SAID}

    def milestone_reports(self) -> list[MilestoneReport]:
        """The milestones whose boxes hold something else than what was shown; those with a fault of
        their own are left out."""
        found = []
        for milestone in self.milestones:
            key = f"m{milestone.pk}"
            if any(f"{key}_{name}" in self.errors for name in (*MOVES, "version", "seen")):
                continue
            changes = {
                name: self.cleaned_data[f"{key}_{name}"]
                for name in MOVES
                if f"{key}_{name}" in self.changed_data
            }
            if changes.get("actual_on"):
                changes["state"] = Milestone.State.COMPLETE.value
            if changes:
                version = self.cleaned_data[f"{key}_version"]
                choices = self._choices(key)
                found.append(MilestoneReport(milestone, version, changes, choices))
        return found

    def _choices(self, key: str) -> Choices | None:
        """Fields of which the person has read what somebody else made of them, and sends again."""
        seen = self.cleaned_data.get(f"{key}_seen")
        settled = [n for n in self.cleaned_data.get(f"{key}_settled", "").split() if n in MOVES]
        return Choices(seen, {name: "mine" for name in settled}) if seen and settled else None

    def figure_reports(self) -> list[FigureReport]:
        """The actuals that were given."""
        found = []
        for measure in self.measures:
            key = f"f{measure.pk}"
            number = self.cleaned_data.get(f"{key}_number")
            period = self.cleaned_data.get(f"{key}_period")
            if number is not None and period:
                replace = self.cleaned_data.get(f"{key}_replace", False)
                found.append(FigureReport(measure, number, period, replace))
        return found

    # --- what is still being written --------------------------------------------------------------
    def boxes_of(self, data: QueryDict) -> dict[str, list[str]]:
        """What stands in the boxes, as typed, for a draft."""
        names = [name for name in self.fields if name not in NOT_BOXES]
        return {name: data.getlist(name) for name in names if name in data}

    def fill(self, boxes: Mapping[str, list[str]]) -> None:
        """Put what was typed before into the boxes."""
        for name, values in boxes.items():
            if name in self.fields and values:
                self.initial[name] = values[0]

    def in_words(self, boxes: Mapping[str, list[str]]) -> list[tuple[str, str]]:
        """Boxes that hold something a person wrote, with their labels."""
        return [
            (str(field.label), boxes[name][0])
            for name, field in self.fields.items()
            if not field.widget.is_hidden and boxes.get(name, [""])[0]
        ]

    def put(self, name: str, value: object) -> None:
        """Another value for a hidden box of a form that was sent, for the next time."""
        data = cast(QueryDict, self.data)
        data[self.add_prefix(name)] = str(value)

    # --- how it is shown --------------------------------------------------------------------------
    def milestone_rows(self) -> list[MilestoneFields]:
        """The rows of the milestone table."""
        rows = []
        for milestone in self.milestones:
            state, forecast, actual_on, *hidden = (
                self[f"m{milestone.pk}_{name}"] for name in (*MOVES, "version", "seen", "settled")
            )
            rows.append(MilestoneFields(milestone, state, forecast, actual_on, hidden))
        return rows

    def measure_rows(self) -> list[MeasureFields]:
        """The rows of the table of actuals."""
        rows = []
        for measure in self.measures:
            value, period, replace = (
                self[f"f{measure.pk}_{name}"] for name in ("value", "period", "replace")
            )
            asks = bool(replace.value()) or "Replace" in str(value.errors)
            rows.append(MeasureFields(measure, value, period, replace, asks))
        return rows

    def forget_what_was_not_said(self) -> None:
        """Keep only what is wrong with milestones and figures: the rest is still being written."""
        for name in SAID:
            self.errors.pop(name, None)

    def add_problems(self, problems: ReportProblems) -> None:
        """Put what the action refused beside the boxes it is about."""
        if problems.said:
            self.add_error(None, problems.said)
        for pk, refusal in problems.milestones.items():
            if isinstance(refusal, EditConflict):
                self._add_conflict(f"m{pk}", refusal)
            else:
                self.add_error(f"m{pk}_state", ValidationError(refusal.messages))
        for pk, error in problems.figures.items():
            for name, found in error.message_dict.items():
                box = name if name in ("value", "period") else "value"
                self.add_error(f"f{pk}_{box}", found)

    def _add_conflict(self, key: str, conflict: EditConflict) -> None:
        """Say what somebody else made of it meanwhile. What was typed stays; sent again, it counts
        as chosen by somebody who has seen the other."""
        for found in conflict.fields:
            self.add_error(
                f"{key}_{found.field}",
                f"{conflict.by} changed this from “{found.base or 'nothing'}” to "
                f"“{found.theirs or 'nothing'}” on {words.moment(conflict.when)}, after you opened "
                "the page. Save again to keep yours, or write theirs.",
            )
        self.put(f"{key}_seen", conflict.version)
        self.put(f"{key}_settled", " ".join(found.field for found in conflict.fields))


class RowForm(UpdateForm):
    """The same as one row of a table: lists instead of buttons, and every box named after its
    commitment."""

    def __init__(self, data: QueryDict | None, *, title: str, **options: Any) -> None:
        super().__init__(data, **options)
        del self.fields["draft_version"]
        for name in ("rating", "confidence"):
            known = cast(forms.ChoiceField, self.fields[name])
            choices = [("", str(known.label)), *cast(list[tuple[str, str]], known.choices)]
            self.fields[name] = forms.ChoiceField(label=known.label, choices=choices)
        for name, field in self.fields.items():
            field.help_text = ""
            if name in SAID:
                field.widget.attrs |= {"aria-label": f"{field.label}: {title}", "rows": 2}


def shown(milestones: Sequence[Milestone], data: Mapping[str, Any] | None) -> list[Milestone]:
    """The milestones that a form has rows for: the open ones; once it is sent, those it had."""
    if data is None:
        return [milestone for milestone in milestones if milestone.is_open]
    return [milestone for milestone in milestones if f"m{milestone.pk}_version" in data]
