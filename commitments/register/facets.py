"""How many commitments stand behind each choice of each filter.

Counted only where the list has at most LIMIT rows: a person with more is still far from choosing,
and the cost stays the same however many there are. Each filter's counts honour all other choices.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from commitments.models import Commitment, Party, Plan, Rating
from commitments.models.commitment import CommitmentQuerySet
from commitments.ratings import evidence_rating
from commitments.register import filters as names
from commitments.register.filters import CommitmentFilter
from organisations.kinds import Kind
from organisations.models import Area, Organisation, Succession

LIMIT = 1000
MOST_PLANS = 100
MOST_BODIES = 200
Row = dict[str, Any]

COLUMNS = (
    "plan__code",
    "plan__title",
    "pillar__name",
    "pillar__theme",
    "state",
    "staff_groups",
    "target_date",
    "rating",
    "standing__declared_rating",
    "standing__is_joint",
    "standing__joint_state",
    "standing__is_assigned",
    "standing__earliest_due",
    "bodies",
    "sides",
)


@dataclass
class Places:
    """The systems and regions that each body belongs to, as codes."""

    systems: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    regions: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """What a row is judged by beside itself."""

    today: date
    mine: set[int]
    places: Places


def _yes_no(column: str) -> Callable[[Row, Situation], list[str]]:
    return lambda row, at: [names.YES if row[column] else names.NO]


def _declared(row: Row, at: Situation) -> list[str]:
    declared, shown = row["standing__declared_rating"], row["rating"]
    if not declared:
        return [names.NONE]
    differs = shown not in (declared, Rating.NO_EVIDENCE.value)
    return [declared, names.DIFFERS] if differs else [declared]


def _due(row: Row, at: Situation) -> list[str]:
    target: date | None = row["target_date"]
    if target is None:
        return [names.NONE]
    start, end = names.financial_year(at.today)
    ahead = (target - at.today).days
    tests = {
        names.OVERDUE: ahead < 0 and row["rating"] != Rating.COMPLETE,
        names.MONTH: 0 <= ahead <= 30,
        names.QUARTER: 0 <= ahead <= 90,
        names.YEAR: start <= target <= end,
        names.LATER: target > end,
    }
    return [value for value, holds in tests.items() if holds]


def _overdue(row: Row, at: Situation) -> list[str]:
    due = row["standing__earliest_due"]
    return [names.YES] if due and due < at.today else []


def _placed(which: str) -> Callable[[Row, Situation], set[str]]:
    def values(row: Row, at: Situation) -> set[str]:
        known: dict[int, set[str]] = getattr(at.places, which)
        return set().union(*(known.get(body, ()) for body in row["bodies"]))

    return values


FACETS: dict[str, Callable[[Row, Situation], Iterable[str | None]]] = {
    "plan": lambda row, at: [row["plan__code"]],
    "theme": lambda row, at: [row["pillar__theme"]],
    "rating": lambda row, at: [row["rating"]],
    "due": _due,
    "system": _placed("systems"),
    "mine": lambda row, at: [names.YES] if at.mine.intersection(row["bodies"]) else [],
    "overdue": _overdue,
    "joint": _yes_no("standing__is_joint"),
    "joint_state": lambda row, at: [row["standing__joint_state"]],
    "declared": _declared,
    "side": lambda row, at: set(row["sides"]),
    "region": _placed("regions"),
    "staff": lambda row, at: set(row["staff_groups"]),
    "heading": lambda row, at: [row["pillar__name"]],
    "assigned": _yes_no("standing__is_assigned"),
    "state": lambda row, at: [row["state"]],
}
OPEN = ("plan", "staff", "heading")


def add_counts(chosen: CommitmentFilter, keys: list[int]) -> list[tuple[str, str]]:
    """Put a count beside each choice of the form and leave out those that would find nothing.

    `keys` are the commitments that the form now finds, LIMIT at most. Gives the organisations that
    take part in them, as (code, name), for the box in which one is typed. Queries: one, one more
    for each filter in use, and three for places.
    """
    rows = _rows(Commitment.objects.filter(pk__in=keys), chosen.today)
    others = {
        name: _rows(chosen.narrow(name), chosen.today) for name in chosen.chosen() if name in FACETS
    }
    bodies = {body for some in (rows, *others.values()) for row in some for body in row["bodies"]}
    at = Situation(chosen.today, chosen.my_bodies, _places(bodies, chosen))
    for name, values in FACETS.items():
        counted = others.get(name, rows)
        if name in chosen.form.fields and len(counted) <= LIMIT:
            counts = Counter(value for row in counted for value in values(row, at) if value)
            _offer(chosen, name, counts, counted)
    taking_part = Counter(body for row in rows for body in row["bodies"])
    named = at.places.names
    return sorted(
        (named[body] for body, _ in taking_part.most_common(MOST_BODIES) if body in named)
    )


def without_counts(chosen: CommitmentFilter, plans: QuerySet[Plan]) -> None:
    """The choices of a list too long to count: the first MOST_PLANS plans; staff groups and
    headings can be chosen once fewer commitments are left. One query."""
    offered = {"plan": dict(plans.values_list("code", "title")[:MOST_PLANS])}
    chosen.plan_titles = offered["plan"].copy()
    for name in OPEN:
        labels = offered.get(name, {})
        if value := chosen.chosen().get(name):
            labels.setdefault(value, value)
        chosen.form.fields[name].choices = list(labels.items())


def _offer(chosen: CommitmentFilter, name: str, counts: Counter[str], rows: list[Row]) -> None:
    field_ = chosen.form.fields[name]
    labels = dict(field_.choices)
    labels.pop("", None)
    if name == "plan":
        labels = {row["plan__code"]: row["plan__title"] for row in rows}
        chosen.plan_titles = labels.copy()
    elif name in OPEN:
        labels = {value: value for value in counts}
    if name in OPEN:
        labels = dict(sorted(labels.items(), key=lambda pair: pair[1].casefold()))
    value = chosen.chosen().get(name, "")
    if value and value not in labels:
        labels[value] = value
    field_.choices = [
        (key, f"{label} ({counts[key]:,})")
        for key, label in labels.items()
        if counts[key] or key == value
    ]


def _rows(commitments: CommitmentQuerySet, today: date) -> list[Row]:
    """What facets are counted from; one row more than LIMIT where there are too many."""
    parties = Party.objects.filter(commitment=OuterRef("pk")).order_by()
    return list(
        commitments.order_by()
        .annotate(
            rating=evidence_rating(today),
            bodies=ArraySubquery(parties.filter(answering__isnull=False).values("answering")),
            sides=ArraySubquery(parties.values("side")),
        )
        .values(*COLUMNS)[: LIMIT + 1]
    )


def _places(bodies: set[int], chosen: CommitmentFilter) -> Places:
    """Where each body, and whoever took over from it, belongs. Three queries."""
    later = _successors(chosen.today)
    everybody = {end for body in bodies for end in later(body)}
    boards: dict[int, set[int]] = defaultdict(set)
    regions: dict[int, set[int]] = defaultdict(set)
    places = Places()
    rows = Organisation.objects.filter(pk__in=everybody).order_by()
    for pk, code, name, kind, parent in rows.values_list("pk", "code", "name", "kind", "parent_id"):
        places.names[pk] = (code, name)
        boards[pk] |= {pk} if kind == Kind.ICB else set()
        regions[pk] |= {pk} if kind == Kind.NHS_REGION else set()
        if parent:
            boards[pk] |= {parent}
    overlaps = Area.objects.in_force(chosen.today).filter(council__in=everybody)
    for council, board in overlaps.values_list("council_id", "board_id"):
        boards[council].add(board)
    codes = {body.pk: body for body in chosen.places}
    for body in bodies:
        for end in later(body):
            for place in {new for board in boards[end] for new in later(board)} | regions[end]:
                if known := codes.get(place):
                    _add(places, body, known, codes)
    return places


def _add(places: Places, body: int, place: Organisation, codes: dict[int, Organisation]) -> None:
    if place.kind == Kind.ICB:
        places.systems[body].add(place.code)
        region = codes.get(place.parent_id or 0)
    else:
        region = place
    if region is not None:
        places.regions[body].add(region.code)


def _successors(today: date) -> Callable[[int], set[int]]:
    """A function from a body to itself and all who took over from it. One query."""
    edges: dict[int, set[int]] = defaultdict(set)
    rows = Succession.objects.filter(on__lte=today).exclude(kind=Succession.Kind.SPLIT)
    for old, new in rows.values_list("predecessor_id", "successor_id"):
        edges[old].add(new)
    known: dict[int, set[int]] = {}

    def later(body: int) -> set[int]:
        if body not in known:
            found: set[int] = set()
            queue = [body]
            while queue:
                if (current := queue.pop()) not in found:
                    found.add(current)
                    queue.extend(edges[current])
            known[body] = found
        return known[body]

    return later
