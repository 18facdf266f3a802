"""What people type about reminders."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from commitments.models import Ladder, Plan, Reminder, ReminderChoices
from commitments.models.reminding import LATEST
from organisations.models import Membership, User

NARROW = {"class": "nhsuk-input--width-5", "min": 1, "max": LATEST}
HOURS = [(hour, f"{hour % 12 or 12}{'am' if hour < 12 else 'pm'}") for hour in range(5, 22)]


class DaysField(forms.CharField):
    """Numbers of working days, such as "30, 7 and 1"."""

    def clean(self, value: Any) -> list[int]:
        text = super().clean(value)
        parts = [part for part in re.split(r"[\s,;]+|\band\b", text) if part]
        if wrong := next((part for part in parts if not re.fullmatch(r"\d{1,9}", part)), None):
            raise ValidationError(
                f'"{wrong}" is not a number of days. Use numbers with commas, such as 30, 7, 1.'
            )
        if 0 in (days := {int(part) for part in parts}):
            raise ValidationError("0 is the day itself: tick the box for it instead.")
        return sorted(days)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(day) for day in value) if isinstance(value, list) else value


class LadderForm(forms.Form):
    """When a plan reminds of its milestones and of the updates owed in its rounds."""

    milestone_before = DaysField(
        label="Working days before a milestone’s date",
        required=False,
        help_text="Numbers with commas, such as 30, 7, 1.",
    )
    milestone_on = forms.BooleanField(label="On the day of a milestone", required=False)
    milestone_after = DaysField(
        label="Working days after a milestone’s date, while it is open", required=False
    )
    milestone_escalation = forms.IntegerField(
        label="Escalate a milestone after this many working days",
        widget=forms.NumberInput(attrs=NARROW),
    )
    update_before = DaysField(
        label="Working days before a round closes, while an update is owed", required=False
    )
    update_on = forms.BooleanField(label="On the day a round closes", required=False)
    update_after = DaysField(label="Working days after a round has closed", required=False)
    update_escalation = forms.IntegerField(
        label="Escalate a missing update after this many working days",
        widget=forms.NumberInput(attrs=NARROW),
    )
    senior_owner = forms.ModelChoiceField(
        User.objects.none(),
        label="Senior responsible owner",
        required=False,
        empty_label="Nobody",
        help_text="Escalations go to this person too, besides the programme leads of the "
        "organisation that answers.",
    )

    def __init__(self, data: Any, *, ladder: Ladder, plan: Plan) -> None:
        initial: dict[str, Any] = {"senior_owner": ladder.senior_owner_id}
        for kind in ("milestone", "update"):
            days: list[int] = getattr(ladder, f"{kind}_days")
            initial[f"{kind}_before"] = [-day for day in sorted(days) if day < 0]
            initial[f"{kind}_on"] = 0 in days
            initial[f"{kind}_after"] = [day for day in sorted(days) if day > 0]
            initial[f"{kind}_escalation"] = getattr(ladder, f"{kind}_escalation")
        super().__init__(data, initial=initial)
        members = Membership.objects.current().filter(organisation=plan.owner_id)
        offered = User.objects.filter(pk__in=members.values("user"))
        if ladder.senior_owner_id:
            offered |= User.objects.filter(pk=ladder.senior_owner_id)
        field = self.fields["senior_owner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = offered

    @property
    def values(self) -> dict[str, Any]:
        """The answers as fields of a Ladder."""
        found = {"senior_owner": self.cleaned_data["senior_owner"]}
        for kind in ("milestone", "update"):
            before = [-day for day in self.cleaned_data[f"{kind}_before"]]
            on_day = [0] if self.cleaned_data[f"{kind}_on"] else []
            found[f"{kind}_days"] = before + on_day + self.cleaned_data[f"{kind}_after"]
            found[f"{kind}_escalation"] = self.cleaned_data[f"{kind}_escalation"]
        return found


class ChoicesForm(forms.Form):
    """How one wants to be reminded."""

    email = forms.MultipleChoiceField(
        label="By email",
        choices=Reminder.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Escalations always come by email: they are part of the duty. What is marked “at "
        "once” does not wait for the daily message.",
    )
    inbox = forms.MultipleChoiceField(
        label="In the inbox here",
        choices=Reminder.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    weekly = forms.ChoiceField(
        label="How often",
        choices=[("", "On every working day on which there is something"), ("yes", "Once a week")],
        required=False,
        widget=forms.RadioSelect,
    )
    digest_hour = forms.TypedChoiceField(
        label="From which hour", choices=HOURS, coerce=int, help_text="The time in London."
    )
    away_until = forms.DateField(
        label="Away up to and including",
        required=False,
        help_text="Day/month/year. Until then your reminders wait, but for escalations.",
        widget=forms.DateInput(attrs={"class": "nhsuk-input--width-10"}),
    )
    stand_in = forms.ModelChoiceField(
        User.objects.none(),
        label="Who stands in while you are away",
        required=False,
        empty_label="Nobody",
        help_text="They get your reminders, as far as they may see the commitments.",
    )

    mark_optional = False

    def __init__(self, data: Any, *, choices: ReminderChoices) -> None:
        kinds = Reminder.Kind.values
        super().__init__(
            data,
            initial={
                "email": [kind for kind in kinds if kind not in choices.no_email],
                "inbox": [kind for kind in kinds if kind not in choices.no_inbox],
                "weekly": "yes" if choices.weekly else "",
                "digest_hour": choices.digest_hour,
                "away_until": choices.away_until,
                "stand_in": choices.stand_in_id,
            },
        )
        own = Membership.objects.current().filter(user=choices.person_id)
        colleagues = Membership.objects.current().filter(
            organisation__in=own.values("organisation")
        )
        offered = User.objects.filter(pk__in=colleagues.values("user")).exclude(
            pk=choices.person_id
        )
        if choices.stand_in_id:
            offered |= User.objects.filter(pk=choices.stand_in_id)
        field = self.fields["stand_in"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = offered

    @property
    def values(self) -> dict[str, Any]:
        """The answers as fields of ReminderChoices."""
        given = self.cleaned_data
        kinds = Reminder.Kind.values
        return {
            "no_email": [kind for kind in kinds if kind not in given["email"]],
            "no_inbox": [kind for kind in kinds if kind not in given["inbox"]],
            "weekly": given["weekly"] == "yes",
            "digest_hour": given["digest_hour"],
            "away_until": given["away_until"],
            "stand_in": given["stand_in"],
        }
