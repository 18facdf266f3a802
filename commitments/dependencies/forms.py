"""Which milestone another one waits on."""

from collections.abc import Sequence
from typing import Any

from django import forms

from commitments.dates import format_fuzzy
from commitments.models import Milestone
from commitments.reasons import due


class AddForm(forms.Form):
    """One of the milestones that were found, and why it has to come first."""

    waits_on = forms.CharField(
        label="It waits on", max_length=18, error_messages={"required": "Choose a milestone."}
    )
    note = forms.CharField(
        required=False,
        max_length=1000,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Both sides read this. Such as: the passport needs the shared sign-in.",
    )

    def __init__(self, *args: Any, offered: Sequence[Milestone], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(str(row.pk), _words(row)) for row in offered]
        self.fields["waits_on"].widget = forms.RadioSelect(choices=choices)


def _words(row: Milestone) -> str:
    parts = [row.title, row.commitment.reference, str(row.organisation or row.commitment.title)]
    when = due(row)
    return " · ".join([*parts, f"expected {format_fuzzy(when)}" if when else "no date"])
