"""What a change of organisations does to commitments, and what waits for a person after a split.

A source of `organisations.succession.effects`; the queries are also for the pages that assign.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from commitments.models import (
    Commitment,
    Milestone,
    Party,
    Plan,
    ProgressUpdate,
    Reminder,
    Review,
    Round,
)
from organisations.lineage import Lineage
from organisations.models import Organisation, Succession, User
from organisations.permissions import Capability, grant
from organisations.succession.effects import Effect, Line
from organisations.succession.queries import SHOWN, Reorganisation, in_words, on_day

if TYPE_CHECKING:
    from django.db.models import QuerySet

LIVE = ~Q(commitment__state=Commitment.State.WITHDRAWN)


# --- what waits ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class ToAssign:
    """A divided body, and how many of the commitments that it promised wait to be assigned."""

    body: Organisation
    number: int


def waiting_parties(user: User, today: date) -> "QuerySet[Party]":
    """Parties of which a person may say who answers for them, and nobody has said so yet. Those of
    withdrawn commitments do not wait."""
    held = grant(user, Capability.ASSIGN, today)
    bodies = Succession.objects.divided(today) if held.everywhere else held.organisations
    return Party.objects.filter(LIVE, answering__in=bodies)


def to_assign(user: User, today: date) -> list[ToAssign]:
    """The same by divided body, most first: for the home page. Constant in queries."""
    counts = dict(
        waiting_parties(user, today)
        .order_by()
        .values_list("answering")
        .annotate(Count("commitment", distinct=True))
    )
    bodies = Organisation.objects.defer("source", "notes").in_bulk(counts)
    found = [ToAssign(bodies[pk], number) for pk, number in counts.items()]
    return sorted(found, key=lambda one: (-one.number, one.body.name))


def may_answer_for(body: Organisation, today: date) -> list[Organisation]:
    """The bodies that can be given what a divided body promised: the open ends of its chain."""
    ends = Lineage.load(today).now(body)
    return [end for end in ends if end.pk != body.pk and not end.is_closed(today)]


# --- what a change does -------------------------------------------------------------------------
class Commitments:
    """Commitments, plans, rounds and reminders as they are touched by a change."""

    def effects(self, change: Reorganisation, asking: User, today: date) -> Iterable[Effect]:
        """What will be different from its day on."""
        old = {body.pk for body in change.predecessors}
        ids = Succession.objects.predecessors_of(old, change.on)
        touched = Commitment.objects.exclude(state=Commitment.State.WITHDRAWN).answered_by(ids)
        visible = touched.visible_to(asking, today)
        yield _answering(change, ids, visible)
        if not change.is_split:
            yield _same_body(change, ids, visible)
        yield _plans(change, ids)
        yield from _rounds_and_reminders(change, touched)
        yield _answers(change, ids, visible)

    def dependants(self, successions: Sequence[Succession], today: date) -> Iterable[Line]:
        """Assignments made because of a split, and updates that a successor gave on what it
        inherited."""
        old = Succession.objects.predecessors_of(
            {row.predecessor_id for row in successions}, successions[0].on
        )
        new = {row.successor_id for row in successions}
        assigned = Party.objects.filter(assigned_to__in=new, organisation__in=old)
        for party in assigned.select_related("commitment__plan", "assigned_to")[:SHOWN]:
            yield _line(party.commitment, f"was assigned to {party.assigned_to}.")
        inherited = Party.objects.filter(answering__in=old | new, organisation__in=old)
        updates = ProgressUpdate.objects.filter(
            organisation__in=new,
            submitted_at__date__gte=successions[0].on,
            commitment__in=inherited.values("commitment"),
        )
        for update in updates.select_related("commitment__plan", "organisation")[:SHOWN]:
            yield _line(update.commitment, f"has an update that {update.organisation} gave.")
        owned = Milestone.objects.filter(
            organisation__in=new, commitment__in=inherited.values("commitment")
        ).exclude(commitment__in=Commitment.objects.filter(parties__organisation__in=new))
        for milestone in owned.select_related("commitment__plan", "organisation")[:SHOWN]:
            yield _line(
                milestone.commitment, f"has a milestone of {milestone.organisation}: {milestone}."
            )


def _line(commitment: Commitment, words: str) -> Line:
    return Line(f"{commitment.reference} {words}", commitment.get_absolute_url(), commitment.title)


def _answering(change: Reorganisation, ids: set[int], visible) -> Effect:  # type: ignore[no-untyped-def]
    """Commitments by who answers for them then."""
    parties = Party.objects.filter(LIVE, answering__in=ids, commitment__in=visible.values("pk"))
    by_role = dict(
        parties.order_by().values_list("role").annotate(Count("commitment", distinct=True))
    )
    led, partnered = by_role.get(Party.Role.LEAD, 0), by_role.get(Party.Role.PARTNER, 0)
    number = visible.count()
    if not number:
        words = "They answer for no commitment."
    else:
        counts = f"{led:,} as lead and {partnered:,} as partner"
        new = in_words(change.successors)
        words = (
            f"From {on_day(change.on)} nobody answers for these ({counts}) until a person has "
            f"assigned each to {new.replace(' and ', ' or ')}. They still say who promised them."
            if change.is_split
            else f"From {on_day(change.on)} {new} answers for these ({counts}). They still say who "
            "promised them."
        )
    rows = visible.select_related("plan").order_by("reference", "pk")[:SHOWN]
    lines = [Line(row.title, row.get_absolute_url(), row.reference) for row in rows]
    heading = "Commitments to assign" if change.is_split else "Commitments"
    return Effect(heading, number, words, lines, asks_a_person=change.is_split)


def _same_body(change: Reorganisation, ids: set[int], visible) -> Effect:  # type: ignore[no-untyped-def]
    """Commitments whose lead and partner are two bodies now and one body then."""
    saved = {body.pk for body in change.successors if body.pk is not None}
    after = ids | Succession.objects.predecessors_of(saved, change.on)
    sides: dict[int, dict[str, set[int]]] = {}
    rows = Party.objects.filter(answering__in=after, commitment__in=visible.values("pk"))
    for commitment, role, body in rows.values_list("commitment", "role", "answering"):
        sides.setdefault(commitment, {}).setdefault(role, set()).add(body)
    meeting = [
        pk
        for pk, roles in sides.items()
        if len(roles) > 1 and roles[Party.Role.LEAD] != roles[Party.Role.PARTNER]
    ]
    found = Commitment.objects.select_related("plan").filter(pk__in=meeting).order_by("reference")
    words = (
        f"{in_words(change.successors)} will be lead and partner of these at once."
        if meeting
        else "No lead and partner become the same body."
    )
    lines = [Line(row.title, row.get_absolute_url(), row.reference) for row in found[:SHOWN]]
    return Effect("Partners that become the same body as the lead", len(meeting), words, lines)


def _plans(change: Reorganisation, ids: set[int]) -> Effect:
    plans = list(Plan.objects.filter(owner__in=ids).order_by("title"))
    if not plans:
        words = "They keep no plan."
    elif change.is_split:
        words = (
            "Their people keep these as long as they have their roles, and platform administrators "
            "can. Neither successor keeps them by itself."
        )
    else:
        words = f"{in_words(change.successors)} keeps these from then on."
    lines = [Line(plan.title, plan.get_absolute_url()) for plan in plans[:SHOWN]]
    return Effect("Plans", len(plans), words, lines, change.is_split and bool(plans))


def _answers(change: Reorganisation, ids: set[int], visible) -> Effect:  # type: ignore[no-untyped-def]
    """Answers of a joint review that are still awaited from these bodies."""
    awaited = Review.objects.awaited().filter(
        organisation__in=ids, update__commitment__in=visible.order_by().values("pk")
    )
    number = awaited.count()
    if not number:
        words = "None is awaited from them."
    elif change.is_split:
        words = (
            f"From {on_day(change.on)} they are not asked any more; once a commitment is assigned, "
            "its new body is asked."
        )
    else:
        words = (
            f"From {on_day(change.on)} {in_words(change.successors)} is asked in their place, "
            "unless it reported itself. Answers that were given stay."
        )
    named = awaited.select_related("update__commitment__plan").order_by("due_on", "pk")
    lines = [_line(row.update.commitment, "asks them.") for row in named[:SHOWN]]
    return Effect("Answers awaited in joint reviews", number, words, lines)


def _rounds_and_reminders(change: Reorganisation, touched) -> Iterable[Effect]:  # type: ignore[no-untyped-def]
    rounds = Round.objects.filter(
        closes_on__gte=change.on, plan__in=touched.order_by().values("plan")
    ).select_related("plan")
    found = list(rounds.order_by("closes_on"))
    whose = "nobody until it is assigned" if change.is_split else in_words(change.successors)
    lines = [
        Line(
            f"{row.plan.title}: {row.name}",
            row.plan.get_absolute_url(),
            f"{on_day(row.opens_on)} to {on_day(row.closes_on)}",
        )
        for row in found[:SHOWN]
    ]
    yield Effect(
        "Reporting rounds open on that day or later",
        len(found),
        f"From {on_day(change.on)} {whose} owes their updates. What has been reported stands."
        if found
        else "None.",
        lines,
    )
    planned = Reminder.objects.filter(
        state=Reminder.State.PLANNED, send_on__gte=change.on, commitment__in=touched.values("pk")
    )
    number = planned.count()
    yield Effect(
        "Planned reminders",
        number,
        "They go to those who answer on the day they are sent; whoever no longer does gets none."
        if number
        else "None is planned for that day or later.",
    )
