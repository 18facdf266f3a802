"""What every action here does first and last: lock, and keep how the answers stand."""

from collections.abc import Iterable

from django.utils import timezone

from commitments.models import Commitment, Dispute, ProgressUpdate
from commitments.review.asking import joint_state
from commitments.review.states import DISPUTE
from organisations.models import User


def locked(update_id: int) -> ProgressUpdate:
    """The update as it stands, its commitment locked before it, as every action does."""
    commitment = ProgressUpdate.objects.values_list("commitment", flat=True).get(pk=update_id)
    Commitment.objects.select_for_update(no_key=True).get(pk=commitment)
    rows = ProgressUpdate.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("commitment", "organisation", "round").get(pk=update_id)


def keep_joint_state(updates: Iterable[int]) -> None:
    """Write how the answers to these updates stand. Nothing is written where nothing changed."""
    rows = ProgressUpdate.objects.filter(pk__in=list(updates)).order_by()
    now = {pk: state for pk, state in rows.values_list("pk", joint_state())}
    for state in set(now.values()):
        these = [pk for pk, found in now.items() if found == state]
        rows.filter(pk__in=these).exclude(joint_state=state).update(joint_state=state)


def touched_by(update: ProgressUpdate) -> set[int]:
    """The update, and the one that stands for its commitment now."""
    latest = ProgressUpdate.objects.standing().filter(commitment=update.commitment_id).first()
    return {update.pk} | ({latest.pk} if latest else set())


def end_dispute(dispute: Dispute, move: str, by: User | None, note: str = "") -> None:
    """End a locked dispute by one of the moves of its table."""
    dispute.end = DISPUTE.target(move, dispute.end)
    dispute.ended_at, dispute.ended_by, dispute.note = timezone.now(), by, note
    dispute.save()
