"""Why the evidence rating is what it is, with the particulars: which milestone, how late, which
measure, how far.

`commitments.ratings` decides which clauses hold; nothing is decided again here. The words are put
together from the rows that a page has at hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from commitments import ratings
from commitments.dates import FuzzyDate
from commitments.figures import format_figure, format_number
from commitments.models import Commitment, Measure, Milestone, Round
from commitments.ratings import Clause, Explanation
from workforce_tracker.templatetags import words

AT_MOST_EACH = 3
NOTHING_KNOWN = "No dated milestone, no reported figure and no progress update yet"


@dataclass(frozen=True)
class MeasureStanding:
    """Where a measure's latest actual lies, from the view that ratings are made from. `shortfall`
    is in per cent of what was expected by then; None where nothing was expected."""

    actual: Decimal | None
    expected_low: Decimal | None
    expected_high: Decimal | None
    at_target: bool | None
    shortfall: Decimal | None
    level: str


def measure_standings(commitment_id: int) -> dict[int, MeasureStanding]:
    """The standing of each measure of a commitment, by the measure's key. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT measure_id, actual, expected_low, expected_high, at_target, shortfall, "
            "CASE WHEN shortfall > red_tolerance THEN 'red' "
            "WHEN shortfall > amber_tolerance THEN 'amber' ELSE '' END "
            "FROM commitments_measure_standing WHERE commitment_id = %s",
            [commitment_id],
        )
        return {row[0]: MeasureStanding(*row[1:]) for row in cursor.fetchall()}


def reasons(
    explanation: Explanation,
    commitment: Commitment,
    milestones: Sequence[Milestone],
    measures: Sequence[Measure],
    today: date,
) -> list[str]:
    """One line a reason, the deciding one first. Two queries at most, whatever there is.

    Give the commitment with its plan, and all its milestones and measures.
    """
    if not explanation.clauses:
        return [NOTHING_KNOWN]
    situation = _Situation(commitment, milestones, measures, today, explanation.clauses)
    lines: list[str] = []
    for clause in explanation.clauses:
        found = _WORDS[clause](situation) if clause in _WORDS else []
        lines.extend(_shorten(found) if clause in _WORDS else [clause.words])
    return lines


@dataclass
class _Situation:
    commitment: Commitment
    milestones: Sequence[Milestone]
    measures: Sequence[Measure]
    today: date
    clauses: Sequence[Clause]

    @property
    def open(self) -> list[Milestone]:
        return [milestone for milestone in self.milestones if milestone.is_open]

    @property
    def red_line(self) -> date:
        return self.today - timedelta(days=self.commitment.plan.red_after_days)

    def late(self, milestone: Milestone) -> bool:
        return milestone.due_date is not None and milestone.due_date < self.today


def due(milestone: Milestone) -> FuzzyDate:
    """The date that lateness is counted from, as given: the forecast, else the baseline."""
    return milestone.forecast if milestone.forecast.is_dated else milestone.baseline


def _long_overdue(at: _Situation) -> list[str]:
    return [_late(m, at) for m in at.open if m.due_date and m.due_date < at.red_line]


def _overdue(at: _Situation) -> list[str]:
    """Those not told already as long overdue."""
    return [_late(m, at) for m in at.open if at.late(m) and m.due_date >= at.red_line]


def _late(milestone: Milestone, at: _Situation) -> str:
    late = words.when(due(milestone), at.today)
    line = f"“{milestone.title}” is {late}: expected {words.fuzzy(due(milestone))}"
    return f"{line} (first promised: {_promised(milestone)})" if _slipped(milestone) else line


def _slips(at: _Situation) -> list[str]:
    """Those not told already as late."""
    return [
        f"“{m.title}” was promised {_promised(m)} and is now expected {words.fuzzy(m.forecast)}"
        for m in at.open
        if _slipped(m) and not at.late(m)
    ]


def _slipped(milestone: Milestone) -> bool:
    promised, expected = milestone.baseline_date, milestone.forecast_date
    return promised is not None and expected is not None and expected > promised


def _promised(milestone: Milestone) -> str:
    return words.fuzzy(milestone.baseline)


def _beyond_target(at: _Situation) -> list[str]:
    target = at.commitment.target_date
    return [
        f"“{m.title}” is expected {words.fuzzy(due(m))}, "
        f"after the commitment's own date, {words.fuzzy(at.commitment.target)}"
        for m in at.open
        if target and m.due_date and m.due_date > target
    ]


def _behind(level: str) -> Callable[[_Situation], list[str]]:
    def lines(at: _Situation) -> list[str]:
        standings = measure_standings(at.commitment.pk)
        return [
            _shortfall(measure, standings[measure.pk])
            for measure in at.measures
            if measure.pk in standings and standings[measure.pk].level == level
        ]

    return lines


def _shortfall(measure: Measure, standing: MeasureStanding) -> str:
    actual = format_figure(standing.actual, None, unit=measure.unit)
    expected = format_figure(standing.expected_low, standing.expected_high, unit=measure.unit)
    far = format_number(round(standing.shortfall or Decimal(0), 1))
    below = (standing.actual or 0) < (standing.expected_low or 0)
    side = "short of" if below else "above"
    return f"“{measure.name}” is at {actual}: {far}% {side} the {expected} expected by then"


def _update_late(at: _Situation) -> list[str]:
    rounds = Round.objects.filter(plan=at.commitment.plan_id, closes_on__lt=at.today)
    if (missed := rounds.order_by("-closes_on").first()) is None:
        return [ratings.UPDATE_LATE.words]
    return [f"No update came in “{missed.name}”, which closed on {words.day(missed.closes_on)}"]


def _shorten(lines: list[str]) -> list[str]:
    more = len(lines) - AT_MOST_EACH
    if more <= 1:
        return lines
    return [*lines[:AT_MOST_EACH], f"and {more} more like this"]


_WORDS: dict[Clause, Callable[[_Situation], list[str]]] = {
    ratings.LONG_OVERDUE: _long_overdue,
    ratings.BEYOND_TARGET: _beyond_target,
    ratings.MEASURE_RED: _behind("red"),
    ratings.OVERDUE: _overdue,
    ratings.SLIPPED: _slips,
    ratings.MEASURE_AMBER: _behind("amber"),
    ratings.UPDATE_LATE: _update_late,
}
