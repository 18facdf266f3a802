"""On which day each stage is sent, weekends and bank holidays included."""

from datetime import date, timedelta

import pytest

from commitments.dates import is_working_day
from commitments.reminders.ladder import LADDER, steps_reached, steps_to_come

THURSDAY = date(2026, 11, 19)


def sent_on(due: date) -> dict[str, date]:
    return {stage.code: stage.send_on(due) for stage in LADDER}


def current(due: date, today: date) -> str:
    found = [
        s.stage
        for s in steps_reached(today)
        if s.due_on == due and s.is_current and not s.is_escalation
    ]
    assert len(found) <= 1
    return found[0] if found else ""


def test_an_ordinary_date_has_seven_stages_and_an_escalation_in_working_days() -> None:
    assert sent_on(THURSDAY) == {
        "before_30": date(2026, 10, 8),
        "before_7": date(2026, 11, 10),
        "before_1": date(2026, 11, 18),
        "on_day": THURSDAY,
        "after_1": date(2026, 11, 20),
        "after_7": date(2026, 11, 30),
        "after_14": date(2026, 12, 9),
        "escalation": date(2026, 12, 10),
    }


@pytest.mark.parametrize(
    ("due", "on_day", "before", "after"),
    [
        # A Sunday: the Friday before, and the Monday after.
        (date(2026, 11, 22), date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 23)),
        # Christmas Day on a Friday; the Monday stands in for Boxing Day.
        (date(2026, 12, 25), date(2026, 12, 24), date(2026, 12, 24), date(2026, 12, 29)),
        # Easter Monday: Good Friday does not count either.
        (date(2027, 3, 29), date(2027, 3, 25), date(2027, 3, 25), date(2027, 3, 30)),
        # The last day of a financial year that falls on a Saturday.
        (date(2029, 3, 31), date(2029, 3, 29), date(2029, 3, 29), date(2029, 4, 3)),
    ],
)
def test_weekends_and_bank_holidays_are_not_days_to_send(
    due: date, on_day: date, before: date, after: date
) -> None:
    days = sent_on(due)
    assert (days["on_day"], days["before_1"], days["after_1"]) == (on_day, before, after)


def test_every_stage_of_every_day_falls_on_a_working_day_and_in_order() -> None:
    for number in range(400):
        days = list(sent_on(date(2026, 1, 1) + timedelta(days=number)).values())
        assert all(is_working_day(day) for day in days)
        assert days == sorted(days)


@pytest.mark.parametrize(
    ("due", "stage"),
    [
        (date(2027, 1, 6), ""),
        (date(2027, 1, 5), "before_30"),
        (date(2026, 12, 1), "before_30"),
        (date(2026, 11, 30), "before_7"),
        (date(2026, 11, 20), "before_1"),
        (date(2026, 11, 19), "on_day"),
        (date(2026, 11, 18), "after_1"),
        (date(2026, 11, 11), "after_1"),
        (date(2026, 11, 10), "after_7"),
        (date(2026, 10, 30), "after_14"),
    ],
)
def test_the_most_advanced_stage_that_has_come_is_the_current_one(due: date, stage: str) -> None:
    assert current(due, THURSDAY) == stage


def test_a_stage_once_reached_stays_reached_until_the_next() -> None:
    due = date(2026, 11, 22)
    days = [date(2026, 11, 9) + timedelta(days=n) for n in range(20)]
    stages = [current(due, day) for day in days]
    order = [stage.code for stage in LADDER]
    assert stages == sorted(stages, key=order.index)
    assert "before_1" not in stages  # a Sunday's day-before and on-the-day are both the Friday


def test_only_what_is_over_30_working_days_late_asks_to_be_known_already() -> None:
    known = {step.due_on: step.known_only for step in steps_reached(THURSDAY)}
    assert known[date(2026, 10, 8)] is False  # 30 working days before that Thursday
    assert known[date(2026, 10, 7)] is True


def test_what_comes_next_is_the_nearest_stage_after_today() -> None:
    due = [date(2026, 11, 30), date(2026, 11, 22), date(2026, 10, 1)]
    steps = [step for step in steps_to_come(due, THURSDAY) if not step.is_escalation]
    found = [(s.due_on, s.stage, s.send_on) for s in steps]
    assert found == [
        (date(2026, 11, 22), "on_day", date(2026, 11, 20)),
        (date(2026, 11, 30), "before_1", date(2026, 11, 27)),
    ]


def test_the_escalation_comes_beside_the_last_stage() -> None:
    found = {
        s.stage: s.is_current for s in steps_reached(date(2026, 12, 10)) if s.due_on == THURSDAY
    }
    assert found["escalation"] and found["after_14"]
    assert sum(found.values()) == 2
