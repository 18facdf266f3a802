"""In whose name a person does something on a commitment, where several of their roles allow it."""

from collections.abc import Collection, Iterable
from datetime import date

from commitments.models import Commitment
from organisations.kinds import Reach, reach_of
from organisations.models import Membership, Organisation, Succession, User
from organisations.permissions import CAPABILITIES, Capability, roles_of

_REACHING = (Reach.SYSTEM, Reach.SECTOR)


def own_bodies(user: User, today: date) -> set[int]:
    """Every body that a person belongs to, with all that passed to those. One query."""
    held = {membership.organisation_id for membership in roles_of(user, today)}
    return Succession.objects.predecessors_of(held, today) if held else held


def speakers(
    user: User,
    acting: Membership | None,
    commitment: Commitment,
    capabilities: Collection[Capability],
    today: date,
) -> list[Organisation]:
    """The organisations for which a person may use one of these capabilities on a commitment: the
    one that they act for first, then those that are parties, also by succession, then those that
    reach it by their place (a board its system, the Local Government Association a joint one).

    Asks for rights by role only; whether the commitment allows it is for `Commitment.allowing`.
    Two queries.
    """
    held = {
        membership.organisation_id: membership.organisation
        for membership in roles_of(user, today)
        if set(capabilities) & set(CAPABILITIES[membership.role])
    }
    parties = parties_among(held, commitment, today)
    reaching = {pk for pk, body in held.items() if reach_of(body.kind) in _REACHING}
    first = acting.organisation_id if acting else None
    in_order = sorted(parties | reaching, key=lambda pk: (pk != first, pk not in parties, pk))
    return [held[pk] for pk in in_order]


def parties_among(bodies: Iterable[int], commitment: Commitment, today: date) -> set[int]:
    """Those of some bodies that are a party to a commitment, or took over from one. Two queries."""
    parties = set(commitment.parties.values_list("answering", flat=True))
    heirs = {heir for old, heir in Succession.objects.inheritances(today) if old in parties}
    return set(bodies) & (parties | heirs)
