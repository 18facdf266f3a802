"""The ladder: on which working days before and after its date a thing is worth a reminder.

Pure: the day is an argument. A ladder is data, so another thing, or a plan of its own mind, can
bring another one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from commitments.dates import add_working_days, is_working_day


@dataclass(frozen=True)
class Stage:
    """One rung: `offset` working days of England after the date, before it when negative."""

    code: str
    offset: int
    label: str

    def send_on(self, due_on: date) -> date:
        """The working day on which this stage of something due on a day is sent.

        "On the day" of something due at a weekend or on a bank holiday is the last working day
        before: then something can still be done about it.
        """
        if self.offset or is_working_day(due_on):
            return add_working_days(due_on, self.offset)
        return add_working_days(due_on, -1)


LADDER = (
    Stage("before_30", -30, "30 working days before"),
    Stage("before_7", -7, "7 working days before"),
    Stage("before_1", -1, "1 working day before"),
    Stage("on_day", 0, "on the day"),
    Stage("after_1", 1, "1 working day after"),
    Stage("after_7", 7, "7 working days after"),
    Stage("after_14", 14, "14 working days after"),
)
LABELS = {stage.code: stage.label for stage in LADDER}

# What was this late before the ledger first saw it is shown on pages and not mailed: the first run
# over an old register must not shout about years.
LATE_LIMIT = 30
# What the ledger has seen is reminded of for as long as this, however long nothing ran.
MEMORY = timedelta(days=366)


@dataclass(frozen=True)
class Step:
    """A stage that things due on one day have reached.

    `is_current` marks the most advanced one of its day, the only one that is sent; `known_only`
    that it is sent only to those whom the ledger already knows for that day.
    """

    due_on: date
    stage: str
    label: str
    send_on: date
    is_current: bool = True
    known_only: bool = False


def steps_reached(today: date, ladder: Sequence[Stage] = LADDER) -> Iterator[Step]:
    """For every due date that has reached any stage by `today`, all the stages it has reached.

    This is a state and not a window: a day on which nothing ran changes nothing in it, except which
    stage is the current one.
    """
    limit = add_working_days(today, -LATE_LIMIT)
    due_on = today - MEMORY
    last = add_working_days(today, 1 - ladder[0].offset)
    while due_on <= last:
        sends = [(stage, stage.send_on(due_on)) for stage in ladder]
        reached = [(stage, send_on) for stage, send_on in sends if send_on <= today]
        for stage, send_on in reached:
            is_current = stage is reached[-1][0]
            yield Step(due_on, stage.code, stage.label, send_on, is_current, due_on < limit)
        due_on += timedelta(days=1)


def steps_to_come(
    due_dates: Iterable[date], today: date, ladder: Sequence[Stage] = LADDER
) -> Iterator[Step]:
    """For each of these due dates the stage that comes next after `today`, if one does."""
    for due_on in sorted(set(due_dates)):
        ahead = [(s, send_on) for s in ladder if (send_on := s.send_on(due_on)) > today]
        if ahead:
            # Of stages that fall on one day the last is sent.
            stage, send_on = [step for step in ahead if step[1] == ahead[0][1]][-1]
            yield Step(due_on, stage.code, stage.label, send_on)
