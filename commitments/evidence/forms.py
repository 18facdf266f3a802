"""What people give as evidence, and why they take it away or no longer vouch for it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from commitments.evidence.actions import About
from commitments.evidence.kinds import KINDS, TAKEN
from commitments.evidence.queries import about_in_words
from commitments.evidence.receiving import max_bytes, too_big
from commitments.models import Commitment, Evidence

UPDATES_OFFERED = 10
STRENGTHS = {
    Evidence.Strength.DOCUMENT: "A document that shows it",
    Evidence.Strength.SELF_DECLARED: "What we say ourselves",
    Evidence.Strength.NONE: "Not said",
}


class EvidenceForm(forms.Form):
    """A file or a link, what it is about, and how strong it is."""

    mark_optional = False
    about = forms.ChoiceField(label="What it is about")
    file = forms.FileField(
        required=False,
        label="File",
        allow_empty_file=True,  # said in our own words
        widget=forms.FileInput(attrs={"accept": ",".join(KINDS)}),
    )
    url = forms.CharField(
        required=False,
        max_length=1000,
        label="Or a link",
        help_text="A web address that starts with https:// or http://.",
        widget=forms.URLInput,
    )
    title = forms.CharField(
        required=False,
        max_length=200,
        help_text="What people will see. A file goes by its own name when this is empty.",
    )
    strength = forms.ChoiceField(
        label="What kind of evidence it is",
        choices=list(STRENGTHS.items()),
        initial=Evidence.Strength.DOCUMENT,
        widget=forms.RadioSelect,
        help_text="Another organisation can verify it afterwards.",
    )

    def __init__(
        self, *args: Any, commitment: Commitment, too_big_name: str = "", **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.too_big_name = too_big_name
        self.fields[
            "file"
        ].help_text = f"{TAKEN}, up to {max_bytes() // 1024 // 1024} MB. No macros."
        self.places: dict[str, About] = {"": About()}
        offered = [("", about_in_words(None, None))]
        for milestone in commitment.milestones.all():
            self.places[f"milestone-{milestone.pk}"] = About(milestone=milestone)
            offered.append((f"milestone-{milestone.pk}", about_in_words(milestone, None)))
        updates = commitment.updates.standing().select_related("organisation")
        for update in updates[:UPDATES_OFFERED]:
            self.places[f"update-{update.pk}"] = About(update=update)
            offered.append((f"update-{update.pk}", about_in_words(None, update)))
        self.fields["about"].choices = offered  # type: ignore[attr-defined]
        self.fields["about"].required = False

    def clean_url(self) -> str:
        """An address that a browser may follow: http or https, without a password in it."""
        url = self.cleaned_data["url"].strip()
        if not url:
            return ""
        try:
            URLValidator(schemes=["http", "https"])(url)
        except ValidationError as problem:
            raise ValidationError(
                f"“{url[:60]}” is not a web address. Use one such as https://example.org/report."
            ) from problem
        if "@" in url.split("//", 1)[1].split("/", 1)[0]:
            raise ValidationError("This link carries a name or password. Take it out of the link.")
        return url

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.too_big_name:
            self.add_error("file", too_big(f"“{self.too_big_name}”"))
            return cleaned
        file, url = cleaned.get("file"), cleaned.get("url")
        if "file" in self.errors or "url" in self.errors:
            return cleaned
        if file and url:
            self.add_error("url", "Give a file or a link, not both. Add the other one afterwards.")
        elif not file and not url:
            self.add_error("file", "Choose a file, or give a link.")
        elif url and not cleaned.get("title"):
            self.add_error("title", "Say what the link leads to.")
        return cleaned

    @property
    def about_what(self) -> About:
        """What it belongs to, once the form is clean."""
        return self.places[self.cleaned_data["about"]]


class ReasonForm(forms.Form):
    """Why a piece of evidence is removed, or what was `done` to it instead."""

    reason = forms.CharField(
        max_length=2000,
        help_text="It stays in the history.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, done: str = "removed", **options: Any) -> None:
        super().__init__(*args, **options)
        reason = self.fields["reason"]
        reason.label = f"Why it is {done}"
        reason.error_messages["required"] = f"Say why it is {done}: it stays in the history."
