"""Figures of measures."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError

from commitments.dates import FuzzyDate, first_day
from commitments.figures import format_number
from commitments.models import Commitment, Figure, Measure
from commitments.register.actions.permission import (
    may_edit,
    may_report,
    require,
    writes,
)
from organisations.models import User

# A period of each rhythm, for whoever gave another one.
EXAMPLES: dict[str, str] = {
    Measure.Rhythm.MONTH: "a month, such as March 2026",
    Measure.Rhythm.QUARTER: "a quarter, such as Q3 2025/26",
    Measure.Rhythm.FINANCIAL_YEAR: "a financial year, such as 2025/26",
    Measure.Rhythm.ACADEMIC_YEAR: "an academic year, such as academic year 2025/26",
    Measure.Rhythm.YEAR: "a calendar year, such as 2026",
}


@writes
def record_figure(
    *,
    by: User | None,
    measure: Measure,
    kind: str,
    value: Decimal,
    period: FuzzyDate,
    source: str,
    today: date,
    note: str = "",
    replace: bool = False,
    is_demonstration: bool = False,
) -> Figure:
    """Keep one value of a measure for one period. The same again gives the one that stands; another
    value for the same period is refused unless it is to `replace` it (history keeps both).

    Who reports gives actuals; a trajectory is part of the promise, so it is for editors. Raises
    ValidationError by field, and PermissionDenied.
    """
    commitment = measure.commitment
    if by is not None:
        allowed = may_report if kind == Figure.Kind.ACTUAL else may_edit
        require(allowed(by, commitment, today))
    last_day = _last_day(measure, kind, period, today)
    Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    figure = measure.figures.filter(kind=kind, period_date=last_day).first()
    if figure and figure.value == value and source in ("", figure.source):
        return figure
    if figure and not replace:
        raise ValidationError(
            {
                "value": f"{format_number(figure.value)} stands for {figure.period_text} already. "
                "Tick “Replace what stands” to put this in its place."
            }
        )
    figure = figure or Figure(measure=measure, kind=kind)
    figure.value, figure.period, figure.source, figure.note = value, period, source, note
    figure.entered_by, figure.is_demonstration = by, is_demonstration
    figure.full_clean(exclude=["entered_by"], validate_constraints=False)
    figure.save()
    return figure


def _last_day(measure: Measure, kind: str, period: FuzzyDate, today: date) -> date:
    begins = first_day(period)
    if period.last_day is None or begins is None:
        raise ValidationError(
            {"period": "Say which period it is for, such as March 2026, 2025/26 or 28/02/2026."}
        )
    if measure.rhythm and period.precision != measure.rhythm:
        every = Measure.Rhythm(measure.rhythm).label.lower()
        raise ValidationError(
            {
                "period": f"“{measure}” is reported {every}, and {period.text} is "
                f"{'an' if period.precision[0] == 'a' else 'a'} {period.precision.label}. "
                f"Give {EXAMPLES[measure.rhythm]}."
            }
        )
    if kind == Figure.Kind.ACTUAL and begins > today:
        raise ValidationError(
            {
                "period": f"{period.text} is still to come. An actual is for a day or a period "
                "that has begun."
            }
        )
    return period.last_day
