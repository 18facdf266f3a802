"""Who is next, what they are to be told, and making sure that nobody else tells them.

Looked ahead for a handful of people at once, because asking person by person costs more than
writing to them; claimed person by person, because only that keeps two runs apart.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Count, IntegerField, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from commitments.models import Reminder
from commitments.reminders.messages import Leads
from commitments.reminders.things import Things
from organisations.models import Organisation, User

TOGETHER = 100
# What was looked up this many seconds ago is looked up again: with a slow mail server a handful of
# people takes long, and things change meanwhile.
FRESH = 5
NOBODY = -(2**40)  # no row has this key


def waiting(ready: QuerySet[Reminder]) -> list[int]:
    """People for whom something waits; colleagues one after the other, since they see the same."""
    rows = ready.order_by().values("person").annotate(body=Min("person__memberships__organisation"))
    return list(rows.order_by("body", "person").values_list("person", flat=True))


@dataclass
class Ahead:
    """What some people are to be told, as it was a moment ago. `asked` are those it is about, and
    `told` those of them for whom something waits: `reminders`."""

    asked: frozenset[int] = frozenset()
    told: frozenset[int] = frozenset()
    people: dict[int, User] = field(default_factory=dict)
    reminders: set[int] = field(default_factory=set)
    bodies: dict[int, Organisation] = field(default_factory=dict)
    things: Things | None = None
    leads: Leads = field(default_factory=Leads)
    looked: float = field(default_factory=time.monotonic)

    @classmethod
    def to(
        cls, keys: Sequence[int], ready: QuerySet[Reminder], today: date, leads: Leads
    ) -> "Ahead":
        """Look ahead to these people, or the first of them; with the programme leads that are known
        already."""
        asked = frozenset(keys[:TOGETHER])
        rows = list(ready.filter(person__in=asked))
        others = {row.standing_in_for_id for row in rows if row.standing_in_for_id}
        people = User.objects.in_bulk({row.person_id for row in rows} | others)
        told = frozenset(row.person_id for row in rows)
        return cls(
            asked=asked,
            told=told,
            people=people,
            reminders={row.pk for row in rows},
            bodies=Organisation.objects.in_bulk({row.through_id for row in rows if row.through_id}),
            leads=leads,
            things=Things([people[key] for key in told], rows, today),
        )

    def covers(self, key: int) -> bool:
        """Whether this person is among them, and it is still to be relied on."""
        return key in self.asked and time.monotonic() - self.looked < FRESH

    def has_nothing_for(self, key: int) -> bool:
        """Whether nothing waited any more for somebody who was asked about."""
        return key in self.asked and key not in self.told

    def attach(self, claimed: list[Reminder]) -> Things | None:
        """Give reminders to one person the objects that they point to; returns what they are about,
        or None when something else has come to wait for the person since."""
        for row in claimed:
            row.person = self.people.get(row.person_id) or row.person
            if row.through_id in self.bodies:
                row.through = self.bodies[row.through_id]
            if row.standing_in_for_id in self.people:
                row.standing_in_for = self.people[row.standing_in_for_id]
        return self.things if {row.pk for row in claimed} <= self.reminders else None


class Claim:
    """The statement that claims one person's waiting reminders: put together once a run, since that
    costs Django more than it costs PostgreSQL to answer."""

    def __init__(self, ready: QuerySet[Reminder], midnight: object) -> None:
        taken = Reminder.objects.filter(person=OuterRef("person"), sent_at__gte=midnight)
        messages = taken.order_by().values("person").values(n=Count("sent_at", distinct=True))
        self.rows = (
            ready.filter(person=NOBODY)
            .annotate(
                messages_today=Coalesce(Subquery(messages), Value(0), output_field=IntegerField())
            )
            .order_by("pk")
            .select_for_update(skip_locked=True, of=("self",))
        )
        self.statement: tuple[str, tuple[object, ...]] | None = None

    def of(self, person: int) -> list[Reminder]:
        """A person's waiting reminders with `messages_today`, locked until the transaction ends;
        none if another run has them. The person is claimed first, so that two runs cannot halve one
        message."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(hashtextextended('reminders.send', %s))", [person]
            )
            if not cursor.fetchone()[0]:
                return []
        sql, given = self.statement = self.statement or self.rows.query.sql_with_params()
        return list(
            Reminder.objects.raw(sql, [person if value == NOBODY else value for value in given])
        )
