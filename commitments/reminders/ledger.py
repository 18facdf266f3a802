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

from commitments.models import Ladder, Reminder
from commitments.reminders.ladder import (
    DEFAULTS,
    MEMORY,
    Stage,
    Step,
    reached,
    rungs,
    steps_to_come,
)
from organisations.kinds import REACH_OF_KIND, Reach
from organisations.models import Succession
from organisations.permissions import CAPABILITIES, Capability

SQL = Path(__file__).parent.parent / "sql" / "reminders"
OVERTAKEN = "Overtaken by the reminder "
DROPPED = "The plan no longer reminds at this stage"
# Those who report for a body are those who can do something about its milestones.
REPORTING_ROLES = [str(role) for role, held in CAPABILITIES.items() if Capability.REPORT in held]
REVIEWING_ROLES = [str(role) for role, held in CAPABILITIES.items() if Capability.REVIEW in held]
# Who may verify what comes with any joint commitment.
SECTOR_KINDS = [str(kind) for kind, reach in REACH_OF_KIND.items() if reach == Reach.SECTOR]


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


def plan(today: date, kinds: Collection[str] = Reminder.Kind.values) -> Planned:
    """Add what is owed by `today`, plan again what is owed after all, withdraw what no longer is:
    all of it, or what is of some kinds.

    Two at once wait for each other. Runs inside the caller's transaction if there is one.
    """
    words = {cause.value: cause.label for cause in Reminder.Cause}
    numbers, plans = _numbered()
    steps = [
        (number, step)
        for kind, number, stages in numbers
        if kind in kinds
        for step in reached(today, stages)
    ]
    given = _arguments(steps, plans, today) | {
        "kinds": [str(kind) for kind in kinds],
        "now": timezone.now(),
        "earliest": today - MEMORY,
        "overtaken": OVERTAKEN,
        "dropped": DROPPED,
        "words": json.dumps(words),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('reminders.plan', 0))")
        cursor.execute(statement("compare", kinds), given)
        cursor.execute(statement("rearm"), given)
        rearmed = cursor.rowcount
        cursor.execute(statement("record"), given)
        planned, overtaken = cursor.fetchone()
        cursor.execute(statement("withdraw", kinds), given)
        withdrawn = cursor.rowcount
        cursor.execute("DROP TABLE reminder_owed")
    return Planned(planned + rearmed, overtaken + withdrawn)


def to_come(commitments: Collection[int], today: date) -> list[Owed]:
    """What some commitments will cause next, by the rule that plans it. Constant in queries."""
    due: dict[str, set[date]] = {}
    given = _arguments([], [], today) | {"commitments": list(commitments)}
    with connection.cursor() as cursor:
        cursor.execute(statement("dates"), given)
        for kind, day in cursor.fetchall():
            due.setdefault(kind, set()).add(day)
    numbers, plans = _numbered()
    steps = [
        (number, step)
        for kind, number, stages in numbers
        for step in steps_to_come(due.get(kind, ()), today, stages)
    ]
    return _owed(steps, plans, today, commitments, to_come=True)


def now_owed(commitments: Collection[int] | None, today: date) -> list[Owed]:
    """What some commitments owe by today, whether or not it has been sent; None for everything."""
    numbers, plans = _numbered()
    steps = [(number, step) for _, number, stages in numbers for step in reached(today, stages)]
    return _owed(steps, plans, today, commitments)


def ended(kind: str, rows: Collection[int], today: date) -> set[int]:
    """Which rows of the ledger, all of one kind, are about something that is done, has moved or is
    gone by now."""
    with connection.cursor() as cursor:
        cursor.execute(statement("ended", [kind]), {"rows": list(rows), "today": today})
        return {row for (row,) in cursor.fetchall()}


def ladders_of(plan_id: int | None) -> dict[Reminder.Kind, tuple[Stage, ...]]:
    """The ladders of a plan: its own, or the usual ones."""
    chosen = Ladder.objects.filter(plan=plan_id).first()
    return DEFAULTS | (_own(chosen) if chosen else {})


