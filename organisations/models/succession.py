"""Who took over from whom, on which day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

import pghistory
from django.db import models
from django.db.models import F, Q

from organisations.models.organisation import Organisation

# What has been read, where it is to be read once.
_read_once: ContextVar[dict[date, list[tuple[int, int, str]]] | None] = ContextVar(
    "successions", default=None
)


@contextmanager
def successions_read_once() -> Iterator[None]:
    """Within the block successions are read from the database once, however many people are asked
    about. For a page, and for work on many people at once that is over in seconds."""
    token = _read_once.set({})
    try:
        yield
    finally:
        _read_once.reset(token)


class SuccessionQuerySet(models.QuerySet["Succession"]):
    """Walks through successions. There are a few hundred edges: they are read in one query."""

    def predecessors_of(self, organisation_ids: Iterable[int], on: date) -> set[int]:
        """The given bodies and every body whose commitments passed to them by a day.

        A split hands nothing over by itself: until a person assigns a commitment, nobody inherits
        it, so edges of that kind are not followed.
        """
        return _closure(organisation_ids, self._predecessors(on))

    def inheritances(self, on: date) -> set[tuple[int, int]]:
        """Every (predecessor, heir) by a day, through any number of steps: what `predecessors_of`
        says of each body, for statements about all of them at once."""
        edges = self._predecessors(on)
        return {(old, heir) for heir in list(edges) for old in _closure([heir], edges) - {heir}}

    def heirs(self, organisation_ids: Iterable[int], on: date) -> dict[int, Organisation]:
        """For each body that passed on whole by a day, the body at the end of its chain; the chain
        stops before a split. Two queries at most."""
        onward = {
            old: heir for heir, olds in self._predecessors(on).items() for old in sorted(olds)
        }
        ends: dict[int, int] = {}
        for start in organisation_ids:
            end, seen = start, set[int]()
            while end in onward and end not in seen:
                seen.add(end)
                end = onward[end]
            if end != start:
                ends[start] = end
        bodies = Organisation.objects.in_bulk(set(ends.values())) if ends else {}
        return {start: bodies[end] for start, end in ends.items()}

    def divided(self, on: date, into: Iterable[int] | None = None) -> set[int]:
        """Every body that was split by a day, and all that had passed to those: what they promised
        waits for a person to assign it. With `into`, only those of which one of these gained a
        part."""
        within = None if into is None else set(into)
        starts = {
            old
            for old, new, kind in self._edges(on)
            if kind == Succession.Kind.SPLIT and (within is None or new in within)
        }
        return self.predecessors_of(starts, on) if starts else starts

    def _predecessors(self, on: date) -> dict[int, set[int]]:
        edges: dict[int, set[int]] = defaultdict(set)
        for old, new, kind in self._edges(on):
            if kind != Succession.Kind.SPLIT:
                edges[new].add(old)
        return edges

    def _edges(self, on: date) -> list[tuple[int, int, str]]:
        """(predecessor, successor, kind) of everything that had happened by a day."""
        read = _read_once.get()
        if read is not None and on in read:
            return read[on]
        rows = self.filter(on__lte=on).values_list("predecessor_id", "successor_id", "kind")
        edges = list(rows.order_by())
        if read is not None:
            read[on] = edges
        return edges


def _closure(starts: Iterable[int], edges: dict[int, set[int]]) -> set[int]:
    """Everything reached from `starts`, themselves included."""
    found: set[int] = set()
    queue = list(starts)
    while queue:
        current = queue.pop()
        if current not in found:
            found.add(current)
            queue.extend(edges.get(current, ()))
    return found


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Succession(models.Model):
    """One predecessor, one successor, and the successor's first day. A split is several rows."""

    class Kind(models.TextChoices):
        RENAME = "rename", "Rename"
        MERGER = "merger", "Merger"
        SPLIT = "split", "Split"
        TRANSFER = "transfer", "Transfer"

    predecessor = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="successions_out"
    )
    successor = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="successions_in"
    )
    on = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind)
    note = models.TextField(blank=True)

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        ordering = ("on", "successor__name")
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_unique"),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="succession_not_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} to {self.successor} on {self.on:%d/%m/%Y}"
