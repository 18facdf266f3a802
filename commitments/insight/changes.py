"""What changed while somebody was away, short enough to read over a cup of tea.

Many changes made at once, by an import for instance, are one line.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from commitments.history import FieldChange, HistoryEntry, changes
from commitments.models import Plan
from commitments.models.commitment import CommitmentQuerySet

READ_AT_MOST = 100
SHOW_AT_MOST = 12
MOST_DETAILS = 2
TOGETHER = 4  # from so many commitments of one plan changed at once


@dataclass(frozen=True)
class News:
    """One line: about one commitment, or about many of a plan (then `entry` is the first)."""

    entry: HistoryEntry
    number: int = 1

    @property
    def plan(self) -> Plan:
        return self.entry.commitment.plan

    @property
    def details(self) -> tuple[FieldChange, ...]:
        """The values to show: of what was changed, not of what is new and read on its page."""
        first = self.entry.items[0]
        return () if first.is_new else first.details[:MOST_DETAILS]

    @property
    def is_many(self) -> bool:
        return self.number > 1


@dataclass(frozen=True)
class Changes:
    """The news since a moment; `more` when there is more than is shown."""

    since: datetime
    news: list[News]
    more: bool


def changed_since(visible: CommitmentQuerySet, since: datetime) -> Changes:
    """What changed in the commitments that somebody may see. Constant in queries."""
    entries = changes(visible, since=since, limit=READ_AT_MOST)
    news = list(_together(entries))
    more = len(news) > SHOW_AT_MOST or len(entries) == READ_AT_MOST
    return Changes(since, news[:SHOW_AT_MOST], more)


def _together(entries: Iterable[HistoryEntry]) -> Iterable[News]:
    """Entries as news, newest first; those of one plan made in one go as one."""
    by_moment = groupby(entries, key=lambda entry: (entry.when, entry.who, entry.how))
    for _, at_once in by_moment:
        of_plans = sorted(at_once, key=lambda entry: entry.commitment.plan_id)
        for _, group in groupby(of_plans, key=lambda entry: entry.commitment.plan_id):
            same = list(group)
            if len(same) >= TOGETHER:
                yield News(same[0], len(same))
            else:
                yield from (News(entry) for entry in same)
