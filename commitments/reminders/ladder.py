"""The ladder: on which working days before and after its date a thing is worth a reminder.

Pure: the day is an argument. A ladder is data: each plan may have its own for its milestones and
for the updates owed in its rounds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from commitments.dates import add_working_days, is_working_day
from commitments.models import Reminder
from commitments.models.reminding import MILESTONE_DAYS, UPDATE_DAYS


@dataclass(frozen=True)
class Stage:
    """One rung: `offset` working days of England after the date, before it when negative.

    An escalation goes to those who can step in; the other rungs to those who answer for the thing.
    """

    offset: int
    is_escalation: bool = False

    @property
    def code(self) -> str:
        """The stage's name in the ledger."""
        if self.is_escalation:
            return Reminder.ESCALATION
        if not self.offset:
            return "on_day"
        return f"{'before' if self.offset < 0 else 'after'}_{abs(self.offset)}"

    @property
    def label(self) -> str:
        """The stage in words."""
        if self.is_escalation:
            side = "before" if self.offset < 0 else "after"
            return f"escalation, {_days(abs(self.offset))} {side}"
        return label(self.code)

    def send_on(self, due_on: date) -> date:
        """The working day on which this stage of something due on a day is sent.

        "On the day" of something due at a weekend or on a bank holiday is the last working day
        before: then something can still be done about it.
        """
        if self.offset or is_working_day(due_on):
            return add_working_days(due_on, self.offset)
        return add_working_days(due_on, -1)


def label(code: str) -> str:
    """A stage of the ledger in words: "7 working days before". The number of days of an escalation
    is its plan's own, so it is not among them."""
    side, _, number = code.partition("_")
    if side in ("before", "after") and number.isdigit():
        return f"{_days(int(number))} {side}"
    return "on the day" if code == "on_day" else code.replace("_", " ")


def _days(number: int) -> str:
    return "1 working day" if number == 1 else f"{number} working days"


def rungs(offsets: Iterable[int], escalate_after: int | None = None) -> tuple[Stage, ...]:
    """A ladder from its days, in order, with the escalation last."""
    found = tuple(Stage(offset) for offset in sorted(set(offsets)))
    return found + ((Stage(escalate_after, True),) if escalate_after else ())


LADDER = rungs(MILESTONE_DAYS, 15)
UPDATES = rungs(UPDATE_DAYS, 10)
# Counted from the day on which a file was checked; nobody else need know of it.
UPLOADS = rungs([2, 7])
# Up to the last day for answers: after it silence is no answer, so whoever can step in is told
# while there is still something to be done.
REVIEWS = rungs([-5, -2, 0], -1)
# Counted from the day on which the decision was asked for.
BASELINES = rungs([0, 3, 7], 10)
EVIDENCE = rungs([5])
# Counted from the last day of the period.
ACTUALS = rungs([1, 5, 10], 20)
ONCE = rungs([0])
DEFAULTS = {
    Reminder.Kind.MILESTONE: LADDER,
    Reminder.Kind.UPDATE: UPDATES,
    Reminder.Kind.UPLOAD: UPLOADS,
    Reminder.Kind.REVIEW_ASKED: ONCE,
    Reminder.Kind.REVIEW: REVIEWS,
    Reminder.Kind.NUDGE: ONCE,
    Reminder.Kind.BASELINE: BASELINES,
    Reminder.Kind.DISPUTE: ONCE,
    Reminder.Kind.PASSED_ON: ONCE,
    Reminder.Kind.RETURNED: ONCE,
    Reminder.Kind.MENTION: ONCE,
    Reminder.Kind.EVIDENCE: EVIDENCE,
    Reminder.Kind.ACTUAL: ACTUALS,
}

# What was this late before the ledger first saw it is shown on pages and not mailed: the first run
# over an old register must not shout about years.
LATE_LIMIT = 30
# What the ledger has seen is reminded of for as long as this, however long nothing ran.
MEMORY = timedelta(days=366)


@dataclass(frozen=True)
class Step:
    """A stage that things due on one day have reached.

    `is_current` marks the most advanced one of its day and sort (escalation or not), the only one
    that is sent; `known_only` that it is sent only of what the ledger already knows for that day.
    """

    due_on: date
    stage: str
    label: str
    send_on: date
    is_current: bool = True
    known_only: bool = False
    is_escalation: bool = False


@lru_cache(maxsize=256)
def reached(today: date, ladder: tuple[Stage, ...]) -> tuple[Step, ...]:
    """`steps_reached`, worked out once a day and ladder."""
    return tuple(steps_reached(today, ladder))


def steps_reached(today: date, ladder: Sequence[Stage] = LADDER) -> Iterator[Step]:
    """For every due date that has reached any stage by `today`, all the stages it has reached.

    This is a state and not a window: a day on which nothing ran changes nothing in it, except which
    stage is the current one.
    """
    limit = add_working_days(today, -LATE_LIMIT)
    due_on = today - MEMORY
    last = add_working_days(today, 1 - min(0, ladder[0].offset))
    while due_on <= last:
        sends = [(stage, stage.send_on(due_on)) for stage in ladder]
        come = [(stage, send_on) for stage, send_on in sends if send_on <= today]
        current = {stage.is_escalation: stage for stage, _ in come}
        for stage, send_on in come:
            yield Step(
                due_on,
                stage.code,
                stage.label,
                send_on,
                is_current=stage is current[stage.is_escalation],
                known_only=due_on < limit,
                is_escalation=stage.is_escalation,
            )
        due_on += timedelta(days=1)


def steps_to_come(
    due_dates: Iterable[date], today: date, ladder: Sequence[Stage] = LADDER
) -> Iterator[Step]:
    """For each of these due dates the stages that come next after `today`: of those who answer for
    the thing, and of the escalation."""
    for due_on in sorted(set(due_dates)):
        ahead = [(s, send_on) for s in ladder if (send_on := s.send_on(due_on)) > today]
        for escalates in (False, True):
            mine = [step for step in ahead if step[0].is_escalation is escalates]
            if mine:
                # Of stages that fall on one day the last is sent.
                stage, send_on = [step for step in mine if step[1] == mine[0][1]][-1]
                yield Step(
                    due_on, stage.code, stage.label, send_on, is_escalation=stage.is_escalation
                )


def in_words(ladder: Sequence[Stage]) -> str:
    """A ladder as a part of a sentence: "30, 7 and 1 working days before, on the day, ..."."""
    stages = [stage for stage in ladder if not stage.is_escalation]
    before = [str(-stage.offset) for stage in stages if stage.offset < 0]
    after = [str(stage.offset) for stage in stages if stage.offset > 0]
    parts = []
    if before:
        parts.append(f"{_listed(before)} before")
    if any(stage.offset == 0 for stage in stages):
        parts.append("on the day")
    if after:
        parts.append(f"{_listed(after)} after")
    return ", ".join(parts)


def _listed(numbers: list[str]) -> str:
    words = numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    return f"{words} working {'day' if numbers == ['1'] else 'days'}"
