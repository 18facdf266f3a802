"""Say that a milestone waits on another one, and take it back."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from commitments.chains import circle
from commitments.models import Commitment, Dependency, Milestone
from commitments.register.actions import may_move, writes
from organisations.models import User

# All additions wait for each other: two that each close half of a circle cannot pass unseen.
_LOCK = 4_701_002


@writes
def add_dependency(
    *,
    by: User,
    milestone: Milestone,
    waits_on: Milestone,
    today: date,
    note: str = "",
    is_demonstration: bool = False,
) -> Dependency:
    """Make a milestone wait on another one, of whichever organisation. The same again gives the one
    that stands.

    Who edits or reports on the milestone's commitment may, for anything that they may see. Raises
    ValidationError in words, with the whole circle where it would close one; PermissionDenied.
    """
    visible = Commitment.objects.visible_to(by, today).filter(pk=waits_on.commitment_id)
    if not may_move(by, milestone.commitment, today) or not visible.exists():
        raise PermissionDenied
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if same := Dependency.objects.filter(milestone=milestone, waits_on=waits_on).first():
        return same
    _refuse_what_cannot_wait(milestone, waits_on)
    if milestone.pk == waits_on.pk:
        raise ValidationError("A milestone cannot wait on itself. Choose another one.")
    if names := circle(milestone, waits_on, by, today):
        raise ValidationError(
            f"That would be a circle: {', which waits on '.join(names)}. "
            "Nothing in it could ever begin. Take one of these away first."
        )
    return Dependency.objects.create(
        milestone=milestone,
        waits_on=waits_on,
        note=note.strip(),
        added_by=by,
        is_demonstration=is_demonstration,
    )


def _refuse_what_cannot_wait(milestone: Milestone, waits_on: Milestone) -> None:
    for row in (milestone, waits_on):
        row.refresh_from_db(fields=["state"])
        if not row.is_open:
            state = row.get_state_display().lower()
            raise ValidationError(f"“{row}” is {state}, so there is nothing to wait for.")
    waits_on.commitment.refresh_from_db(fields=["state"])
    if waits_on.commitment.state != Commitment.State.ACTIVE:
        state = waits_on.commitment.get_state_display().lower()
        raise ValidationError(
            f"The commitment of “{waits_on}” is {state}: nobody works towards it."
        )


@writes
def remove_dependency(*, by: User, dependency: Dependency, today: date) -> None:
    """Say that a milestone waits no longer; history keeps that it did. One that is gone already
    stays gone. Raises PermissionDenied."""
    if not may_move(by, dependency.milestone.commitment, today):
        raise PermissionDenied
    Dependency.objects.filter(pk=dependency.pk).delete()
