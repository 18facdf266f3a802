"""Figures of measures, and reporting rounds of plans."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError

from commitments.dates import FuzzyDate, Precision, add_working_days
from commitments.figures import format_number
from commitments.models import Commitment, Figure, Measure, Plan, Round
from commitments.register.actions.permission import (
    may_edit,
    may_report,
    may_run,
    require,
    writes,
)
from organisations.models import Organisation, User

# England's working days that partners have for their answers once a round has closed.
ANSWER_DAYS = 5


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
    last_day = _last_day(kind, period, today)
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


def _last_day(kind: str, period: FuzzyDate, today: date) -> date:
    if period.last_day is None:
        raise ValidationError(
            {"period": "Say which period it is for, such as March 2026, 2025/26 or 28/02/2026."}
        )
    to_come = period.precision == Precision.DAY and period.last_day > today
    if kind == Figure.Kind.ACTUAL and to_come:
        raise ValidationError(
            {"period": f"{period.text} is still to come. An actual is for a day up to today."}
        )
    return period.last_day


@writes
def open_round(
    *,
    by: User | None,
    plan: Plan,
    name: str,
    opens_on: date,
    closes_on: date,
    today: date,
    cadence: str = Round.Cadence.AD_HOC,
    answers_due_on: date | None = None,
    system: Organisation | None = None,
    is_demonstration: bool = False,
) -> Round:
    """Open a reporting round of a plan. The very same again gives the one that stands. The answers
    of a joint review are due ANSWER_DAYS working days after it closes, unless another day is given.

    Raises ValidationError by field, and PermissionDenied.
    """
    if by is not None:
        require(may_run(by, plan, today))
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    wanted = {"name": name.strip(), "opens_on": opens_on, "closes_on": closes_on}
    if same := plan.rounds.filter(**wanted).first():
        return same
    if closes_on < opens_on:
        raise ValidationError({"closes_on": "A round cannot close before it opens."})
    if closes_on < today:
        raise ValidationError(
            {"closes_on": f"{closes_on:%d/%m/%Y} has passed. Give a day from today on."}
        )
    overlapping = plan.rounds.filter(opens_on__lte=closes_on, closes_on__gte=opens_on).first()
    if overlapping:
        raise ValidationError(
            {
                "opens_on": f'"{overlapping.name}" runs from {overlapping.opens_on:%d/%m/%Y} to '
                f"{overlapping.closes_on:%d/%m/%Y}. Rounds of a plan cannot overlap: "
                "choose other days."
            }
        )
    made = Round(
        plan=plan,
        **wanted,
        first_closes_on=closes_on,
        answers_due_on=answers_due_on or add_working_days(closes_on, ANSWER_DAYS),
        cadence=cadence,
        system=system,
        is_demonstration=is_demonstration,
    )
    made.full_clean()
    made.save()
    return made
