"""Who is next, what they are to be told, and making sure that nobody else tells them.

Looked ahead for a handful of people at once, because asking person by person costs more than
writing to them; claimed person by person, because only that keeps two runs apart.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Min, QuerySet

from commitments.models import Reminder
from commitments.reminders import ledger
from commitments.reminders.messages import Digest, Leads, digest
from commitments.reminders.things import Things
from organisations.models import Organisation, User

TOGETHER = 100
# What was looked up this many seconds ago is looked up again: with a slow mail server a handful of
# people takes long, and things change meanwhile.
FRESH = 5


def waiting(ready: QuerySet[Reminder]) -> list[int]:
    """People for whom something waits; colleagues one after the other, since they see the same."""
    rows = ready.order_by().values("person").annotate(body=Min("person__memberships__organisation"))
    return list(rows.order_by("body", "person").values_list("person", flat=True))


@dataclass
class Ahead:
    """What the `asked` people are to be told, as it was a moment ago."""

    today: date
    asked: frozenset[int] = frozenset()
    rows: dict[int, list[Reminder]] = field(default_factory=dict)
    things: Things | None = None
    leads: Leads = field(default_factory=Leads)
    looked: float = field(default_factory=time.monotonic)

    def to(self, keys: Sequence[int], ready: QuerySet[Reminder]) -> "Ahead":
        """Look ahead to these people, with the programme leads that are known already. A fixed
        number of queries, but for those of `Things`."""
        found = list(ready.filter(person__in=keys).order_by("pk"))
        others = {row.standing_in_for_id for row in found if row.standing_in_for_id}
        people = User.objects.in_bulk({row.person_id for row in found} | others)
        bodies = Organisation.objects.in_bulk({row.through_id for row in found if row.through_id})
        rows: dict[int, list[Reminder]] = {}
        for row in found:
            row.person = people[row.person_id]
            row.through = bodies[row.through_id] if row.through_id else None
            row.standing_in_for = people[row.standing_in_for_id] if row.standing_in_for_id else None
            rows.setdefault(row.person_id, []).append(row)
        things = Things([people[key] for key in rows], found, self.today)
        return Ahead(self.today, frozenset(keys), rows, things, self.leads)

    def covers(self, key: int) -> bool:
        """Whether this person is among them, and it is still to be relied on."""
        return key in self.asked and time.monotonic() - self.looked < FRESH

    def digest(self, reminders: Sequence[Reminder]) -> Digest:
        """What some of one person's reminders say."""
        assert self.things is not None
        return digest(reminders[0].person, reminders, self.today, self.things, self.leads)


@dataclass(frozen=True)
class Claim:
    """What a run alone may tell a person until its transaction ends: the reminders looked up that
    are still to be told. `messages_today` is how many messages the person has had."""

    rows: list[Reminder]
    messages_today: int

    @classmethod
    def of(
        cls, rows: Sequence[Reminder], today: date, *, now: datetime, midnight: datetime
    ) -> "Claim":
        """Claim one person's reminders, all of them or none. One statement.

        None where another run writes to the person, or has sent, withdrawn or holds a part since:
        the next run looks again, so that nobody gets one message in two halves.
        """
        given: dict[str, Any] = {
            "person": rows[0].person_id,
            "rows": [row.pk for row in rows],
            "today": today,
            "now": now,
            "midnight": midnight,
        }
        with connection.cursor() as cursor:
            cursor.execute(ledger.statement("claim", {row.kind for row in rows}), given)
            found = cursor.fetchall()
        if len(found) < len(rows):
            return cls([], 0)
        over = {key for key, is_over, _ in found if is_over}
        return cls([row for row in rows if row.pk not in over], found[0][2])
