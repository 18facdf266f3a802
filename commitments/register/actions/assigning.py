"""Saying who answers for what a divided body promised."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError

from commitments.inheriting import may_answer_for
from commitments.models import Commitment, Party
from commitments.register.actions.followers import parties_changed
from commitments.register.actions.permission import require, writes
from organisations.models import Organisation, Succession, User
from organisations.permissions import Capability, grant


def may_assign(user: User, body: Organisation, today: date) -> bool:
    """Whether somebody may say who answers for what a divided body promised."""
    return grant(user, Capability.ASSIGN, today).covers(body.pk)


@writes
def assign_parties(
    *,
    by: User,
    body: Organisation,
    parties: Iterable[int],
    to: Organisation | None,
    today: date,
) -> int:
    """Assign what a divided body promised to one of its successors, all of these at once; None lets
    them wait again. Returns how many changed.

    `parties` are keys of parties for which `body` answers or answered before they were assigned.
    The commitment still says who promised. Raises PermissionDenied, or ValidationError when one was
    assigned to somebody else meanwhile or when `to` took nothing over from the body.
    """
    require(may_assign(by, body, today))
    if body.pk not in Succession.objects.divided(today):
        raise ValidationError(f"{body} was not divided, so there is nothing to assign.")
    allowed = may_answer_for(body, today)
    if to is not None and to not in allowed:
        names = " or ".join(map(str, allowed))
        raise ValidationError(f"{to} took nothing over from {body}. Choose {names}.")
    wanted = set(parties)
    touched = Commitment.objects.filter(parties__in=wanted).order_by("pk")
    # Commitments before their parties, in one order, as every change does it.
    list(
        Commitment.objects.filter(pk__in=touched.values("pk"))
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    rows = list(Party.objects.filter(pk__in=wanted, organisation__isnull=False))
    ends = {end.pk for end in allowed}
    for party in rows:
        is_waiting = party.answering == body.pk
        was_assigned = party.organisation_id == body.pk and party.assigned_to_id in ends
        if not (is_waiting or was_assigned):
            raise ValidationError(f"{party} is not answered for by {body}. Look at the list again.")
    if len(rows) != len(wanted):
        raise ValidationError("Some of these are no longer in the list. Look at it again.")
    changed = [party.pk for party in rows if party.assigned_to_id != (to.pk if to else None)]
    Party.objects.filter(pk__in=changed).update(assigned_to=to)
    parties_changed({party.commitment_id for party in rows if party.pk in changed}, by, today)
    return len(changed)
