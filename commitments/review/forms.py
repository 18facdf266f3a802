"""Forms of the desk: the answer, the end of a dispute, saved comments, and how the queue is
narrowed."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from commitments.models import Plan, Review, SectorComment
from commitments.models.progress import DECLARED_RATINGS
from commitments.review.queries import ANSWERED, AWAITED, DISPUTED, SILENT
from organisations.models import Organisation, User

ANSWERS = (
    ("agree", "Agree"),
    ("comment", "Agree, with a comment"),
    ("disagree", "Disagree"),
)
ANSWER_OF = {
    Review.State.AGREED: "agree",
    Review.State.COMMENTED: "comment",
    Review.State.DISAGREED: "disagree",
}
LONGEST = 5_000


def _words(label: str, rows: int = 3, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
        **options,
    )


class AnswerForm(forms.Form):
    """One organisation's answer to an update; `version` is the answer that the page shows."""

    mark_optional = False

    version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(label="Your answer", choices=ANSWERS, widget=forms.RadioSelect)
    saved = forms.ModelChoiceField(
        label="A comment kept for use again",
        queryset=SectorComment.objects.none(),
        required=False,
        empty_label="None",
        help_text="It goes before what you write below.",
    )
    comment = _words("Comment", help_text="With “Agree, with a comment”.")
    reason = _words("Why you disagree", help_text="With “Disagree”.")
    would_change = _words("What would change your mind", help_text="With “Disagree”.")

    def __init__(self, data: Any = None, *, review: Review, **options: Any) -> None:
        initial = {
            "version": review.version,
            "answer": ANSWER_OF.get(Review.State(review.state), ""),
            "comment": review.comment,
            "reason": review.reason,
            "would_change": review.would_change,
        }
        super().__init__(data, initial=initial, prefix=f"r{review.pk}", **options)
        self.review = review
        kept = SectorComment.objects.filter(organisation=review.organisation_id)
        self.fields["saved"].queryset = kept  # type: ignore[attr-defined]
        if data is None and not kept.exists():
            del self.fields["saved"]

    @property
    def said(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        kept: SectorComment | None = given.get("saved")
        comment = "\n\n".join(
            text for text in (kept.text if kept else "", given["comment"]) if text
        )
        return {
            "base_version": given["version"],
            "answer": given["answer"],
            "comment": comment if given["answer"] == "comment" else "",
            "reason": given["reason"],
            "would_change": given["would_change"],
        }


class DifferForm(forms.Form):
    """How both views stand beside each other; without words it is a yes to those that stand."""

    note = _words("How both views stand beside each other")


class EscalateForm(forms.Form):
    """Who is to decide, and what."""

    to = forms.ModelMultipleChoiceField(
        label="Who is to decide",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="People of the organisations concerned, all of whom may see this commitment.",
        error_messages={"required": "Choose who is to decide."},
    )
    note = forms.CharField(
        label="What they are to decide",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what they are to decide."},
    )

    def __init__(self, data: Any = None, *, people: list[User]) -> None:
        super().__init__(data)
        field = self.fields["to"]
        field.queryset = User.objects.filter(pk__in=[person.pk for person in people])  # type: ignore[attr-defined]
        field.choices = [(p.pk, f"{p.name or p.email}, {p.bodies}") for p in people]  # type: ignore[attr-defined]


class CommentForm(forms.ModelForm):
    """A comment that is kept for use again."""

    class Meta:
        model = SectorComment
        fields = ("title", "text")
        labels = {"text": "Comment"}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"title": "To find it by, such as “Welcome, with councils at the table”"}

    def validate_unique(self) -> None:
        """The action looks for it, in words."""


class PlainForm(forms.Form):
    """With the answers that are agreed to at once."""

    saved = forms.ModelChoiceField(
        label="A comment kept for use again",
        queryset=SectorComment.objects.none(),
        required=False,
        empty_label="None",
    )
    comment = _words("Comment on all of them")

    def __init__(self, data: Any = None, *, kept: QuerySet[SectorComment]) -> None:
        super().__init__(data)
        self.fields["saved"].queryset = kept  # type: ignore[attr-defined]

    @property
    def said(self) -> str:
        kept: SectorComment | None = self.cleaned_data["saved"]
        texts = (kept.text if kept else "", self.cleaned_data["comment"])
        return "\n\n".join(text for text in texts if text)


class QueueForm(forms.Form):
    """How the queue is narrowed. What cannot be read narrows nothing."""

    mark_optional = False

    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=(
            (AWAITED, "Awaited"),
            (ANSWERED, "Answered"),
            (SILENT, "No answer given"),
            (DISPUTED, "Disputed"),
        ),
    )
    system = forms.ModelChoiceField(
        Organisation.objects.none(), to_field_name="code", required=False, empty_label="Any"
    )
    council = forms.ModelChoiceField(
        Organisation.objects.none(), to_field_name="code", required=False, empty_label="Any"
    )
    plan = forms.ModelChoiceField(
        Plan.objects.none(), to_field_name="code", required=False, empty_label="Any"
    )
    rating = forms.ChoiceField(
        label="Declared rating", required=False, choices=[("", "Any"), *DECLARED_RATINGS]
    )

    def __init__(
        self,
        data: Any,
        *,
        systems: QuerySet[Organisation],
        councils: QuerySet[Organisation],
        plans: QuerySet[Plan],
    ) -> None:
        super().__init__(data)
        for name, rows in (("system", systems), ("council", councils), ("plan", plans)):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """What was chosen and could be read, by name."""
        self.is_valid()
        names = ("system", "council", "plan", "rating")
        return {name: value for name in names if (value := self.cleaned_data.get(name))}

    @property
    def show_now(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("show") or AWAITED
