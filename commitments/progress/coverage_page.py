"""What the pages of rounds show: the grid of organisations by state, and the rows behind a cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator

from commitments.coverage import Line, State, grid, owing, totals
from commitments.models import Commitment, Nudge, Round, SnapshotRow
from commitments.models.commitment import CommitmentQuerySet
from organisations.models import Organisation, Succession

LINES_PER_PAGE = 100


@dataclass(frozen=True)
class Row:
    """A line of the grid, and when it was nudged last."""

    line: Line
    nudge: Nudge | None
    may_be_nudged: bool


@dataclass(frozen=True)
class Owed:
    """One commitment in the list behind a cell."""

    commitment: Commitment
    state: State
    is_late: bool


def coverage(
    rounds: Sequence[Round], visible: CommitmentQuerySet, page: str | None, today: date
) -> dict[str, Any]:
    """A page of the grid, its totals and its columns. Six queries, however much is owed."""
    lines = grid(rounds, visible, today)
    shown = Paginator(lines, LINES_PER_PAGE).get_page(page)
    bodies = [line.organisation.pk for line in shown]
    nudges = Nudge.objects.filter(
        round__in=[one.pk for one in rounds], organisation__in=bodies, about=Nudge.About.UPDATES
    ).select_related("by")
    last: dict[int, Nudge] = {}
    for row in nudges.order_by("on", "pk"):
        last[row.organisation_id] = row
    rows = []
    for line in shown:
        latest = last.get(line.organisation.pk)
        again = latest is None or latest.on < today
        rows.append(Row(line, latest, bool(line.owed) and again))
    return {
        "page": shown,
        "rows": rows,
        "states": list(State),
        "totals": totals(lines),
        "owed": sum(line.owed for line in lines),
        "all": sum(line.total for line in lines),
    }


class OwedRows:
    """The rows behind a cell, for a paginator: counted and cut in the database; commitments are
    read for the page that is shown."""

    def __init__(self, rows: Any, round_: Round) -> None:
        self._rows = rows.order_by("commitment__reference", "commitment", "pk")
        self._late = "is_late" if rows.model is SnapshotRow else "came_late"

    def count(self) -> int:
        return int(self._rows.count())

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Owed]:
        cut = list(self._rows.values_list("commitment", "state", self._late)[part])
        named = Commitment.objects.select_related("plan").in_bulk({key for key, _, _ in cut})
        return [
            Owed(named[key], State(state), late or state == State.LATE) for key, state, late in cut
        ]


def owed_rows(
    round_: Round,
    visible: CommitmentQuerySet,
    today: date,
    body: Organisation | None,
    state: str,
) -> OwedRows:
    """The commitments of a round by organisation and state; of a frozen one as they stood."""
    frozen = Round.objects.filter(pk=round_.pk).frozen().exists()
    rows: Any
    if frozen:
        rows = SnapshotRow.objects.filter(
            snapshot__round=round_,
            snapshot__reopened_at__isnull=True,
            commitment__in=visible.order_by().values("pk"),
        )
        column = "organisation__in"
    else:
        rows, column = owing([round_.pk], visible, today), "answering__in"
    if body is not None:
        rows = rows.filter(**{column: Succession.objects.predecessors_of([body.pk], today)})
    if state:
        rows = rows.filter(state=state)
    return OwedRows(rows, round_)
