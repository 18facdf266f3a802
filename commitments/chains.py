"""What milestones wait on, and which of it is late: for a commitment's page. Constant in queries.

A reader who may not see the commitment of a milestone is told that it is there, and how late it is,
and nothing of its words (docs/dependencies.md).
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from commitments.models import Commitment, Milestone
from organisations.models import User
from workforce_tracker.templatetags.words import plural

UNSEEN = "a milestone of another organisation"
MOST_RISKS = 3

# Every edge above the milestones of one commitment, however far, and those right below. UNION drops
# an edge that is met again, so that the work grows with the edges and never with the ways through
# them. Above what is complete or cancelled nothing matters any more.
_EDGES = """
WITH RECURSIVE up AS (
    SELECT d.id, d.milestone_id, d.waits_on_id, d.note
    FROM commitments_dependency d JOIN commitments_milestone m ON m.id = d.milestone_id
    WHERE m.commitment_id = %(commitment)s
    UNION
    SELECT d.id, d.milestone_id, d.waits_on_id, d.note
    FROM up
    JOIN commitments_milestone s
        ON s.id = up.waits_on_id AND s.state IN ('not_started', 'in_progress')
    JOIN commitments_dependency d ON d.milestone_id = s.id
)
SELECT true, id, milestone_id, waits_on_id, note FROM up
UNION ALL
SELECT false, d.id, d.milestone_id, d.waits_on_id, d.note
FROM commitments_dependency d JOIN commitments_milestone m ON m.id = d.waits_on_id
WHERE m.commitment_id = %(commitment)s
ORDER BY 2
"""
_ABOVE = """
WITH RECURSIVE up AS (
    SELECT milestone_id, waits_on_id FROM commitments_dependency WHERE milestone_id = %s
    UNION
    SELECT d.milestone_id, d.waits_on_id
    FROM up JOIN commitments_dependency d ON d.milestone_id = up.waits_on_id
)
SELECT milestone_id, waits_on_id FROM up
"""


@dataclass(frozen=True)
class Link:
    """Another milestone as the reader may know it: `milestone` is None where they may not see its
    commitment. `key` and `note` are those of the dependency."""

    milestone: Milestone | None
    key: int = 0
    note: str = ""

    def __str__(self) -> str:
        if self.milestone is None:
            return UNSEEN
        return f"“{self.milestone}” ({self.milestone.commitment.reference})"


@dataclass(frozen=True)
class Risk:
    """A chain from what a milestone waits on, up to the one that is late; `trouble` says how."""

    links: tuple[Link, ...]
    trouble: str


@dataclass
class Waiting:
    """What one milestone waits on, what waits on it, and what is wrong above it."""

    on: list[Link] = field(default_factory=list)
    blocks: list[Link] = field(default_factory=list)
    risks: list[Risk] = field(default_factory=list)


def waiting(commitment: Commitment, user: User, today: date) -> dict[int, Waiting]:
    """By milestone of the commitment. One query where nothing waits, else three."""
    with connection.cursor() as cursor:
        cursor.execute(_EDGES, {"commitment": commitment.pk})
        rows = cursor.fetchall()
    if not rows:
        return {}
    known = _Known(user, today, {key for _, _, *ends, _ in rows for key in ends})
    above: dict[int, list[int]] = defaultdict(list)
    found: dict[int, Waiting] = defaultdict(Waiting)
    for is_up, key, lower, upper, note in rows:
        ours = known.rows[lower if is_up else upper].commitment_id == commitment.pk
        if is_up:
            above[lower].append(upper)
            if ours:
                found[lower].on.append(known.link(upper, key, note))
        else:
            found[upper].blocks.append(known.link(lower, key, note))
    for key, one in found.items():
        if known.rows[key].is_open and one.on:
            one.risks = _risks(known.rows[key], above, known, today)[:MOST_RISKS]
    return dict(found)


def circle(milestone: Milestone, waits_on: Milestone, user: User, today: date) -> list[str]:
    """The milestones, by name, through which `waits_on` waits on `milestone` already: from the one
    to the other, both included; empty where it does not. Whatever is complete counts too."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [waits_on.pk])
        edges = cursor.fetchall()
    above: dict[int, list[int]] = defaultdict(list)
    for lower, upper in edges:
        above[lower].append(upper)
    path = _ways(waits_on.pk, above).get(milestone.pk)
    if path is None:
        return []
    known = _Known(user, today, {waits_on.pk, *path})
    return [str(known.link(key)) for key in (waits_on.pk, *path)]


class _Known:
    """Milestones by key, and which of them the reader may see. Two queries."""

    def __init__(self, user: User, today: date, keys: Iterable[int]) -> None:
        rows = Milestone.objects.select_related("commitment__plan", "organisation")
        self.rows: Mapping[int, Milestone] = rows.in_bulk(keys)
        ids = {row.commitment_id for row in self.rows.values()}
        visible = Commitment.objects.visible_to(user, today).filter(pk__in=ids)
        self._visible = set(visible.values_list("pk", flat=True))

    def link(self, key: int, dependency: int = 0, note: str = "") -> Link:
        row = self.rows[key]
        seen = row.commitment_id in self._visible
        return Link(row, dependency, note) if seen else Link(None, dependency)


def _ways(start: int, above: Mapping[int, list[int]]) -> dict[int, tuple[int, ...]]:
    """The shortest way up from a milestone to each that it waits on, without the start."""
    ways: dict[int, tuple[int, ...]] = {}
    queue: deque[tuple[int, tuple[int, ...]]] = deque([(start, ())])
    while queue:
        key, way = queue.popleft()
        for upper in above.get(key, ()):
            if upper not in ways and upper != start:
                ways[upper] = (*way, upper)
                queue.append((upper, ways[upper]))
            elif upper == start:
                ways.setdefault(upper, (*way, upper))
    return ways


def _risks(
    milestone: Milestone, above: Mapping[int, list[int]], known: _Known, today: date
) -> list[Risk]:
    """The chains to what is wrong, each to its far end: what is late because of something further
    up is told with that."""
    ways = _ways(milestone.pk, above)
    wrong = {key: _trouble(known.rows[key], milestone, today) for key in ways}
    chains = [way for key, way in ways.items() if wrong[key]]
    goes_on = {other[:n] for other in chains for n in range(1, len(other))}
    ends = [way for way in chains if way not in goes_on]
    return [Risk(tuple(known.link(key) for key in way), wrong[way[-1]]) for way in ends]


def _trouble(upper: Milestone, lower: Milestone, today: date) -> str:
    """What is wrong with a milestone for one that waits on it, in words; "" when nothing is."""
    if upper.state == Milestone.State.COMPLETE:
        return ""
    if upper.commitment.state == Commitment.State.WITHDRAWN:
        return "is part of a commitment that was withdrawn"
    if upper.state == Milestone.State.CANCELLED:
        return "was cancelled"
    if upper.due_date is None:
        return ""
    parts = []
    if (late := (today - upper.due_date).days) > 0:
        parts.append(f"is {plural(late, 'day')} late")
    promised = upper.first_baseline_date or upper.baseline_date
    if promised and (slip := (upper.due_date - promised).days) > 0:
        parts.append(f"is expected {plural(slip, 'day')} later than first promised")
    if lower.due_date and (after := (upper.due_date - lower.due_date).days) > 0:
        parts.append(f"comes {plural(after, 'day')} after this is due")
    return ", and ".join(parts)
