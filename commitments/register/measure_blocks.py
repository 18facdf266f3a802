"""A measure as a commitment's page shows it: its target in words, where the latest actual lies, a
drawing, and all its numbers with how far each actual was from what was planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from commitments.dates import format_fuzzy
from commitments.figures import Qualifier, format_figure, format_number
from commitments.models import Commitment, Figure, Measure
from commitments.reasons import MeasureStanding, measure_standings
from commitments.register.charts import Drawing, measure_drawing


@dataclass(frozen=True)
class FigureRow:
    """A line of a measure's table: `what` it is where it is no ordinary period, how far the actual
    is from the plan, and what somebody remarked on it."""

    when: str
    planned: str = ""
    actual: str = ""
    what: str = ""
    remark: str = ""
    difference: str = ""


@dataclass(frozen=True)
class MeasureBlock:
    """A measure with a drawing where there is something to compare; `standing` is where its latest
    actual lies, `tolerance` how far that may be from the plan."""

    measure: Measure
    target: str
    drawing: Drawing | None
    rows: tuple[FigureRow, ...]
    standing: str
    tolerance: str

    @property
    def first(self) -> str:
        """The target promised first, where it moved."""
        measure = self.measure
        return format_figure(measure.first_target_low, measure.first_target_high, "", measure.unit)

    @property
    def unit(self) -> str:
        """The unit for the head of the table, unless every number carries it."""
        return "" if _sign(self.measure) == self.measure.unit else self.measure.unit


def measures_of(commitment: Commitment) -> list[Measure]:
    """The measures of a commitment with their figures in order. Two queries."""
    in_order = Prefetch("figures", Figure.objects.order_by("period_date", "kind"))
    return list(commitment.measures.prefetch_related(in_order))


def measure_blocks(
    measures: Sequence[Measure], commitment: Commitment, today: date
) -> list[MeasureBlock]:
    """One block a measure. One query, none without a measure; give the commitment with its plan."""
    standings = measure_standings(commitment.pk) if measures else {}
    return [_block(measure, commitment, standings.get(measure.pk), today) for measure in measures]


def target_in_words(measure: Measure) -> str:
    """The target with its bound said: "at most 5%" also where the source only says "5%"."""
    qualifier = measure.qualifier
    if not qualifier and measure.direction == Measure.Direction.AT_MOST:
        qualifier = Qualifier.MAXIMUM.value
    words = format_figure(measure.target_low, measure.target_high, qualifier, measure.unit)
    return words or measure.target_text


def _block(
    measure: Measure, commitment: Commitment, standing: MeasureStanding | None, today: date
) -> MeasureBlock:
    figures = list(measure.figures.all())
    plan = commitment.plan
    amber, red = (
        default if own is None else own
        for own, default in (
            (measure.amber_tolerance, plan.amber_tolerance),
            (measure.red_tolerance, plan.red_tolerance),
        )
    )
    return MeasureBlock(
        measure=measure,
        target=target_in_words(measure),
        drawing=measure_drawing(measure, figures, commitment.target_date, today),
        rows=tuple(_figure_rows(measure, figures, commitment)),
        standing=_standing(measure, standing) if standing else "",
        tolerance=f"Amber when more than {format_number(amber)}% off, red when more than "
        f"{format_number(red)}%",
    )


def _standing(measure: Measure, at: MeasureStanding) -> str:
    """The latest actual against what was expected by then, in words; "" without an actual."""
    if at.actual is None:
        return ""
    latest = f"Latest actual {format_figure(at.actual, None, unit=measure.unit)}"
    if at.expected_low is None or at.shortfall is None:
        reached = "the target is reached" if at.at_target else "nothing was planned for then"
        return f"{latest}: {reached}."
    expected = format_figure(at.expected_low, at.expected_high, unit=measure.unit)
    if at.shortfall == 0:
        return f"{latest}, {expected} expected by then: on plan."
    high = at.expected_high if at.expected_high is not None else at.expected_low
    side = "below" if at.actual < at.expected_low else "above"
    off = at.expected_low - at.actual if side == "below" else at.actual - high
    level = f"outside the {at.level} tolerance" if at.level else "within tolerance"
    return (
        f"{latest}, {expected} expected by then: {format_number(abs(off))} {side} "
        f"({format_number(round(at.shortfall, 1))}%), {level}."
    )


def _figure_rows(
    measure: Measure, figures: Sequence[Figure], commitment: Commitment
) -> list[FigureRow]:
    """Baseline first, then every period with what was planned and what came, then the target."""
    sign = _sign(measure)
    rows = []
    if measure.baseline_value is not None:
        value = format_figure(measure.baseline_value, None, unit=sign)
        when = format_fuzzy(measure.baseline) if measure.baseline else "Before"
        rows.append(FigureRow(when, actual=value, what="Baseline"))
    for day in dict.fromkeys(figure.period_date for figure in figures):
        of_day = {figure.kind: figure for figure in figures if figure.period_date == day}
        planned, actual = (
            format_figure(of_day[kind].value, None, unit=sign) if kind in of_day else ""
            for kind in (Figure.Kind.TRAJECTORY, Figure.Kind.ACTUAL)
        )
        told = dict.fromkeys(text for f in of_day.values() for text in (f.source, f.note) if text)
        period = next(iter(of_day.values())).period
        rows.append(
            FigureRow(
                format_fuzzy(period),
                planned,
                actual,
                remark="; ".join(told),
                difference=_difference(of_day),
            )
        )
    low, high = measure.target_low, measure.target_high
    if target := format_figure(low, high, measure.qualifier, sign) or measure.target_text:
        when = format_fuzzy(commitment.target) if commitment.target else "No date given"
        rows.append(FigureRow(when, planned=target, what="Target"))
    return rows


def _difference(of_day: dict[str, Figure]) -> str:
    """How far an actual is from what was planned for the same period."""
    if len(of_day) < 2:
        return ""
    planned, actual = (of_day[k].value for k in (Figure.Kind.TRAJECTORY, Figure.Kind.ACTUAL))
    if planned == actual:
        return "as planned"
    share = f" ({_percent(actual - planned, planned)}%)" if planned else ""
    side = "below" if actual < planned else "above"
    return f"{format_number(abs(actual - planned))} {side}{share}"


def _percent(part: Decimal, whole: Decimal) -> str:
    return format_number(round(abs(100 * part / whole), 1))


def _sign(measure: Measure) -> str:
    """What of a unit stands with every number; the rest is said once, in the table's head."""
    if measure.unit.startswith("£"):
        return measure.unit
    return "%" if measure.unit.startswith("%") else ""
