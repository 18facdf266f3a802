"""In how many joint commitments the council side was heard: by system and month.

Heard means that a council or the body that speaks for all councils answered the update, or gave it.
What nobody reported on counts as not heard. A frozen round is told as it was frozen; one that is
still open as it stands now. The month is the one in which its updates were due.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from django.db.models import Count, Exists, OuterRef, Q

from commitments.coverage import owing
from commitments.models import ProgressUpdate, Review, Round, Snapshot, SnapshotRow
from commitments.models.commitment import CommitmentQuerySet
from organisations.kinds import Kind, Side
from organisations.models import Area, Organisation, Succession

MONTHS = 12
ELSEWHERE = "No system: national and other bodies"
TOP, HEIGHT, BELOW = 16, 120, 28


@dataclass
class Share:
    """Of how many joint commitments in how many the council side was heard."""

    total: int = 0
    heard: int = 0

    @property
    def per_cent(self) -> int | None:
        return round(100 * self.heard / self.total) if self.total else None

    def add(self, total: int, heard: int) -> None:
        self.total += total
        self.heard += heard


@dataclass
class Heard:
    """Shares by system and month; `months` are first days, the oldest first."""

    months: list[date]
    systems: list[tuple[str, list[Share]]]
    overall: list[Share]


@dataclass
class Drawing:
    """What commitments/commitment/drawing.html prints."""

    title: str
    description: str
    height: int = TOP + HEIGHT + BELOW
    lines: list[dict[str, str]] = field(default_factory=list)
    marks: list[dict[str, object]] = field(default_factory=list)
    labels: list[dict[str, str]] = field(default_factory=list)
    bands: list[dict[str, str]] = field(default_factory=list)


def by_system(visible: CommitmentQuerySet, today: date) -> Heard:
    """The last MONTHS months with a round, out of the commitments that somebody may see. Constant
    in queries."""
    rows = [*_frozen(visible, today), *_live(visible, today)]
    months = sorted({month for month, *_ in rows})[-MONTHS:]
    places = _systems_of({body for _, body, *_ in rows if body}, today)
    found: dict[str, dict[date, Share]] = defaultdict(lambda: defaultdict(Share))
    overall: dict[date, Share] = defaultdict(Share)
    for month, body, total, number in rows:
        overall[month].add(total, number)
        for system in places.get(body or 0) or [ELSEWHERE]:
            found[system][month].add(total, number)
    names = sorted(found, key=lambda name: (name == ELSEWHERE, name))
    return Heard(
        months,
        [(name, [found[name][month] for month in months]) for name in names],
        [overall[month] for month in months],
    )


Row = tuple[date, int | None, int, int]


def _frozen(visible: CommitmentQuerySet, today: date) -> Iterable[Row]:
    rows = SnapshotRow.objects.filter(
        is_joint=True,
        snapshot__reopened_at=None,
        snapshot__round__closes_on__gte=_since(today),
        commitment__in=visible.order_by().values("pk"),
    )
    grouped = rows.order_by().values_list("snapshot__round__closes_on", "organisation")
    counted = grouped.annotate(
        total=Count("pk"), heard=Count("pk", filter=Q(council_side_heard=True))
    )
    return [(day.replace(day=1), body, total, number) for day, body, total, number in counted]


def _live(visible: CommitmentQuerySet, today: date) -> Iterable[Row]:
    frozen = Snapshot.objects.filter(reopened_at=None, round=OuterRef("pk"))
    rounds = Round.objects.filter(
        ~Exists(frozen), opens_on__lte=today, closes_on__gte=_since(today)
    ).values_list("pk", flat=True)
    answered = Review.objects.filter(
        update=OuterRef("update_id"),
        state__in=Review.GIVEN,
        organisation__side=Side.LOCAL_GOVERNMENT,
    )
    reported = ProgressUpdate.objects.filter(
        pk=OuterRef("update_id"), organisation__side=Side.LOCAL_GOVERNMENT
    )
    rows = owing(list(rounds), visible, today).filter(commitment__standing__is_joint=True)
    told = rows.annotate(heard=Exists(answered) | Exists(reported))
    counted = told.values_list("closes_on", "answering", "heard").annotate(number=Count("pk"))
    return [
        (day.replace(day=1), body, number, number if was_heard else 0)
        for day, body, was_heard, number in counted
    ]


def _since(today: date) -> date:
    """The first day of the month MONTHS months ago."""
    count = today.year * 12 + today.month - 1 - MONTHS
    return date(count // 12, count % 12 + 1, 1)


def _systems_of(bodies: set[int], today: date) -> dict[int, list[str]]:
    """The names of the systems in which bodies are now: a board its own, a trust its board's, a
    council all that its area overlaps; of what has merged, the successor's."""
    heirs = Succession.objects.heirs(bodies, today)
    ends = {body: heirs[body].pk if body in heirs else body for body in bodies}
    known = Organisation.objects.filter(pk__in=set(ends.values()))
    boards: dict[int, set[int]] = defaultdict(set)
    for pk, kind, parent in known.values_list("pk", "kind", "parent"):
        boards[pk] |= {pk} if kind == Kind.ICB else {parent} if parent else set()
    overlaps = Area.objects.in_force(today).filter(council__in=set(ends.values()))
    for council, board in overlaps.values_list("council", "board"):
        boards[council].add(board)
    every = {board for found in boards.values() for board in found}
    later = Succession.objects.heirs(every, today)
    now = {board: later[board].pk if board in later else board for board in every}
    icbs = Organisation.objects.filter(pk__in=set(now.values()), kind=Kind.ICB)
    names = dict(icbs.values_list("pk", "name"))
    return {
        body: sorted({names[now[b]] for b in boards[end] if now[b] in names})
        for body, end in ends.items()
    }


def drawing(found: Heard) -> Drawing | None:
    """The overall share by month as a line; nothing where there are fewer than two months."""
    points = [
        (month, share.per_cent)
        for month, share in zip(found.months, found.overall, strict=True)
        if share.per_cent is not None
    ]
    if len(points) < 2:
        return None
    last = points[-1]
    drawn = Drawing(
        "Council side heard, all systems",
        f"{points[0][1]}% in {points[0][0]:%B %Y}, {last[1]}% in {last[0]:%B %Y}.",
    )
    step = 86 / (len(points) - 1)
    places = [
        (f"{8 + number * step:.1f}%", TOP + HEIGHT - HEIGHT * (share or 0) / 100)
        for number, (_, share) in enumerate(points)
    ]
    for level in (0, 50, 100):
        y = f"{TOP + HEIGHT - HEIGHT * level / 100:.0f}"
        drawn.lines.append({"kind": "app-chart__axis", "x1": "8%", "x2": "100%", "y1": y, "y2": y})
        drawn.labels.append({"words": f"{level}%", "x": "0", "y": y, "anchor": "start", "kind": ""})
    for (left, above), (right, below) in pairwise(places):
        line = {"kind": "app-chart__actual", "x1": left, "x2": right}
        drawn.lines.append(line | {"y1": f"{above:.0f}", "y2": f"{below:.0f}"})
    for (across, down), (month, share) in zip(places, points, strict=True):
        drawn.marks.append({"kind": "app-chart__point", "x": across, "y": f"{down:.0f}", "size": 4})
        base = {"x": across, "anchor": "middle", "kind": ""}
        drawn.labels.append(base | {"words": f"{month:%b}", "y": f"{TOP + HEIGHT + 20}"})
        drawn.labels.append(base | {"words": f"{share}%", "y": f"{down - 8:.0f}"})
    return drawn
