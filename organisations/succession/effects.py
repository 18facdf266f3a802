"""What a change of organisations does to the rest of the product, and what hangs on one already.

This app knows nothing of commitments. Whoever has something to say of a change registers here,
once, from an AppConfig.ready.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from organisations.models import Succession, User

if TYPE_CHECKING:
    from organisations.succession.queries import Reorganisation


@dataclass(frozen=True)
class Line:
    """One thing that is touched: its words, its page if it has one, and a quiet remark."""

    text: str
    url: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Effect:
    """What happens to one sort of thing: how many there are, in a sentence or two, the first of
    them, and where to find them all. `asks_a_person` where somebody has to decide."""

    heading: str
    number: int
    words: str
    lines: Sequence[Line] = ()
    asks_a_person: bool = False

    @property
    def more(self) -> int:
        """How many there are beyond those that are listed."""
        return max(0, self.number - len(self.lines)) if self.lines else 0


class Source(Protocol):
    """One part of the product."""

    def effects(self, change: "Reorganisation", asking: User, today: date) -> Iterable[Effect]:
        """What will be different from the change's day on; lists only what `asking` may see."""

    def dependants(self, successions: Sequence[Succession], today: date) -> Iterable[Line]:
        """What has been done since because of these successions, so that they cannot go."""


_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a part of the product."""
    _sources.append(source)


def effects_of(change: "Reorganisation", asking: User, today: date) -> list[Effect]:
    """All that a change would do, in the order in which the parts registered."""
    return [effect for source in _sources for effect in source.effects(change, asking, today)]


def dependants_of(successions: Sequence[Succession], today: date) -> list[Line]:
    """All that hangs on successions."""
    return [line for source in _sources for line in source.dependants(successions, today)]
