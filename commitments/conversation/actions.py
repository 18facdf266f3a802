"""Write, change, take back, resolve: everything that changes a comment."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from commitments.conversation.naming import may_be_named, named_in, offered, require_sight
from commitments.conversation.queries import may_comment, may_resolve
from commitments.models import Comment, Commitment, Mention, ProgressUpdate
from commitments.register.actions.permission import require, writes
from organisations.models import Organisation, User
from workforce_tracker.templatetags import words

LONGEST = 5_000
# The same words by the same person within this many seconds are a second click.
CLICKS = 60


class EditedMeanwhile(ValidationError):
    """Somebody, perhaps the same person in another window, has changed the comment. `stands` is how
    it reads now."""

    def __init__(self, stands: Comment) -> None:
        super().__init__(
            f"This comment was changed {words.moment(stands.edited_at)}, after you opened it. It "
            "now reads as shown below. Nothing was saved: change your words and save again, or "
            "leave it as it is."
        )
        self.stands = stands


@writes
def write(
    *,
    by: User,
    commitment: Commitment,
    text: str,
    organisation: Organisation | None = None,
    update: ProgressUpdate | None = None,
    answers: Comment | None = None,
    today: date,
) -> Comment:
    """Say something about a commitment, about an update of it, or in answer to somebody.

    An answer to an answer belongs to the same thread, and one to a resolved thread opens it again.
    The same words once more within a minute give the comment that stands. Raises ValidationError
    (of `text`) and PermissionDenied.
    """
    commitment = _locked(commitment)
    _require_sight(by, commitment, today)
    first = _first_of(answers) if answers else None
    for thing in (update, first):
        if thing is not None and thing.commitment_id != commitment.pk:
            raise PermissionDenied
    about = first.update if first else update
    text = _tidy(text)
    if there := _just_said(by, commitment, text, first):
        return there
    named = _named(text, by, commitment, today)
    made = Comment.objects.create(
        commitment=commitment,
        update=about,
        answers=first,
        author=by,
        organisation=organisation,
        text=text,
    )
    Mention.objects.bulk_create(Mention(comment=made, person=person) for person in named)
    if first is not None and first.resolved_at:
        _set_resolved(first, None)
    return made


@writes
def edit(*, by: User, comment: Comment, text: str, seen: datetime | None, today: date) -> Comment:
    """Word one's own comment differently; the history keeps the earlier wording. `seen` is when it
    had last been changed as its author had it before them.

    Who was named stays named where the name still stands; who is named newly is told. Raises
    EditedMeanwhile, ValidationError (of `text`) and PermissionDenied.
    """
    _locked(comment.commitment)
    row = _own(by, comment, today)
    text = _tidy(text)
    if row.text == text:
        return row
    if row.edited_at != seen:
        raise EditedMeanwhile(row)
    before = list(row.mentions.all())
    named = _named(text, by, row.commitment, today, before)
    row.text, row.edited_at = text, timezone.now()
    row.save(update_fields=["text", "edited_at"])
    row.mentioned.exclude(person__in=named).delete()
    Mention.objects.bulk_create(
        Mention(comment=row, person=person) for person in named if person not in before
    )
    return row


@writes
def take_back(*, by: User, comment: Comment, today: date) -> Comment:
    """Take one's own comment back: its place stays, its words are in the history only. Twice is as
    good as once. Raises PermissionDenied."""
    _locked(comment.commitment)
    if comment.removed_at and comment.author_id == by.pk:
        return comment
    row = _own(by, comment, today)
    row.text, row.removed_at = "", timezone.now()
    row.save(update_fields=["text", "removed_at"])
    row.mentioned.all().delete()
    return row


@writes
def resolve(*, by: User, comment: Comment, today: date) -> Comment:
    """Say that a thread is resolved. Whoever comes second changes nothing. Raises
    PermissionDenied."""
    return _resolve(by, comment, today, by)


@writes
def reopen(*, by: User, comment: Comment, today: date) -> Comment:
    """Open a resolved thread again. Raises PermissionDenied."""
    return _resolve(by, comment, today, None)


def mark_seen(*, by: User, comments: Iterable[int], now: datetime) -> None:
    """Note that a person has been shown these comments, where they name them."""
    unseen = Mention.objects.filter(person=by, seen_at__isnull=True, comment__in=list(comments))
    unseen.update(seen_at=now)


# --- inside ---------------------------------------------------------------------------------------
def _locked(commitment: Commitment) -> Commitment:
    rows = Commitment.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("plan").get(pk=commitment.pk)


def _first_of(comment: Comment) -> Comment:
    """The first remark of a comment's thread, as it stands now."""
    rows = Comment.objects.select_for_update(of=("self",)).select_related("update")
    return rows.get(pk=comment.answers_id or comment.pk)


def _require_sight(by: User, commitment: Commitment, today: date) -> None:
    seen = Commitment.objects.visible_to(by, today).filter(pk=commitment.pk)
    require(may_comment(by, today) and seen.exists())


def _own(by: User, comment: Comment, today: date) -> Comment:
    """The comment as it stands now, when it is this person's and has not been taken back."""
    row = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    _require_sight(by, comment.commitment, today)
    require(row.author_id == by.pk and row.removed_at is None)
    return row


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise ValidationError({"text": "Write something first."})
    if len(text) > LONGEST:
        raise ValidationError(
            {"text": f"This has {len(text):,} characters. Use {LONGEST:,} at most."}
        )
    return text


def _named(
    text: str, by: User, commitment: Commitment, today: date, known: Iterable[User] = ()
) -> list[User]:
    """Whom a text names, the author left out."""
    known = list(known)
    if "@" not in text:
        return []
    names = offered(may_be_named(commitment, by, today), today)
    try:
        named = named_in(text, names, [*known, by])
        require_sight([person for person in named if person not in known], commitment, today)
    except ValidationError as refused:
        raise ValidationError({"text": refused.messages}) from refused
    return [person for person in named if person.pk != by.pk]


def _just_said(
    by: User, commitment: Commitment, text: str, first: Comment | None
) -> Comment | None:
    latest = commitment.comments.filter(author=by).order_by("-written_at", "-pk").first()
    if latest is None or latest.text != text or latest.answers_id != (first.pk if first else None):
        return None
    age = timezone.now() - latest.written_at
    return latest if age.total_seconds() < CLICKS else None


def _resolve(by: User, comment: Comment, today: date, person: User | None) -> Comment:
    commitment = _locked(comment.commitment)
    _require_sight(by, commitment, today)
    first = _first_of(comment)
    first.commitment = commitment
    require(may_resolve(by, first, today))
    if (first.resolved_at is None) == (person is not None):
        _set_resolved(first, person)
    return first


def _set_resolved(first: Comment, person: User | None) -> None:
    first.resolved_by = person
    first.resolved_at = timezone.now() if person else None
    first.save(update_fields=["resolved_by", "resolved_at"])