def _own(chosen: Ladder) -> dict[Reminder.Kind, tuple[Stage, ...]]:
    return {
        Reminder.Kind.MILESTONE: rungs(chosen.milestone_days, chosen.milestone_escalation),
        Reminder.Kind.UPDATE: rungs(chosen.update_days, chosen.update_escalation),
    }


def _numbered() -> tuple[
    list[tuple[Reminder.Kind, int, tuple[Stage, ...]]], list[tuple[int | None, str, int]]
]:
    """All different ladders with the kind and the number of each, and which plan has which; the
    usual one of a kind is of no plan. Plans that chose alike share a ladder, so there are few."""
    found = {(kind, stages): number for number, (kind, stages) in enumerate(DEFAULTS.items())}
    plans: list[tuple[int | None, str, int]] = [
        (None, kind, number) for (kind, _), number in found.items()
    ]
    for chosen in Ladder.objects.all():
        for kind, stages in _own(chosen).items():
            number = found.setdefault((kind, stages), len(found))
            plans.append((chosen.plan_id, kind, number))
    return [(kind, number, stages) for (kind, stages), number in found.items()], plans


def _owed(
    steps: list[tuple[int, Step]],
    plans: list[tuple[int | None, str, int]],
    today: date,
    commitments: Collection[int] | None,
    *,
    to_come: bool = False,
) -> list[Owed]:
    keys = None if commitments is None else list(commitments)
    given = _arguments(steps, plans, today) | {"commitments": keys, "to_come": to_come}
    with connection.cursor() as cursor:
        cursor.execute(statement("owed"), given)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    wanted = [each.name for each in fields(Owed)]
    found = [Owed(**{name: row[name] for name in wanted}) for row in rows]
    return sorted(found, key=lambda owed: (owed.send_on, owed.kind, owed.thing_id, owed.person_id))


def _arguments(
    steps: list[tuple[int, Step]], plans: list[tuple[int | None, str, int]], today: date
) -> dict[str, Any]:
    """What the statements are given: the ladders by due date, which plan has which, and who took
    over from whom."""
    names = [each.name for each in fields(Step)]
    passed = sorted(Succession.objects.inheritances(today))
    return {name: _array(getattr(step, name) for _, step in steps) for name in names} | {
        "ladder": _array(number for number, _ in steps),
        "ladder_plan": [plan_id for plan_id, _, _ in plans],
        "ladder_kind": [str(kind) for _, kind, _ in plans],
        "ladder_number": [number for _, _, number in plans],
        "body": [body for body, _ in passed],
        "heir": [heir for _, heir in passed],
        "reporters": REPORTING_ROLES,
        "reviewers": REVIEWING_ROLES,
        "sector": SECTOR_KINDS,
        "commitments": None,
        "to_come": False,
        "today": today,
    }


def _array(values: Iterable[object]) -> str:
    """An array as PostgreSQL writes one. Thousands of days one by one, each with its type, would
    take it longer to read than to use."""
    return "{" + ",".join(f'"{value}"' for value in values) + "}"


def statement(name: str, kinds: Collection[str] = Reminder.Kind.values) -> str:
    """A statement of the folder, with what each of these kinds has to say in its place. Kinds that
    nobody asks about are left out, for PostgreSQL would think about each of them."""
    return _sql(name, tuple(kind for kind in Reminder.Kind.values if kind in kinds))


@cache
def _sql(name: str, kinds: tuple[str, ...]) -> str:
    text = (SQL / f"{name}.sql").read_text()
    if (place := "/* owed */") in text:
        text = text.replace(place, _sql("owed", kinds))
    for part, first in (("things", ["thing"]), ("ended", [])):
        if (place := f"/* {part} */") in text:
            names = [*first, *(f"{part}/{kind}" for kind in kinds)]
            each = [(SQL / f"{name}.sql").read_text() for name in names]
            text = text.replace(place, "UNION ALL\n".join(each))
    return text
