"""The form of a change of organisations."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from organisations.kinds import COUNCIL_KINDS, Kind
from organisations.matching import OrganisationMatcher
from organisations.models import Organisation, Succession
from organisations.succession.queries import Reorganisation

KIND_WORDS = (
    (Succession.Kind.MERGER, "Merger: one or more bodies become part of one"),
    (Succession.Kind.RENAME, "Rename: a body goes on under another name and code"),
    (Succession.Kind.SPLIT, "Split: a body is divided between several"),
    (Succession.Kind.TRANSFER, "Transfer: a body hands everything to one of another kind"),
)
MOST_SUGGESTED = 3


class BodiesField(forms.CharField):
    """Organisations, one a line, by code or name; never guessed."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> tuple[Organisation, ...]:
        """The bodies, in the order given. Raises ValidationError with the closest names."""
        lines = [line.strip() for line in super().clean(value).splitlines()]
        lines = [line for line in lines if line]
        matcher = OrganisationMatcher.load() if lines else None
        found, problems = [], []
        for line in lines:
            match = matcher.match(line) if matcher else None
            if match and match.organisation:
                found.append(match.organisation)
                continue
            close = match.candidates[:MOST_SUGGESTED] if match else []
            near = " or ".join(f"{body} ({body.code})" for body in close)
            problems.append(
                f"“{line}” is not in the register." + (f" Did you mean {near}?" if near else "")
            )
        if problems:
            raise ValidationError(problems)
        return tuple(found)


class SuccessionForm(forms.Form):
    """Who takes over from whom, and when."""

    kind = forms.ChoiceField(label="What happens", choices=KIND_WORDS, widget=forms.RadioSelect)
    on = forms.DateField(
        label="First day of the new arrangement",
        help_text="The bodies that close have the day before as their last. For example, 1/4/2027.",
        input_formats=["%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d.%m.%Y"],
        error_messages={"invalid": "Give a day as day, month and year, such as 1/4/2027."},
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"class": "nhsuk-input--width-10"}),
    )
    predecessors = BodiesField(
        label="Bodies that close", help_text="One a line, by code or by name."
    )
    successors = BodiesField(
        label="Bodies in the register that take over",
        help_text="One a line. Leave empty if only new bodies take over.",
        required=False,
    )
    note = forms.CharField(label="Why, or where it is published", max_length=500, required=False)


class NewBodyForm(forms.Form):
    """A body that opens with the change."""

    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$",
        help_text="From the Organisation Data Service or the Office for National Statistics.",
        error_messages={
            "invalid": "Use up to 20 letters, figures, dots, dashes and underscores for the code."
        },
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10"}),
    )
    name = forms.CharField(max_length=200)
    body_kind = forms.ChoiceField(label="Kind", choices=[("", "Choose one"), *Kind.choices])
    parent = forms.CharField(
        label="Stands below",
        help_text="The board of a trust or the region of a board, by code or name.",
        required=False,
    )

    def clean_parent(self) -> Organisation | None:
        """The body it stands below."""
        bodies = BodiesField(required=False).clean(self.cleaned_data["parent"])
        if len(bodies) > 1:
            raise ValidationError("Name one body.")
        return bodies[0] if bodies else None

    def body(self) -> Organisation | None:
        """The body as it would open; None where nothing was filled in."""
        given = self.cleaned_data
        if not given:
            return None
        return Organisation(
            code=given["code"],
            code_system="ONS-GSS" if given["body_kind"] in COUNCIL_KINDS else "ODS",
            name=given["name"],
            kind=given["body_kind"],
            parent=given["parent"],
            source="Registered with a change of organisations",
        )


NewBodies = forms.formset_factory(NewBodyForm, extra=2, max_num=6)


def reorganisation(form: SuccessionForm, new: Any) -> Reorganisation:
    """The change that valid forms describe."""
    given = form.cleaned_data
    opened = [body for body in (one.body() for one in new.forms) if body]
    return Reorganisation(
        kind=given["kind"],
        on=given["on"],
        predecessors=given["predecessors"],
        successors=(*given["successors"], *opened),
        note=given["note"],
    )
