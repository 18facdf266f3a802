"""Who took over from whom, on which day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import pghistory
from django.db import models
from django.db.models import F, Q

from organisations.models.organisation import Organisation


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

    def _predecessors(self, on: date) -> dict[int, set[int]]:
        edges: dict[int, set[int]] = defaultdict(set)
        rows = self.filter(on__lte=on).exclude(kind=Succession.Kind.SPLIT)
        for old, new in rows.values_list("predecessor_id", "successor_id"):
            edges[new].add(old)
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
