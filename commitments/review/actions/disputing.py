"""End a dispute: by agreeing to differ, which takes everybody, or by passing it on."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from commitments.models import Dispute, Review
from commitments.register.actions import writes
from commitments.review.actions.keeping import end_dispute, keep_joint_state, locked
from commitments.review.disputes import may_be_told, sides_of
from organisations.models import User


@writes
def agree_to_differ(*, by: User, dispute: Dispute, note: str = "", today: date) -> Dispute:
    """Say for one's own side that both views stand beside each other.

    The first who does so writes the note. Whoever gives another note proposes anew, and what others
    said to the old one no longer counts. It ends once the reporting organisation and each that
    disagrees has said yes. Raises ValidationError, and PermissionDenied for everybody else.
    """
    row = _locked(dispute)
    sides = sides_of(by, row, today)
    if not sides:
        raise PermissionDenied
    note = note.strip() or row.differ_note
    if not note:
        raise ValidationError({"note": "Write how both views stand beside each other."})
    disagreeing = row.update.reviews.filter(state=Review.State.DISAGREED)
    if note != row.differ_note:
        disagreeing.update(differs_by=None, differs_at=None)
        row.differs_by = row.differs_at = None
        row.differ_note = note
    if sides.reports and row.differs_by is None:
        row.differs_by, row.differs_at = by, timezone.now()
    row.save()
    mine = disagreeing.filter(pk__in=sides.reviews, differs_by=None)
    mine.update(differs_by=by, differs_at=timezone.now())
    if row.differs_by and not disagreeing.filter(differs_by=None).exists():
        end_dispute(row, "differ", by, note)
        keep_joint_state([row.update_id])
    return row


@writes
def escalate(*, by: User, dispute: Dispute, to: Iterable[User], note: str, today: date) -> Dispute:
    """Pass a dispute on to named people, with a note; that ends it between the two sides.

    They are chosen among `may_be_told`. Raises ValidationError by field, and PermissionDenied for
    anybody but the reporting organisation and those that disagree.
    """
    row = _locked(dispute)
    if not sides_of(by, row, today):
        raise PermissionDenied
    chosen = {person.pk for person in to}
    people = [person for person in may_be_told(row.commitment, today) if person.pk in chosen]
    problems = {}
    if not note.strip():
        problems["note"] = "Write what they are to decide."
    if not chosen:
        problems["to"] = "Choose who is to decide."
    elif len(people) != len(chosen):
        problems["to"] = "One of these people may not see this commitment. Choose from the list."
    if problems:
        raise ValidationError(problems)
    end_dispute(row, "escalate", by, note.strip())
    row.escalated_to.set(people)
    keep_joint_state([row.update_id])
    return row


def _locked(dispute: Dispute) -> Dispute:
    """The dispute as it stands, while it goes on; its commitment and update locked before it."""
    locked(dispute.update_id)
    rows = Dispute.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("commitment__plan", "update__organisation").get(pk=dispute.pk)
    if row.end != Dispute.End.OPEN:
        how = row.get_end_display().lower()
        raise ValidationError(f"This dispute has ended already: {how}. Nothing was done.")
    return row
