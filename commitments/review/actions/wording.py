"""Comments that an organisation keeps and uses again in its answers to several commitments."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError

from commitments.models import SectorComment
from commitments.register.actions import writes
from organisations.models import Organisation, User
from organisations.permissions import Capability, holds


@writes
def keep_comment(
    *,
    by: User,
    organisation: Organisation,
    title: str,
    text: str,
    comment: SectorComment | None = None,
    today: date,
) -> SectorComment:
    """Add a comment for a reviewer's organisation, or change `comment` of it. Answers that used its
    words keep them. Raises ValidationError by field, and PermissionDenied."""
    _require(by, organisation, today)
    if comment is not None and comment.organisation_id != organisation.pk:
        raise PermissionDenied
    row = comment or SectorComment(organisation=organisation)
    row.title, row.text, row.written_by = title.strip(), text.strip(), by
    problems = {}
    if not row.title:
        problems["title"] = "Give it a title to find it by."
    if not row.text:
        problems["text"] = "Write the comment."
    same = SectorComment.objects.filter(organisation=organisation, title__iexact=row.title)
    if same.exclude(pk=row.pk).exists():
        problems["title"] = f"There is a comment “{row.title}” already. Use another title."
    if problems:
        raise ValidationError(problems)
    row.save()
    return row


@writes
def remove_comment(*, by: User, comment: SectorComment, today: date) -> None:
    """Take a comment off the list; answers that used its words keep them."""
    _require(by, comment.organisation, today)
    comment.delete()


def _require(by: User, organisation: Organisation, today: date) -> None:
    if not holds(by, Capability.REVIEW, organisation, today):
        raise PermissionDenied
