"""What people write when they ask for a move, decide on one, or object to one."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from commitments.changing.queries import Promise
from commitments.fields import FuzzyDateField
from commitments.figures import explain_unit, parse_figure
from commitments.models import Measure

LONGEST = 10_000
SHORT = {"class": "nhsuk-input--width-20"}
DECISIONS = (("approve", "Approve: the promise moves now"), ("refuse", "Refuse: it stays as it is"))


class TargetField(forms.CharField):
    """A target as people write it: a number or a range, in the measure's own unit. `clean` gives
    (low, high)."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        unit = f" It is counted in {measure.unit}." if measure.unit else ""
        super().__init__(
            label="New target",
            max_length=60,
            help_text=f"A number, or a range such as 9–10.5.{unit}",
            widget=forms.TextInput(attrs=SHORT),
        )

    def clean(self, value: Any) -> tuple[Decimal, Decimal]:
        text = super().clean(value)
        figure = parse_figure(text)
        if figure.low is None or figure.top is None:
            raise ValidationError(
                f'"{text}" is not a number or a range. Use digits, such as 1,500 or 9–10.5.'
            )
        if problem := explain_unit(figure, self.measure.unit):
            raise ValidationError(problem)
        return figure.low, figure.top


class AskForm(forms.Form):
    """A request to move one promise."""

    reason = forms.CharField(
        label="Why it has to move",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What has changed since it was promised. Whoever decides reads this, and it "
        "stays on record.",
    )

    def __init__(self, *args: Any, promise: Promise, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"] = (
            TargetField(promise.measure)
            if promise.measure
            else FuzzyDateField(
                label="New date",
                require_dated=True,
                help_text="Such as 28/02/2027, Q3 2026/27 or 2031/32.",
                widget=forms.TextInput(attrs=SHORT),
            )
        )
        self.order_fields(["to", "reason"])

    @property
    def wanted(self) -> dict[str, Any]:
        """The values as `ask` takes them."""
        values = {"reason": self.cleaned_data["reason"]}
        to = self.cleaned_data["to"]
        return values | ({"low": to[0], "high": to[1]} if isinstance(to, tuple) else {"to": to})


class DecideForm(forms.Form):
    """A decision; the note is needed to refuse, and to approve where somebody objects."""

    decision = forms.ChoiceField(label="Your decision", choices=DECISIONS, widget=forms.RadioSelect)
    note = forms.CharField(
        label="Why",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed to refuse it, and to approve it where an organisation objects.",
    )
    mark_optional = False


class ObjectForm(forms.Form):
    """An objection."""

    reason = forms.CharField(
        label="Why your organisation does not agree",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It does not stop the decision: whoever approves it has to answer this.",
    )
