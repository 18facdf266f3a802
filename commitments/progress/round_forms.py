"""What people type about reporting rounds."""

from typing import Any

from django import forms

from commitments.models import Round

DAY = {"class": "nhsuk-input--width-10"}


def _day(label: str, hint: str, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs=DAY)
    return forms.DateField(label=label, help_text=hint, widget=widget, required=required)


def _reason(hint: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label="Why", help_text=hint, max_length=2000, widget=widget)


class RoundForm(forms.Form):
    """A reporting round."""

    name = forms.CharField(max_length=100, help_text="Such as Round 3, autumn 2026.")
    cadence = forms.ChoiceField(label="How often", choices=Round.Cadence.choices)
    opens_on = _day("First day", "Day/month/year.")
    closes_on = _day("Last day", "Updates are due by the end of this day.")
    answers_due_on = _day(
        "Last day for answers",
        "By then partners of joint commitments answer, and late updates are taken. Then the "
        "round is frozen. Empty: 5 working days after the last day.",
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.is_bound and not self.initial.get("cadence"):
            self.initial["cadence"] = Round.Cadence.AD_HOC


class ExtendForm(forms.Form):
    """A later last day."""

    closes_on = _day("New last day", "Day/month/year. The answers move with it.")
    reason = _reason("Everybody who reports reads it on the page of the round.")


class ReopenForm(forms.Form):
    """More time for a frozen round."""

    answers_due_on = _day("Open again until", "Day/month/year. Then it is frozen anew.")
    reason = _reason("It stays on the page of the round.")
