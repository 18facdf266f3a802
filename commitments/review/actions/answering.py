"""Give and change the answer of one's own organisation, to one update or to several at once."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from commitments.models import Commitment, Dispute, ProgressUpdate, Review
from commitments.register.actions import writes
from commitments.review.actions.asking import follow_organisations
from commitments.review.actions.keeping import (
    end_dispute,
    keep_joint_state,
    locked,
    touched_by,
)
from commitments.review.asking import body_now, is_frozen
from commitments.review.queries import plain
from commitments.review.states import REVIEW
from organisations.models import User

WORDS = ("comment", "reason", "would_change")
NEEDED = {
    "agree": {},
    "comment": {"comment": "Write the comment, or choose “Agree”."},
    "disagree": {
        "reason": "Say why you disagree.",
        "would_change": "Say what would change your mind.",
    },
}


class AnsweredMeanwhile(Exception):
    """Somebody of the same organisation answered since the page was opened; nothing was written.

    `review` is the answer that stands, with `answered_by`. Whoever wants to change it says so with
    its version.
    """

    def __init__(self, review: Review) -> None:
        self.review = review
        super().__init__(f"{review.answered_by} has answered meanwhile.")


def words_missing(answer: str, said: Mapping[str, str]) -> dict[str, str]:
    """What an answer needs and has not got, by field, in words."""
    if answer not in NEEDED:
        return {"answer": "Choose “Agree”, “Agree, with a comment” or “Disagree”."}
    return {name: text for name, text in NEEDED[answer].items() if not said.get(name, "").strip()}


@writes
def answer(
    *,
    by: User,
    review: Review,
    base_version: int,
    answer: str,
    comment: str = "",
    reason: str = "",
    would_change: str = "",
    today: date,
) -> Review:
    """Answer an update for one's own organisation, or change its answer: `answer` is "agree",
    "comment" or "disagree". The same again changes nothing.

    A given answer may be changed until its round is frozen; one that never came may be given at any
    time, and is marked late. Raises AnsweredMeanwhile where the answer is not the one of
    `base_version`; ValidationError by field, or in words where nothing can be answered any more;
    PermissionDenied for anybody but a reviewer of the organisation.
    """
    update = locked(review.update_id)
    _require(by, review, update, today)
    row = _current(review, update, today)
    said = _said(answer, {"comment": comment, "reason": reason, "would_change": would_change})
    target = REVIEW.target(answer, row.state)
    if (row.state, *(getattr(row, name) for name in WORDS)) == (target, *said.values()):
        return row
    if row.state in Review.GIVEN and is_frozen(update):
        raise ValidationError("The round is closed, so an answer that was given stays as it is.")
    # What the product did to an answer nobody has given (silence, a later day) is no other view.
    if row.state in Review.GIVEN and row.version != base_version:
        raise AnsweredMeanwhile(row)
    had = row.state
    row.state, row.answered_by, row.answered_at = target, by, timezone.now()
    row.is_late = today > row.due_on
    row.differs_by = row.differs_at = None
    for name, text in said.items():
        setattr(row, name, text)
    row.save()
    row.refresh_from_db()
    _open_or_settle(update, had, row, by)
    keep_joint_state(touched_by(update))
    return row


@writes
def agree_to_plain(
    *, by: User, versions: Mapping[int, int], comment: str = "", today: date
) -> tuple[int, int]:
    """Agree at once to updates that are unchanged and green on both ratings, as they were on the
    list that the person read: `versions` has each answer's key and its version. With a comment it
    is "agree, with a comment".

    Gives how many were agreed, and how many were left out because they are no longer such.
    """
    rows = plain(Review.objects.answerable_by(by, today).awaited(), today)
    found = rows.filter(pk__in=versions, update__commitment__in=_visible(by, today))
    in_order = list(found.order_by("update__commitment", "pk"))
    done = 0
    for row in in_order:
        if row.version == versions[row.pk]:
            answer(
                by=by,
                review=row,
                base_version=row.version,
                answer="comment" if comment.strip() else "agree",
                comment=comment,
                today=today,
            )
            done += 1
    return done, len(versions) - done


def _visible(by: User, today: date):  # type: ignore[no-untyped-def]
    return Commitment.objects.visible_to(by, today).values("pk")


def _require(by: User, review: Review, update: ProgressUpdate, today: date) -> None:
    mine = Review.objects.filter(pk=review.pk, update__commitment__in=_visible(by, today))
    if mine.answerable_by(by, today).exists():
        return
    if update.author_id == by.pk:
        raise ValidationError(
            "You submitted this update, so another reviewer of your organisation answers it."
        )
    raise PermissionDenied


def _current(review: Review, update: ProgressUpdate, today: date) -> Review:
    """The answer to be given now: after a rename it is the successor's."""
    if update.state != ProgressUpdate.State.SUBMITTED:
        now = update.get_state_display().lower()
        raise ValidationError(f"This update is now: {now}. There is nothing to answer any more.")
    row = update.reviews.select_related("organisation", "answered_by").get(pk=review.pk)
    if row.organisation.is_closed(today) or update.organisation.is_closed(today):
        follow_organisations(update, today)
        row.refresh_from_db()
        heirs = update.reviews.filter(organisation=body_now(row.organisation, today))
        if row.state == Review.State.DROPPED:
            row = heirs.exclude(pk=row.pk).first() or row
    if row.state == Review.State.DROPPED:
        reason = row.dropped_reason.rstrip(".")
        raise ValidationError(f"{reason}. There is nothing to answer any more.")
    return row


def _said(answer: str, said: Mapping[str, str]) -> dict[str, str]:
    """The words that belong to an answer; the others are left empty."""
    if missing := words_missing(answer, said):
        raise ValidationError(missing)
    return {name: said[name].strip() if name in NEEDED[answer] else "" for name in WORDS}


def _open_or_settle(update: ProgressUpdate, had: str, row: Review, by: User) -> None:
    """A new disagreement opens a dispute, unless one goes on; the last one to go ends it."""
    disputes = Dispute.objects.open().filter(commitment=update.commitment_id)
    disagrees = row.state == Review.State.DISAGREED
    if disagrees and had != Review.State.DISAGREED and not disputes.exists():
        Dispute.objects.create(
            commitment=update.commitment, update=update, is_demonstration=update.is_demonstration
        )
    others = update.reviews.filter(state=Review.State.DISAGREED)
    if not disagrees and had == Review.State.DISAGREED and not others.exists():
        for dispute in disputes.filter(update=update):
            end_dispute(dispute, "settle", by)
