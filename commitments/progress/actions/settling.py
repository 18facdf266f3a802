"""Send an update back with reasons, or take one's own back. Its words stay on record."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from commitments.models import Commitment, ProgressUpdate, Review, Round
from commitments.progress.actions.saying import require_reporter
from commitments.progress.states import UPDATE
from commitments.register.actions.permission import may_edit, require, writes
from commitments.review import actions as reviews
from organisations.models import User
from workforce_tracker.templatetags import words


@writes
def return_update(*, by: User, update: ProgressUpdate, reason: str, today: date) -> ProgressUpdate:
    """Send an update back to its organisation: it counts no more, and its next version is owed.

    Raises ValidationError (no reason; not in force any more; its round is frozen), and
    PermissionDenied for whoever may not edit the commitment or wrote the update.
    """
    row = _locked(update)
    require(may_edit(by, row.commitment, today))
    if row.author_id == by.pk:
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": "Say what has to change before it can count."})
    _settle(row, "return", by, reason.strip())
    reviews.forget(update=row, reason="The update was sent back", by=by, today=today)
    return row


@writes
def withdraw_update(
    *, by: User, update: ProgressUpdate, reason: str = "", today: date
) -> ProgressUpdate:
    """Take an update of one's own organisation back. Not once a partner has answered it: their
    answer would be about nothing. A correction replaces it then.

    Raises ValidationError (answered; not in force any more; its round is frozen), and
    PermissionDenied.
    """
    row = _locked(update)
    require_reporter(by, row.commitment, row.organisation, today)
    answer = row.reviews.filter(state__in=Review.GIVEN).select_related("organisation").first()
    if answer and UPDATE.can("withdraw", row.state):
        raise ValidationError(
            f"{answer.organisation} has answered this update, so it stays on record. Send a "
            "corrected one instead: it replaces this one, and everybody is asked again."
        )
    _settle(row, "withdraw", by, reason.strip())
    reviews.forget(update=row, reason="The update was withdrawn", by=by, today=today)
    return row


def _locked(update: ProgressUpdate) -> ProgressUpdate:
    """The update as it stands, with its commitment locked before it, as everywhere."""
    Commitment.objects.select_for_update(no_key=True).get(pk=update.commitment_id)
    rows = ProgressUpdate.objects.select_related("commitment", "organisation", "round")
    return rows.get(pk=update.pk)


def _settle(row: ProgressUpdate, move: str, by: User, reason: str) -> None:
    row.state = UPDATE.target(move, row.state)
    if row.round_id and Round.objects.frozen().filter(pk=row.round_id).exists():
        assert row.round is not None
        raise ValidationError(
            f"“{row.round}” closed on {words.day(row.round.closes_on)} and its record is kept as "
            "it stood. Send a newer update instead."
        )
    row.settled_by, row.settled_at, row.settled_reason = by, timezone.now(), reason
    row.save(update_fields=["state", "settled_by", "settled_at", "settled_reason"])
