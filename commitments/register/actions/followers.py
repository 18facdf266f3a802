"""Rooms that have something to do when who is party to a commitment changes.

The register knows nothing of them: they say so here, once, from AppConfig.ready. They are called in
the same transaction, after the parties were written and while the commitments are locked.
"""

from collections.abc import Callable, Iterable
from datetime import date

from organisations.models import User

# The keys of the commitments, the person (None is the product itself), the day.
Follower = Callable[[set[int], User | None, date], None]

_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Add a room."""
    _followers.append(follower)


def parties_changed(commitments: Iterable[int], by: User | None, today: date) -> None:
    """Tell everybody who follows; nothing is told where nothing changed."""
    keys = set(commitments)
    for follower in _followers if keys else ():
        follower(keys, by, today)
