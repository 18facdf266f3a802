"""What people type about a commitment, read into the drafts that the actions take."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from commitments.fields import FuzzyDateField
from commitments.figures import Direction, format_figure, format_number, parse_figure, split_unit
from commitments.models import Commitment, Measure, Party
from commitments.register.actions import (
    CommitmentDraft,
    DraftProblems,
    MeasureDraft,
    PartyDraft,
    explain_reference,
)
from organisations.matching import How, OrganisationMatcher, side_of_class

LONGEST = 10_000
KEEP_NAMES = "Keep names that are not in the register as text"


class PartiesField(forms.CharField):
    """Organisations, one a line. `clean` gives PartyDrafts.

    A name that the commitment had before (`known`) means what it meant. A new one has to be known
    for certain, or to be a class of bodies ("NHS trusts"); else the closest bodies are offered, or
    the name is kept as text where the person says so (`keep`).
    """

    def __init__(self, *, role: str, **options: Any) -> None:
        self.role = role
        self.matcher: OrganisationMatcher | None = None
        self.known: Sequence[PartyDraft] = ()
        self.keep = False
        widget = forms.Textarea(attrs={"rows": 3})
        super().__init__(**{"max_length": LONGEST, "required": False, "widget": widget, **options})

    def clean(self, value: Any) -> list[PartyDraft]:
        text = super().clean(value)
        self.matcher = self.matcher or OrganisationMatcher.load()
        known = {party.name.casefold(): party for party in self.known if party.role == self.role}
        drafts, problems = [], []
        for line in filter(None, (line.strip() for line in text.splitlines())):
            if party := known.get(line.casefold()):
                drafts.append(party)
                continue
            for name in self.matcher.split_names(line):
                draft, problem = self._read(name)
                drafts.append(draft)
                problems += [problem] if problem else []
        if problems:
            raise ValidationError(problems)
        return drafts

    def _read(self, name: str) -> tuple[PartyDraft, str]:
        assert self.matcher is not None
        match = self.matcher.match(name)
        if match.organisation:
            # A code is how somebody found the body; the page says its name.
            called = match.organisation.name if match.how == How.CODE else name
            return PartyDraft(self.role, called, match.organisation), ""
        draft = PartyDraft(self.role, name, None, side_of_class(name))
        if match.how == How.CLASS or (self.keep and match.how == How.UNKNOWN):
            return draft, ""
        closest = ", ".join(f"{body.name} ({body.code})" for body in match.candidates)
        if match.how == How.AMBIGUOUS:
            return draft, f'"{name}" is the name of several bodies. Use the code of one: {closest}.'
        offer = f" Closest: {closest}." if closest else ""
        return draft, (
            f'"{name}" is not in the register of organisations.{offer} '
            f"Use the name or code of a body, or tick “{KEEP_NAMES}”."
        )


class CommitmentForm(forms.Form):
    """A commitment's own values. `known` are the parties that it has or had."""

    title = forms.CharField(max_length=300, help_text="What is promised, in one line.")
    description = forms.CharField(
        required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    pillar = forms.CharField(max_length=200, required=False, help_text="The plan's own heading.")
    target = FuzzyDateField(
        label="Promised for",
        required=False,
        help_text="As the plan says it: 2031/32, summer 2027, 28/02/2027.",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-20"}),
    )
    leads = PartiesField(
        role=Party.Role.LEAD,
        label="Led by",
        help_text="One a line: a name or a code, or a kind of body such as NHS trusts.",
    )
    partners = PartiesField(
        role=Party.Role.PARTNER, label="Delivered with", help_text="One a line, as above."
    )
    keep_names = forms.BooleanField(required=False, label=KEEP_NAMES)
    staff_groups = forms.CharField(
        max_length=1000, required=False, help_text="With a semicolon between them."
    )
    senior_responsible_owner = forms.CharField(max_length=200, required=False)
    source = forms.CharField(
        max_length=LONGEST, required=False, label="Where it stands in the document"
    )
    plan_reference = forms.CharField(
        max_length=40,
        required=False,
        label="The plan's own number for it",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        known: Sequence[PartyDraft] = (),
        headings: Sequence[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        if headings:
            self.fields["pillar"].help_text = f"The plan has: {'; '.join(headings)}."
        for name in ("leads", "partners"):
            field = self.fields[name]
            assert isinstance(field, PartiesField)
            field.known = known
            field.keep = bool(self.data.get("keep_names"))

    @staticmethod
    def initial_of(commitment: Commitment, parties: Sequence[Party]) -> dict[str, Any]:
        """What the boxes hold at first."""
        named = {role: [p.name for p in parties if p.role == role] for role in Party.Role.values}
        return {
            "title": commitment.title,
            "description": commitment.description,
            "pillar": commitment.pillar.name if commitment.pillar else "",
            "target": commitment.target,
            "leads": "\n".join(named[Party.Role.LEAD]),
            "partners": "\n".join(named[Party.Role.PARTNER]),
            "staff_groups": "; ".join(commitment.staff_groups),
            "senior_responsible_owner": commitment.senior_responsible_owner,
            "source": commitment.source,
            "plan_reference": commitment.plan_reference,
            "version": commitment.version,
        }

    def clean_staff_groups(self) -> list[str]:
        parts = (part.strip() for part in self.cleaned_data["staff_groups"].split(";"))
        return [part for part in parts if part]

    @property
    def changes(self) -> dict[str, Any]:
        """The values as `change_commitment` takes them."""
        rest = ("keep_names", "version", "reference")
        return {name: value for name, value in self.cleaned_data.items() if name not in rest}

    def add_problems(self, refused: ValidationError) -> None:
        """Put what an action refused beside its box, where there is one."""
        for problem in refused.problems if isinstance(refused, DraftProblems) else ():
            self.add_error(problem.field if problem.field in self.fields else None, problem.message)
        if not isinstance(refused, DraftProblems):
            self.add_error(None, refused)


class NewCommitmentForm(CommitmentForm):
    """The same with a reference, for a commitment that is new."""

    reference = forms.CharField(
        max_length=40,
        help_text="Unique in its plan.",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10"}),
    )
    field_order = ("reference",)

    def clean_reference(self) -> str:
        reference: str = self.cleaned_data["reference"]
        if problem := explain_reference(reference):
            raise ValidationError(problem)
        return reference

    def draft(self, measures: Sequence[MeasureDraft]) -> CommitmentDraft:
        """The commitment that the form describes."""
        values = self.changes
        parties = [*values.pop("leads"), *values.pop("partners")]
        return CommitmentDraft(
            self.cleaned_data["reference"],
            values,
            pillar=values.pop("pillar"),
            parties=parties,
            measures=measures,
        )


class MeasureForm(forms.Form):
    """One number that a commitment is judged by; with nothing in it, no measure."""

    name = forms.CharField(
        label="What is counted",
        max_length=200,
        required=False,
        help_text="Such as medical school places.",
    )
    target = forms.CharField(
        max_length=100, required=False, help_text="A number or a range, such as 1,300 or 9 to 10.5."
    )
    unit = forms.CharField(
        max_length=100, required=False, help_text="Such as places per year, %, £ million."
    )
    direction = forms.ChoiceField(
        label="It is reached with",
        choices=Direction.choices,
        initial=Direction.AT_LEAST,
        required=False,
    )
    rhythm = forms.ChoiceField(
        label="Figures are for",
        choices=[("", "Any day or period"), *Measure.Rhythm.choices],
        required=False,
    )
    baseline_value = forms.CharField(label="Starting value", max_length=30, required=False)
    baseline = FuzzyDateField(label="Starting date", required=False)

    def __init__(self, data: Any = None, *, measure: Measure | None = None) -> None:
        self.measure = measure
        prefix = f"measure-{measure.pk}" if measure else "measure-new"
        initial = _measure_initial(measure) if measure else {}
        super().__init__(data, prefix=prefix, initial=initial)

    def clean_baseline_value(self) -> Any:
        text = self.cleaned_data["baseline_value"]
        figure = parse_figure(text)
        if text and (figure.low is None or figure.high is not None):
            raise ValidationError(f'"{text}" is not one number. Use digits, such as 1500 or 2.5.')
        return figure.low

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        said = (cleaned.get(name) for name in ("target", "unit", "baseline_value", "baseline"))
        if not cleaned.get("name") and "name" not in self.errors and (self.measure or any(said)):
            self.add_error("name", "Say what is counted, such as medical school places.")
        return cleaned

    def draft(self) -> MeasureDraft | None:
        """The measure that the boxes describe; None when they are empty."""
        if not self.cleaned_data["name"]:
            return None
        target = self._target()
        return MeasureDraft(
            name=self.cleaned_data["name"],
            direction=self.cleaned_data["direction"] or Direction.AT_LEAST.value,
            baseline_value=self.cleaned_data["baseline_value"],
            baseline=self.cleaned_data["baseline"],
            rhythm=self.cleaned_data["rhythm"],
            pk=self.measure.pk if self.measure else None,
            **target,
        )

    def _target(self) -> dict[str, Any]:
        """The target's columns. Untouched, they stay as they are, the source's words among them."""
        text, unit = self.cleaned_data["target"], self.cleaned_data["unit"]
        if self.measure and "target" not in self.changed_data:
            names = ("target_low", "target_high", "qualifier", "target_text")
            return {name: getattr(self.measure, name) for name in names} | {"unit": unit}
        figure = parse_figure(text)
        unit, said = split_unit(unit or figure.unit_hint)
        return {
            "unit": unit,
            "target_low": figure.low,
            "target_high": figure.top,
            "qualifier": figure.qualifier or said,
            "target_text": text if figure.low is None else f"{text} {unit}".strip()[:100],
        }


def _measure_initial(measure: Measure) -> dict[str, Any]:
    number = measure.baseline_value
    return {
        "name": measure.name,
        "target": format_figure(measure.target_low, measure.target_high, measure.qualifier)
        or measure.target_text,
        "unit": measure.unit,
        "direction": measure.direction,
        "rhythm": measure.rhythm,
        "baseline_value": "" if number is None else format_number(number),
        "baseline": measure.baseline,
    }
