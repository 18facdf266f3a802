"""Registering a change of organisations, and taking back one that was registered in error.

The change takes effect by its date: every rule takes `today`, so nothing has to run on the day.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from organisations.models import Membership, Organisation, Succession, User
from organisations.permissions import Capability, grant
from organisations.succession import effects, origins, queries
from organisations.succession.effects import Line
from organisations.succession.queries import Registered, Reorganisation
from organisations.writing import require, writes


def may_keep_register(user: User, today: date) -> bool:
    """Whether somebody keeps the register of organisations."""
    return grant(user, Capability.MANAGE_REGISTER, today).everywhere


@writes
def register_succession(*, by: User, change: Reorganisation, today: date) -> list[Succession]:
    """Register a rename, merger, split or transfer, ahead of its day or after it.

    Opens the successors that are new, and gives those that close their last day. Nothing else is
    rewritten. Raises PermissionDenied, or ValidationError with everything that is wrong; of two
    people who register the same at the same moment the second is told.
    """
    require(may_keep_register(by, today))
    change = _locked(change)
    queries.check(change)
    for body in change.opened:
        body.opened = change.on
        body.full_clean(exclude=["parent"])
        body.save()
    made = Succession.objects.bulk_create(
        Succession(predecessor=old, successor=new, on=change.on, kind=change.kind, note=change.note)
        for old in change.predecessors
        for new in change.successors
    )
    for body in change.predecessors:
        if body.closed is None:
            body.closed = change.last_day
            body.save(update_fields=["closed"])
    return made


@writes
def reverse_succession(*, by: User, succession: Succession, today: date) -> None:
    """Take back a change that was registered in error, with all that was registered with it.

    The bodies that it closed are open again, and a body that it opened goes if nothing else has to
    do with it. Raises PermissionDenied, or ValidationError that says what hangs on it.
    """
    require(may_keep_register(by, today))
    found = queries.together_with(succession)
    if not found.successions:
        raise ValidationError("That has been reversed already.")
    _lock({row.predecessor_id for row in found.successions})
    _lock({row.successor_id for row in found.successions})
    found = queries.together_with(succession)
    if not found.successions:
        raise ValidationError("That has been reversed already.")
    if hanging := what_hangs_on(found, today):
        raise ValidationError([line.text for line in hanging])
    closed, opened = origins.closed_by(found), origins.opened_by(found)
    Succession.objects.filter(pk__in=[row.pk for row in found.successions]).delete()
    for body in closed:
        body.closed = None
        body.save(update_fields=["closed"])
    for body in opened:
        if not body.successions_in.exists():
            _remove(body)


def what_hangs_on(found: Registered, today: date) -> list[Line]:
    """All that has been done since because of a change, so that it cannot be taken back."""
    opened = {body.pk for body in origins.opened_by(found)}
    given = Membership.objects.filter(organisation__in=opened)
    return [
        *queries.own_dependants(found.successions),
        *(
            Line(f"{m.user} has a role in {m.organisation}.", m.organisation.get_absolute_url())
            for m in given.select_related("user", "organisation")[: queries.SHOWN]
        ),
        *effects.dependants_of(found.successions, today),
    ]


def _locked(change: Reorganisation) -> Reorganisation:
    """The change with its bodies as they are now, and nobody else changing them."""
    bodies = _lock({b.pk for b in (*change.predecessors, *change.successors) if b.pk is not None})

    def fresh(given: Iterable[Organisation]) -> tuple[Organisation, ...]:
        return tuple(body if body.pk is None else bodies[body.pk] for body in given)

    return replace(
        change, predecessors=fresh(change.predecessors), successors=fresh(change.successors)
    )


def _lock(ids: set[int]) -> dict[int, Organisation]:
    rows = Organisation.objects.filter(pk__in=ids).order_by("pk")
    return {body.pk: body for body in rows.select_for_update(no_key=True)}


def _remove(body: Organisation) -> None:
    try:
        body.delete()
    except ProtectedError as in_use:
        raise ValidationError(
            f"{body} opened with this, and something else names it now: "
            + "; ".join(sorted({str(thing) for thing in in_use.protected_objects}))
        ) from in_use
