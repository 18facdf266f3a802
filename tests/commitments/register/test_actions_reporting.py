"""Figures and reporting rounds: kept once, refused in words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from commitments.models import Figure, Measure, Plan, Round
from commitments.register.actions import open_round, record_figure
from tests import factories
from tests.conftest import TODAY, Bodies, Cast
from tests.factories import fuzzy


@pytest.fixture
def measure(bodies: Bodies) -> Measure:
    plan = factories.plan("JFP", owner=bodies.board)
    return factories.measure(factories.commitment(plan, bodies.trust), 100)


def record(measure: Measure, by: object, value: str = "40", **fields: object) -> Figure:
    wanted = {"kind": "actual", "period": fuzzy("March 2026"), "source": "Board paper"} | fields
    return record_figure(by=by, measure=measure, value=Decimal(value), today=TODAY, **wanted)  # type: ignore[arg-type]


def test_who_reports_gives_an_actual_and_it_says_who(measure: Measure, cast: Cast) -> None:
    figure = record(measure, cast.trust)
    assert (figure.value, figure.period_date, figure.entered_by) == (
        40,
        date(2026, 3, 31),
        cast.trust,
    )


def test_the_same_figure_twice_is_one_figure(measure: Measure, cast: Cast) -> None:
    assert record(measure, cast.trust).pk == record(measure, cast.lead).pk
    assert Figure.objects.get().entered_by == cast.trust


def test_another_value_for_the_same_period_has_to_be_meant(measure: Measure, cast: Cast) -> None:
    record(measure, cast.trust)
    with pytest.raises(ValidationError, match="40 stands for March 2026"):
        record(measure, cast.trust, "45")
    record(measure, cast.trust, "45", replace=True)
    figure = Figure.objects.get()
    assert figure.value == 45
    assert [event.value for event in figure.events.order_by("pgh_id")] == [40, 45]  # type: ignore[attr-defined]


def test_a_trajectory_is_part_of_the_promise_and_for_editors(measure: Measure, cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        record(measure, cast.trust, kind="trajectory")
    assert record(measure, cast.lead, kind="trajectory", period=fuzzy("2030/31")).pk


@pytest.mark.parametrize("who", ["viewer", "council", "other_lead", "nobody"])
def test_others_give_no_figures(measure: Measure, cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        record(measure, getattr(cast, who))
    assert not Figure.objects.exists()


@pytest.mark.parametrize(
    ("period", "words"), [("TBC", "Say which period"), ("20/11/2026", "still to come")]
)
def test_a_figure_needs_a_period_that_has_begun(
    measure: Measure, cast: Cast, period: str, words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        record(measure, cast.trust, period=fuzzy(period))


def open_(plan: Plan, by: object, opens: date = TODAY, days: int = 10, name: str = "R1") -> Round:
    closes = opens + timedelta(days=days)
    return open_round(by=by, plan=plan, name=name, opens_on=opens, closes_on=closes, today=TODAY)  # type: ignore[arg-type]


def test_a_round_is_opened_once(measure: Measure, cast: Cast) -> None:
    plan = measure.commitment.plan
    assert open_(plan, cast.lead).pk == open_(plan, cast.lead).pk


@pytest.mark.parametrize(
    ("opens", "days", "words"),
    [
        (TODAY, -1, "cannot close before it opens"),
        (TODAY - timedelta(days=30), 10, "has passed"),
        (TODAY + timedelta(days=5), 10, '"R1" runs from 19/11/2026 to 29/11/2026'),
    ],
)
def test_a_round_that_cannot_be_is_refused(
    measure: Measure, cast: Cast, opens: date, days: int, words: str
) -> None:
    plan = measure.commitment.plan
    open_(plan, cast.lead)
    with pytest.raises(ValidationError, match=words):
        open_(plan, cast.lead, opens, days, "R2")


@pytest.mark.parametrize("who", ["trust", "viewer", "other_lead", "administrator"])
def test_only_who_keeps_the_plan_opens_a_round(measure: Measure, cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        open_(measure.commitment.plan, getattr(cast, who))
