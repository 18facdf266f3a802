"""Requests to move a promise, as home and a commitment's page show them. Constant in queries."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from commitments.models import BaselineChange, Commitment, Objection, Party
from organisations.models import Succession, User
from organisations.permissions import CAPABILITIES, Capability, grant, roles_of

SHOWN = 15
# So long those who asked are told at home how it was decided.
NEWS = timedelta(days=14)
RELATED = ("commitment__plan", "milestone", "measure", "asked_by", "organisation", "decided_by")


@dataclass(frozen=True)
class AskedMoves:
    """What concerns one person: to decide, to object to if they wish, and what they asked for
    themselves (waiting, or decided lately)."""

    to_decide: list[BaselineChange]
    to_read: list[BaselineChange]
    own: list[BaselineChange]

    def __bool__(self) -> bool:
        return bool(self.to_decide or self.to_read or self.own)


def asked_moves(user: User, today: date) -> AskedMoves:
    """The requests that concern somebody, the oldest first. At most four queries."""
    mine = Q(asked_by=user)
    recent = Q(state="asked") | Q(decided_at__date__gte=today - NEWS)
    own = _rows().filter(mine, recent, commitment__in=_keys(user, today))
    return AskedMoves(_to_decide(user, today), _to_read(user, today), list(own[:SHOWN]))


def open_moves(commitment: Commitment) -> list[BaselineChange]:
    """Those of one commitment that wait for a decision. One query."""
    rows = _rows().filter(commitment=commitment, state=BaselineChange.State.ASKED)
    return list(rows.annotate(objecting=Count("objections")))


def _to_decide(user: User, today: date) -> list[BaselineChange]:
    if not grant(user, Capability.EDIT, today):
        return []
    edited = Commitment.objects.allowing(user, Capability.EDIT, today)
    rows = _waiting().exclude(asked_by=user).filter(commitment__in=edited.values("pk"))
    return list(rows.annotate(objecting=Count("objections"))[:SHOWN])


def _to_read(user: User, today: date) -> list[BaselineChange]:
    """Those on joint commitments to which a body of the person is a party, or all of them for the
    reviewers of the body that speaks for all councils. Not those which a body of the person asked
    for or objected to, nor what the person asked for or decides."""
    bodies = {
        one.organisation_id
        for one in roles_of(user, today)
        if {Capability.REPORT, Capability.REVIEW} & set(CAPABILITIES[one.role])
    }
    if not bodies:
        return []
    bodies = Succession.objects.predecessors_of(bodies, today)
    party = Party.objects.filter(commitment=OuterRef("commitment"), answering__in=bodies)
    said = Objection.objects.filter(change=OuterRef("pk"), organisation__in=bodies)
    rows = _waiting().exclude(organisation__in=bodies).exclude(asked_by=user)
    edited = Commitment.objects.allowing(user, Capability.EDIT, today)
    if grant(user, Capability.EDIT, today):
        rows = rows.exclude(commitment__in=edited.values("pk"))
    visible = _keys(user, today)
    joint = rows.filter(commitment__standing__is_joint=True, commitment__in=visible)
    if not grant(user, Capability.REVIEW, today).sector:
        joint = joint.filter(Exists(party))
    return list(joint.filter(~Exists(said))[:SHOWN])


def _keys(user: User, today: date) -> "QuerySet[Commitment, Any]":
    return Commitment.objects.visible_to(user, today).values("pk")


def _waiting() -> "QuerySet[BaselineChange]":
    active = Q(commitment__state=Commitment.State.ACTIVE)
    return _rows().filter(active, state=BaselineChange.State.ASKED)


def _rows() -> "QuerySet[BaselineChange]":
    return BaselineChange.objects.select_related(*RELATED).order_by("asked_at", "pk")
