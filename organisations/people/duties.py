"""What a person who goes leaves behind, and who takes it over.

This app knows nothing of commitments. Whoever gives people things to do registers here, once, from
an AppConfig.ready: how to list one person's duties, and how to hand them to somebody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from organisations.models import Organisation, User


@dataclass(frozen=True)
class Duty:
    """One thing that a person has to do: what it is, and the page about it."""

    text: str
    url: str


class Source(Protocol):
    """One sort of duty."""

    def owed_by(self, person: User, organisation: Organisation | None) -> Iterable[Duty]:
        """What a person has to do for an organisation; for None, all that they have to do."""

    def hand_over(
        self, *, by: User, person: User, organisation: Organisation | None, to: User | None
    ) -> int:
        """Give the same duties to somebody else, or to nobody yet; how many there were.

        Whoever calls has asked whether `by` may. Runs inside the caller's transaction.
        """


_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a sort of duty."""
    _sources.append(source)


def duties_of(person: User, organisation: Organisation | None) -> list[Duty]:
    """All that a person has to do for an organisation. Where it is the only one they are in (or for
    None), all that they have to do: nothing may be left with somebody who has gone."""
    scope = _scope(person, organisation)
    return [duty for source in _sources for duty in source.owed_by(person, scope)]


def hand_over(*, by: User, person: User, organisation: Organisation | None, to: User | None) -> int:
    """Hand the same duties to somebody else, or to nobody yet. How many there were."""
    scope = _scope(person, organisation)
    return sum(
        source.hand_over(by=by, person=person, organisation=scope, to=to) for source in _sources
    )


def _scope(person: User, organisation: Organisation | None) -> Organisation | None:
    if organisation is None:
        return None
    elsewhere = person.memberships.filter(ended_at=None).exclude(organisation=organisation)
    return organisation if elsewhere.exists() else None
