"""An organisation's page: who it is, what it answers for, and what came to it from others.

It stands here and not among the organisations, because those know nothing of commitments.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Value,
    When,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from commitments.models import Commitment, Party, Rating
from commitments.models.commitment import CommitmentQuerySet
from commitments.ratings import evidence_rating, with_ratings
from commitments.register.actions.assigning import may_assign
from organisations.as_it_was import asked_day
from organisations.identity import Identity, identify, people_of
from organisations.models import Organisation, Succession
from organisations.queries import with_place
from workforce_tracker import clock

SHOWN = 10
SHOWN_BESIDE = 5  # what a body does not answer for by its own promise comes second
# What needs looking at comes first.
ORDER = (Rating.RED, Rating.AMBER, Rating.NO_EVIDENCE, Rating.GREEN, Rating.COMPLETE)


@dataclass(frozen=True)
class Line:
    """A commitment in a list, and who promised it where that is another body."""

    commitment: Commitment
    promised_by: list[Organisation]


@dataclass(frozen=True)
class Shelf:
    """Commitments under one heading: how many by rating, and the first that need looking at."""

    lines: list[Line] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are listed."""
        return self.count > len(self.lines)


@dataclass(frozen=True)
class Inheritance:
    """How many commitments came from one body, and when."""

    origin: Organisation
    count: int
    on: date | None

    @property
    def address(self) -> str:
        """The list of them."""
        return list_address(self.origin)


@require_safe
def organisation_page(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation by its code, whatever its capitals. The register is open to all who sign in;
    of its commitments only those are counted and listed that the person may see."""
    today = clock.today()
    asked = asked_day(request, today)
    body = with_place(Organisation.objects.filter(code__iexact=code), asked.day).first()
    if body is None:
        raise Http404
    identity = identify(body, asked.day)
    visible = Commitment.objects.visible_to(request.user, today).filter(
        state=Commitment.State.ACTIVE
    )
    context = {
        "asked": asked,
        "body": body,
        "not_yet": bool(body.opened and body.opened > asked.day),
        "may_assign": identity.was_split and may_assign(request.user, body, today),  # type: ignore[arg-type]
        "identity": identity,
        "all_url": list_address(body),
        "people": people_of(body, request.user, today),
        **commitments_of(identity, visible, today, asked.day),
    }
    return render(request, "organisations/page.html", context)


def commitments_of(
    identity: Identity, visible: CommitmentQuerySet, today: date, day: date
) -> dict[str, Any]:
    """What the page lists, out of the commitments that somebody may see: who answered on a `day`,
    rated as of `today`. Constant in queries."""
    body, ids = identity.body, identity.ids
    own = Q(organisation__in=ids) if identity.is_closed else Q(answering__in=ids)
    lead, partner = Q(role=Party.Role.LEAD), Q(role=Party.Role.PARTNER)
    inherited = Q(answering__in=ids) & ~Q(organisation=body)
    waiting = Q(answering__in=_waiting_ids(identity, day))
    return {
        "leads": _shelf(visible, own & lead, identity, today),
        "partners": _shelf(visible, own & partner, identity, today, SHOWN_BESIDE),
        "inherited": _shelf(visible, inherited, identity, today, SHOWN_BESIDE),
        "inheritances": _inheritances(identity, visible, inherited),
        "waiting": _shelf(visible, waiting, identity, today),
    }


def _waiting_ids(identity: Identity, today: date) -> set[int]:
    """Bodies of whose split this one gained a part, and all that had passed to those: nobody
    answers for what they promised until somebody assigns it."""
    split = identity.lineage.split_before(identity.ids)
    return Succession.objects.predecessors_of(split, today) - identity.ids


def _shelf(
    visible: CommitmentQuerySet, party: Q, identity: Identity, today: date, shown: int = SHOWN
) -> Shelf:
    """The commitments that have such a party: two queries and one for the parties."""
    parties = Party.objects.filter(party, commitment=OuterRef("pk"))
    concerned = visible.filter(Exists(parties)).order_by()
    rated = concerned.annotate(evidence=evidence_rating(today)).values_list("evidence")
    counts: dict[str, int] = dict(rated.annotate(Count("pk")))
    if not counts:
        return Shelf()
    rank = Case(
        *[When(evidence_rating=rating, then=Value(place)) for place, rating in enumerate(ORDER)],
        output_field=IntegerField(),
    )
    concerning = Prefetch(
        "parties", Party.objects.filter(party).select_related("organisation"), to_attr="concerning"
    )
    rows = with_ratings(concerned, today).order_by(
        rank, F("standing__earliest_due").asc(nulls_last=True), "reference"
    )
    lines = [
        Line(row, _others(row.concerning, identity.body))
        for row in rows.prefetch_related(concerning)[:shown]
    ]
    return Shelf(lines, _figures(counts), sum(counts.values()))


def _others(parties: Iterable[Party], body: Organisation) -> list[Organisation]:
    """Who promised, unless the body did so itself."""
    named = {party.organisation_id: party.organisation for party in parties}
    return [] if body.pk in named else [other for other in named.values() if other is not None]


def _figures(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Counts by rating. No links: the list of commitments does not tell leads from partners."""
    words = {rating.value: rating.label for rating in Rating}
    return [
        {
            "number": counts[rating],
            "words": words[rating],
            "kind": "" if rating == Rating.NO_EVIDENCE else rating.value,
        }
        for rating in ORDER
        if counts.get(rating)
    ]


def list_address(body: Organisation) -> str:
    """The list of all commitments that one organisation leads or partners."""
    chosen = {"organisation": body.code, "state": Commitment.State.ACTIVE.value}
    return f"{reverse('commitments')}?{urlencode(chosen)}"


def _inheritances(
    identity: Identity, visible: CommitmentQuerySet, inherited: Q
) -> list[Inheritance]:
    """From whom the inherited ones came: two queries."""
    counts = dict(
        Party.objects.filter(inherited, commitment__in=visible.values("pk"))
        .order_by()
        .values_list("organisation")
        .annotate(Count("commitment", distinct=True))
    )
    origins = Organisation.objects.in_bulk([pk for pk in counts if pk])
    return [
        Inheritance(origin, counts[pk], identity.lineage.arrived(origin, identity.body))
        for pk, origin in sorted(origins.items(), key=lambda item: -counts[item[0]])
    ]
