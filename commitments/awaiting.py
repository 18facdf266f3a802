"""Answers of joint reviews that are awaited: from one's own organisation, and from others.

Read by the desk and by the home page. Everything starts from what the person may see.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Min, Q

from commitments.models import Commitment, Dispute, Nudge, ProgressUpdate, Review
from commitments.models.commitment import CommitmentQuerySet
from commitments.models.review import ReviewQuerySet
from organisations.models import Organisation, Succession, User
from organisations.permissions import Capability, grant

# More bodies than anybody will nudge one by one.
MOST = 50


@dataclass(frozen=True)
class Silent:
    """A body from which answers are awaited: how many, since when, until when at the earliest; and
    whether the person may nudge it today."""

    organisation: Organisation
    number: int
    asked_at: datetime
    due_on: date
    may_nudge: bool
    was_nudged: bool


def asked_of(user: User, bodies: Iterable[int], today: date) -> ReviewQuerySet:
    """The answers that these bodies give or owe, to updates that stand, of commitments that the
    person may see."""
    visible = Commitment.objects.visible_to(user, today)
    return Review.objects.filter(
        organisation__in=list(bodies),
        update__state=ProgressUpdate.State.SUBMITTED,
        update__commitment__in=visible.order_by().values("pk"),
    ).exclude(state=Review.State.DROPPED)


@dataclass(frozen=True)
class Awaited:
    """How many answers are awaited, and when the first is due."""

    number: int
    first: date | None


def answers_awaited(user: User, bodies: set[int], today: date) -> Awaited:
    """Those that these bodies still have to give. One query; none for nobody."""
    if not bodies:
        return Awaited(0, None)
    awaited = asked_of(user, bodies, today).awaited().order_by()
    return Awaited(**awaited.aggregate(number=Count("pk"), first=Min("due_on")))


def followed(user: User, bodies: set[int], today: date) -> CommitmentQuerySet:
    """Joint commitments whose agreement somebody follows: those they may edit, those that their own
    bodies lead or partner; and all of them for the body that speaks for all councils."""
    joint = Commitment.objects.visible_to(user, today).filter(standing__is_joint=True)
    if grant(user, Capability.VIEW, today).sector:
        return joint
    edited = Commitment.objects.allowing(user, Capability.EDIT, today).order_by().values("pk")
    own = Commitment.objects.answered_by(bodies).order_by().values("pk")
    return joint.filter(Q(pk__in=edited) | Q(pk__in=own))


def holding_up(user: User, bodies: set[int], today: date) -> list[Silent]:
    """Other bodies that have not answered about what the person follows, the first to be due first.
    Five queries at most, however many answers."""
    commitments = followed(user, bodies, today).order_by().values("pk")
    rows = list(
        Review.objects.awaited()
        .filter(update__commitment__in=commitments)
        .exclude(organisation__in=bodies)
        .order_by()
        .values("organisation")
        .annotate(number=Count("pk"), asked=Min("asked_at"), due=Min("due_on"))
        .order_by("due", "-number", "organisation")[:MOST]
    )
    if not rows:
        return []
    keys = [row["organisation"] for row in rows]
    named = Organisation.objects.defer("source", "notes").in_bulk(keys)
    edited = Commitment.objects.allowing(user, Capability.EDIT, today).order_by().values("pk")
    mine = Review.objects.awaited().filter(
        organisation__in=keys, update__commitment__in=edited, update__round__isnull=False
    )
    may_nudge = set(mine.order_by().values_list("organisation", flat=True).distinct())
    today_s = Nudge.objects.filter(about=Nudge.About.ANSWERS, on=today, organisation__in=keys)
    nudged = set(today_s.filter(by=user).values_list("organisation", flat=True))
    return [
        Silent(
            named[row["organisation"]],
            row["number"],
            row["asked"],
            row["due"],
            row["organisation"] in may_nudge and row["organisation"] not in nudged,
            row["organisation"] in nudged,
        )
        for row in rows
    ]


def disputes_followed(user: User, bodies: set[int], today: date):  # type: ignore[no-untyped-def]
    """Open disputes about what the person follows, the oldest first."""
    commitments = followed(user, bodies, today).order_by().values("pk")
    rows = Dispute.objects.open().filter(commitment__in=commitments)
    return rows.select_related("commitment__plan", "update__organisation").order_by("opened_at")


def bodies_of(organisation_id: int | None, today: date) -> set[int]:
    """A body and all whose commitments passed to it; nothing for nobody."""
    return (
        Succession.objects.predecessors_of([organisation_id], today) if organisation_id else set()
    )
