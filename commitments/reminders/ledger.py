"""The ledger: makes the table of reminders agree with what is owed, in a few statements.

What is owed follows from the state of the database and the day alone (commitments/sql/reminders),
never from when something last ran; so an outage loses nothing and a repetition adds nothing.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from commitments.models import Milestone, Reminder
from commitments.reminders.ladder import Step, steps_reached, steps_to_come
from organisations.models import Succession
from organisations.permissions import CAPABILITIES, Capability

SQL = Path(__file__).parent.parent / "sql" / "reminders"
OVERTAKEN = "Overtaken by the reminder "
# Those who report for a body are those who can do something about its milestones.
REPORTING_ROLES = [str(role) for role, held in CAPABILITIES.items() if Capability.REPORT in held]


@dataclass(frozen=True)
class Planned:
    """How many reminders a planning added, and how many it withheld."""

    planned: int
    withheld: int


@dataclass(frozen=True)
class Owed:
    """One reminder owed to one person. `through_id` is None for the owner of the milestone."""

    person_id: int
    milestone_id: int
    through_id: int | None
    stage: str
    due_on: date
    send_on: date


def plan(today: date) -> Planned:
    """Add what is owed by `today`, plan again what is owed after all, withdraw what no longer is.

    Two at once wait for each other. Runs inside the caller's transaction if there is one.
    """
    words = {cause.value: cause.label for cause in Reminder.Cause}
    given = _arguments(steps_reached(today), today) | {
        "now": timezone.now(),
        "today": today,
        "overtaken": OVERTAKEN,
        "words": json.dumps(words),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('reminders.plan', 0))")
        owed = "CREATE TEMPORARY TABLE reminder_owed ON COMMIT DROP AS " + _sql("owed")
        cursor.execute(owed, given)
        cursor.execute("ANALYZE reminder_owed")
        cursor.execute(_sql("rearm"), given)
        rearmed = cursor.rowcount
        cursor.execute(_sql("record"), given)
        planned, overtaken = cursor.fetchone()
        cursor.execute(_sql("withdraw"), given)
        withdrawn = cursor.rowcount
        cursor.execute("DROP TABLE reminder_owed")
    return Planned(planned + rearmed, overtaken + withdrawn)


def to_come(commitment_id: int, today: date) -> list[Owed]:
    """What the open milestones of one commitment will cause next, by the rule that plans it."""
    dates = Milestone.objects.open().filter(commitment=commitment_id, due_date__isnull=False)
    steps = steps_to_come(dates.values_list("due_date", flat=True), today)
    with connection.cursor() as cursor:
        cursor.execute(_sql("owed"), _arguments(steps, today) | {"commitment": commitment_id})
        rows = cursor.fetchall()
    found = [
        Owed(person, milestone, through, stage, due_on, send_on)
        for person, milestone, _, through, stage, due_on, send_on, _ in rows
    ]
    return sorted(found, key=lambda owed: (owed.send_on, owed.milestone_id, owed.person_id))


def _arguments(steps: Iterable[Step], today: date) -> dict[str, Any]:
    """What the statements are given: the ladder by due date, and who took over from whom."""
    rows = list(steps)
    names = ("due_on", "stage", "label", "send_on", "is_current", "known_only")
    passed = sorted(Succession.objects.inheritances(today))
    return {name: [getattr(row, name) for row in rows] for name in names} | {
        "body": [body for body, _ in passed],
        "heir": [heir for _, heir in passed],
        "roles": REPORTING_ROLES,
        "commitment": None,
    }


@cache
def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()
