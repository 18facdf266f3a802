"""The ledger: makes the table of reminders agree with what is owed, in a few statements.

What is owed follows from the state of the database and the day alone (commitments/sql/reminders),
never from when something last ran; so an outage loses nothing and a repetition adds nothing.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from commitments.models import Ladder, Milestone, Reminder, Round
from commitments.reminders.ladder import (
    DEFAULTS,
    MEMORY,
    Stage,
    Step,
    reached,
    rungs,
    steps_to_come,
)
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
    """One reminder owed to one person. `through_id` is None for the owner of the milestone and for
    a senior responsible owner; `hold` is the cause that keeps it from the mail, or empty."""

    person_id: int
    kind: str
    thing_id: int
    commitment_id: int | None
    through_id: int | None
    standing_in_for_id: int | None
    stage: str
    label: str
    due_on: date
    send_on: date
    hold: str


def plan(today: date) -> Planned:
    """Add what is owed by `today`, plan again what is owed after all, withdraw what no longer is.

    Two at once wait for each other. Runs inside the caller's transaction if there is one.
    """
    words = {cause.value: cause.label for cause in Reminder.Cause}
    numbers, plans = _numbered()
    steps = [(*key, step) for key, stages in numbers for step in reached(today, stages)]
    given = _arguments(steps, plans, today) | {
        "now": timezone.now(),
        "earliest": today - MEMORY,
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


def to_come(commitments: Collection[int], today: date) -> list[Owed]:
    """What some commitments will cause next, by the rule that plans it: of their open milestones,
    and of the updates that they owe. Constant in queries."""
    dates = Milestone.objects.open().filter(commitment__in=commitments, due_date__isnull=False)
    rounds = Round.objects.filter(plan__commitments__in=commitments, opens_on__lte=today)
    due = {
        Reminder.Kind.MILESTONE: set(dates.order_by().values_list("due_date", flat=True)),
        Reminder.Kind.UPDATE: set(rounds.order_by().values_list("closes_on", flat=True)),
    }
    numbers, plans = _numbered()
    steps = [
        (kind, number, step)
        for (kind, number), stages in numbers
        for step in steps_to_come(due.get(Reminder.Kind(kind), ()), today, stages)
    ]
    return _owed(steps, plans, today, commitments)


def now_owed(commitments: Collection[int], today: date) -> list[Owed]:
    """What some commitments owe by today, whether or not it has been sent."""
    numbers, plans = _numbered()
    steps = [(*key, step) for key, stages in numbers for step in reached(today, stages)]
    return _owed(steps, plans, today, commitments)


def ladders_of(plan_id: int | None) -> dict[str, tuple[Stage, ...]]:
    """The ladders of a plan: its own, or the usual ones."""
    chosen = Ladder.objects.filter(plan=plan_id).first()
    return DEFAULTS | (_own(chosen) if chosen else {})


def _own(chosen: Ladder) -> dict[str, tuple[Stage, ...]]:
    return {
        Reminder.Kind.MILESTONE: rungs(chosen.milestone_days, chosen.milestone_escalation),
        Reminder.Kind.UPDATE: rungs(chosen.update_days, chosen.update_escalation),
    }


def _numbered() -> tuple[
    list[tuple[tuple[str, int], tuple[Stage, ...]]], list[tuple[int, str, int]]
]:
    """All different ladders, each under its kind and a number (the usual one is 0), and which plan
    has which. Plans that chose alike share a ladder, so there are few."""
    found = {kind: {stages: 0} for kind, stages in DEFAULTS.items()}
    plans = []
    for chosen in Ladder.objects.all():
        for kind, stages in _own(chosen).items():
            known = found[Reminder.Kind(kind)]
            number = known.setdefault(stages, len(known))
            if number:
                plans.append((chosen.plan_id, kind, number))
    numbers = [
        ((str(kind), number), stages)
        for kind, known in found.items()
        for stages, number in known.items()
    ]
    return numbers, plans


def _owed(
    steps: list[tuple[str, int, Step]],
    plans: list[tuple[int, str, int]],
    today: date,
    commitments: Collection[int],
) -> list[Owed]:
    given = _arguments(steps, plans, today) | {"commitments": list(commitments)}
    with connection.cursor() as cursor:
        cursor.execute(_sql("owed"), given)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    wanted = [each.name for each in fields(Owed)]
    found = [Owed(**{name: row[name] for name in wanted}) for row in rows]
    return sorted(found, key=lambda owed: (owed.send_on, owed.kind, owed.thing_id, owed.person_id))


def _arguments(
    steps: Iterable[tuple[str, int, Step]], plans: list[tuple[int, str, int]], today: date
) -> dict[str, Any]:
    """What the statements are given: the ladders by due date, which plan has which, and who took
    over from whom."""
    rows = list(steps)
    names = [each.name for each in fields(Step)]
    passed = sorted(Succession.objects.inheritances(today))
    return {name: [getattr(step, name) for _, _, step in rows] for name in names} | {
        "kind": [str(kind) for kind, _, _ in rows],
        "ladder": [number for _, number, _ in rows],
        "ladder_plan": [plan_id for plan_id, _, _ in plans],
        "ladder_kind": [str(kind) for _, kind, _ in plans],
        "ladder_number": [number for _, _, number in plans],
        "body": [body for body, _ in passed],
        "heir": [heir for _, heir in passed],
        "roles": REPORTING_ROLES,
        "commitments": None,
        "today": today,
    }


@cache
def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()
