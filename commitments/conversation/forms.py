"""What people write."""

from collections.abc import Sequence
from typing import Any

from django import forms

from commitments.conversation.naming import Name
from commitments.models import Commitment, ProgressUpdate
from workforce_tracker.templatetags import words

NAMES_LISTED = 200
UPDATES_OFFERED = 10


class CommentForm(forms.Form):
    """A comment; names can be typed after an @, or chosen from the list."""

    text = forms.CharField(
        label="Your comment",
        strip=False,
        help_text="Write @ and a name to tell somebody.",
        error_messages={"required": "Write something first."},
        widget=forms.Textarea(attrs={"rows": 4, "data-names": ""}),
    )
    person = forms.ChoiceField(required=False, label="Or choose whom to tell")
    mark_optional = False

    def __init__(self, *args: Any, names: Sequence[Name] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.labels = {str(name.person.pk): name.label for name in names[:NAMES_LISTED]}
        choices = [("", "Nobody in particular")]
        for name in names[:NAMES_LISTED]:
            body = "" if not name.organisation or name.organisation in name.label else (
                f", {name.organisation}"
            )  # fmt: skip
            choices.append((str(name.person.pk), f"{name.label}{body}"))
        self.fields["person"].choices = choices  # type: ignore[attr-defined]
        if not self.labels:
            del self.fields["person"]

    @property
    def words(self) -> str:
        """The text, with whoever was chosen from the list named in it."""
        text = self.cleaned_data["text"]
        label = self.labels.get(self.cleaned_data.get("person", ""))
        return text if not label or f"@{label}" in text else f"@{label} {text}"


class ThreadForm(CommentForm):
    """The first comment of a thread, and what it is about."""

    about = forms.ChoiceField(required=False, label="What it is about")
    field_order = ("about", "text", "person")

    def __init__(self, *args: Any, commitment: Commitment, **options: Any) -> None:
        super().__init__(*args, **options)
        updates = commitment.updates.standing().select_related("organisation")[:UPDATES_OFFERED]
        self.updates = {str(update.pk): update for update in updates}
        choices = [("", "The whole commitment")]
        choices += [(key, about_in_words(update)) for key, update in self.updates.items()]
        self.fields["about"].choices = choices  # type: ignore[attr-defined]
        if not self.updates:
            del self.fields["about"]

    @property
    def update(self) -> ProgressUpdate | None:
        """The update that it is about, once the form is clean."""
        return self.updates.get(self.cleaned_data.get("about", ""))


class EditForm(CommentForm):
    """Other words for a comment. `seen` is when it had last been changed."""

    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)


def about_in_words(update: ProgressUpdate) -> str:
    """An update as a choice and a heading name it."""
    return f"Update of {update.organisation}, {words.day(update.submitted_at)}"
