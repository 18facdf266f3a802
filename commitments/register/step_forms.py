"""What people type about milestones and figures."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from commitments.answering import answers
from commitments.fields import FuzzyDateField
from commitments.figures import read_number
from commitments.models import Commitment, Figure, Measure, Milestone
from commitments.register.actions import EXAMPLES, REPORTABLE, is_promised
from organisations.models import Membership, Organisation, User
from organisations.permissions import roles_of

LONGEST = 10_000
KINDS = {
    Figure.Kind.ACTUAL.value: "Actual: what was reached",
    Figure.Kind.TRAJECTORY.value: "Planned: what is meant to be reached by then",
}
SHORT = {"class": "nhsuk-input--width-20"}


class MilestoneForm(forms.Form):
    """A milestone. Who reports has the boxes of `REPORTABLE` only; a promised date that stands has
    no box, since it stays on record."""

    title = forms.CharField(max_length=300, help_text="What will have been done.")
    baseline = FuzzyDateField(
        label="First promised for",
        required=False,
        help_text="Such as 28/02/2027 or Q3 2026/27. It stays on record, whatever happens later.",
        widget=forms.TextInput(attrs=SHORT),
    )
    forecast = FuzzyDateField(
        label="Now expected",
        required=False,
        help_text="When it will be reached as things stand. Empty: as promised.",
        widget=forms.TextInput(attrs=SHORT),
    )
    state = forms.ChoiceField(choices=Milestone.State.choices)
    actual_on = forms.DateField(
        label="Reached on",
        required=False,
        help_text="Day/month/year. A day here makes it complete.",
        widget=forms.DateInput(attrs={"class": "nhsuk-input--width-10"}),
    )
    owner = forms.ModelChoiceField(
        User.objects.none(), required=False, help_text="Who is reminded of it."
    )
    organisation = forms.ModelChoiceField(Organisation.objects.none(), required=False)
    note = forms.CharField(
        required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )
    source = forms.CharField(required=False, max_length=LONGEST)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        commitment: Commitment,
        person: User,
        today: date,
        milestone: Milestone | None = None,
        may_edit: bool = True,
    ) -> None:
        names = [name for name in self.base_fields if name != "version"]
        initial = {name: getattr(milestone, name) for name in names} if milestone else {}
        if milestone:
            initial["version"] = milestone.version
        super().__init__(data, initial=initial)
        self.milestone, self.today = milestone, today
        for name in names:
            if self._is_left_out(name, may_edit):
                del self.fields[name]
        if milestone:
            # Most people come to move it, not to rename it.
            self.order_fields(["forecast", "state", "actual_on", "note"])
        if "owner" in self.fields:
            bodies = bodies_of(commitment, person, today)
            self._offer("organisation", bodies, milestone.organisation_id if milestone else None)
            self._offer("owner", people_of(bodies), milestone.owner_id if milestone else None)

    def _is_left_out(self, name: str, may_edit: bool) -> bool:
        if self.milestone is None:
            return name in ("forecast", "state", "actual_on")
        stands = self.milestone.baseline.is_dated and is_promised(self.milestone.commitment)
        if name == "baseline" and stands:
            return True
        return not may_edit and name not in REPORTABLE

    def _offer(self, name: str, rows: Any, present: int | None) -> None:
        """Offer these rows and the one that stands."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        model = field.queryset.model  # type: ignore[union-attr]
        field.queryset = model._default_manager.filter(Q(pk__in=rows.values("pk")) | Q(pk=present))
        field.empty_label = "Nobody" if name == "owner" else "None"

    def clean_actual_on(self) -> date | None:
        day: date | None = self.cleaned_data["actual_on"]
        if day and day > self.today:
            raise ValidationError(
                f"{day:%d/%m/%Y} is still to come. Give a day up to today, or leave it empty."
            )
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "state" not in self.fields or self.errors:
            return cleaned
        complete = Milestone.State.COMPLETE
        if cleaned["actual_on"] and "actual_on" in self.changed_data:
            cleaned["state"] = complete.value
        elif cleaned["state"] != complete:
            cleaned["actual_on"] = None
        elif not cleaned["actual_on"] and "state" in self.changed_data:
            self.add_error("actual_on", "Say on which day it was reached, such as 28/02/2026.")
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """The values as the actions take them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class FigureForm(forms.Form):
    """One value of a measure. `kinds` are those that the person may give. What was reached needs a
    source; what is planned is the organisation's own word."""

    kind = forms.ChoiceField(label="What it is", widget=forms.RadioSelect)
    value = forms.CharField(max_length=30, widget=forms.TextInput(attrs=SHORT))
    period = FuzzyDateField(
        label="For when",
        require_dated=True,
        help_text="Such as March 2026, Q3 2025/26 or 28/02/2026.",
        widget=forms.TextInput(attrs=SHORT),
    )
    source = forms.CharField(
        required=False,
        max_length=LONGEST,
        help_text="Such as a board paper, with its date. Needed for an actual.",
    )
    note = forms.CharField(
        required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )
    replace = forms.BooleanField(required=False, label="Replace what stands")

    def __init__(self, *args: Any, kinds: Sequence[str], measure: Measure, **options: Any) -> None:
        super().__init__(*args, **options)
        self.measure = measure
        if measure.rhythm:
            every = measure.get_rhythm_display().lower()
            self.fields["period"].help_text = f"Reported {every}: {EXAMPLES[measure.rhythm]}."
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(kind, KINDS[kind]) for kind in kinds]
        choice.initial = kinds[0]

    def clean_value(self) -> Any:
        return read_number(self.cleaned_data["value"], self.measure.unit)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Figure.Kind.ACTUAL and not cleaned.get("source"):
            self.add_error(
                "source", "Say where the actual comes from, such as a board paper, with its date."
            )
        return cleaned

    @property
    def asks_to_replace(self) -> bool:
        """Whether a value stands already, so that the box to replace it is worth showing."""
        return "Replace" in str(self.errors.get("value", "")) or bool(self.data.get("replace"))


def bodies_of(commitment: Commitment, person: User, today: date) -> Any:
    """The organisations that have to do with a commitment: its parties, who answers for them now,
    who keeps the plan, and the person's own."""
    parties = commitment.parties.select_related("organisation", "assigned_to")
    answering = {body.pk for answer in answers(parties, today) for body in answer.now}
    own = {membership.organisation_id for membership in roles_of(person, today)}
    return Organisation.objects.filter(
        Q(pk__in=commitment.parties.values("answering"))
        | Q(pk__in=answering | own | {commitment.plan.owner_id})
    )


def people_of(bodies: Any) -> Any:
    """Everybody with a role in one of these bodies."""
    held = Membership.objects.current().filter(organisation__in=bodies.values("pk"))
    return User.objects.filter(pk__in=held.values("user"))
