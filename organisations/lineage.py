"""Who came from whom: every succession in memory, read in one query.

There are a few hundred, so that walking them costs nothing, and a list of closed bodies can say
where each of them went without a query a row.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from organisations.models import Organisation, Succession


@dataclass(frozen=True)
class Event:
    """A day on which one body took over from others. `whole` passed on everything they did, `parts`
    were split; `kind` is that of the whole ones."""

    on: date
    when: str  # in words, only as exactly as it is known; empty where the day is
    successor: Organisation
    whole: tuple[Organisation, ...]
    parts: tuple[Organisation, ...]
    kind: str

    @property
    def is_rename(self) -> bool:
        """Whether the body went on under another name."""
        return self.kind == Succession.Kind.RENAME and not self.parts


class Lineage:
    """The successions in effect on a day."""

    def __init__(self, successions: Iterable[Succession]) -> None:
        self._after: dict[int, list[Succession]] = defaultdict(list)
        self._before: dict[int, list[Succession]] = defaultdict(list)
        for succession in successions:
            self._after[succession.predecessor_id].append(succession)
            self._before[succession.successor_id].append(succession)

    @classmethod
    def load(cls, today: date) -> "Lineage":
        """Read them: one query."""
        rows = Succession.objects.filter(on__lte=today).select_related("predecessor", "successor")
        return cls(rows.defer(*_heavy("predecessor"), *_heavy("successor")))

    def after(self, body: Organisation) -> list[Succession]:
        """Who took over from a body directly; several after a split."""
        return self._after[body.pk]

    def now(self, body: Organisation) -> list[Organisation]:
        """The bodies at the end of every chain from a closed one, each once, by name; the body
        itself when nobody took over."""
        ends: dict[int, Organisation] = {}
        queue, seen = [body], set[int]()
        while queue:
            current = queue.pop()
            if current.pk in seen:
                continue
            seen.add(current.pk)
            queue += [succession.successor for succession in self._after[current.pk]]
            if not self._after[current.pk]:
                ends[current.pk] = current
        return sorted(ends.values(), key=lambda end: end.name)

    def answering_now(self, body: Organisation) -> Organisation | None:
        """Who answers for what a body promised without anybody having to decide: the end of its
        chain, unless a split comes on the way. None then, and where a closed body has nobody."""
        seen = set[int]()
        while body.pk not in seen and (onward := self._after[body.pk]):
            seen.add(body.pk)
            if onward[0].kind == Succession.Kind.SPLIT:
                return None
            body = onward[0].successor
        return body

    def split_before(self, ids: set[int]) -> set[int]:
        """The bodies of whose split one of these gained a part."""
        return {
            succession.predecessor_id
            for pk in ids
            for succession in self._before[pk]
            if succession.kind == Succession.Kind.SPLIT
        }

    def arrived(self, origin: Organisation, body: Organisation) -> date | None:
        """The day on which what `origin` promised passed to `body`; None where it did not."""
        seen = set[int]()
        while origin.pk not in seen and (onward := self._after[origin.pk]):
            seen.add(origin.pk)
            if onward[0].kind == Succession.Kind.SPLIT:
                return None
            if onward[0].successor_id == body.pk:
                return onward[0].on
            origin = onward[0].successor
        return None

    def events(self, body: Organisation) -> list[Event]:
        """What happened to a body, to those it came from and to those it became; newest first."""
        successors = self._reach(body, self._after, "successor")
        origins = self._reach(body, self._before, "predecessor")
        line = {*successors, *origins, body.pk}
        events = []
        for pk in line:
            by_day: dict[date, list[Succession]] = defaultdict(list)
            for succession in self._before[pk]:
                by_day[succession.on].append(succession)
            # What a successor took over from strangers, on another day, is not this body's history.
            events += [
                _event(together)
                for together in by_day.values()
                if any(succession.predecessor_id in line for succession in together)
            ]
        return sorted(events, key=lambda event: (event.on, event.successor.name), reverse=True)

    def origins(self, body: Organisation) -> list[Event]:
        """The days on which this body itself took over from others, newest first."""
        return [event for event in self.events(body) if event.successor.pk == body.pk]

    def _reach(
        self, body: Organisation, edges: dict[int, list[Succession]], end: str
    ) -> dict[int, Organisation]:
        found: dict[int, Organisation] = {}
        queue = [body]
        while queue:
            for succession in edges[queue.pop().pk]:
                other = getattr(succession, end)
                if other.pk not in found:
                    found[other.pk] = other
                    queue.append(other)
        return found


def _event(together: list[Succession]) -> Event:
    together = sorted(together, key=lambda succession: succession.predecessor.name)
    first = together[0]
    split = [s for s in together if s.kind == Succession.Kind.SPLIT]
    whole = [s for s in together if s.kind != Succession.Kind.SPLIT]
    return Event(
        on=first.on,
        when=first.predecessor.closed_text,
        successor=first.successor,
        whole=tuple(succession.predecessor for succession in whole),
        parts=tuple(succession.predecessor for succession in split),
        kind=whole[0].kind if whole else Succession.Kind.SPLIT.value,
    )


def _heavy(side: str) -> list[str]:
    """Long texts that a name and a link do not need."""
    return [f"{side}__source", f"{side}__notes"]
