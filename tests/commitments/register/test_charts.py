"""Drawings: what stands where, and when there is nothing to draw."""

from datetime import date, timedelta

import pytest

from commitments.register.charts import measure_drawing, milestone_drawing
from tests import factories as make
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def commitment(bodies):
    return make.commitment(make.plan(), bodies.board, target="2031/32")


def kinds(drawing):
    return [mark.kind.rpartition("__")[2] for mark in drawing.marks]


def words(drawing):
    return [label.words for label in drawing.labels]


def across(value: str) -> float:
    return float(value.rstrip("%"))


def test_a_measure_shows_baseline_trajectory_actuals_and_target(commitment):
    measure = make.measure(
        commitment, target=15000, baseline_value=7500, baseline=make.fuzzy("2022")
    )
    figures = [
        make.figure(measure, 8000, date(2024, 3, 31)),
        make.figure(measure, 9000, date(2025, 3, 31), kind="trajectory"),
        make.figure(measure, 8600, date(2026, 3, 31)),
    ]
    drawing = measure_drawing(measure, figures, commitment.target_date, TODAY)
    assert "Target 15,000" in words(drawing)
    assert "Baseline 7,500" in words(drawing)
    assert "Today" in words(drawing)
    lines = {line.kind.rpartition("__")[2] for line in drawing.lines}
    assert {"trajectory", "actual", "target", "baseline", "today"} <= lines
    assert kinds(drawing).count("point") == 3  # the baseline, and two actuals


def test_higher_values_stand_higher_and_later_ones_further_right(commitment):
    measure = make.measure(commitment, target=100)
    figures = [make.figure(measure, value, date(2024, value, 1)) for value in (2, 5, 9)]
    drawing = measure_drawing(measure, figures, None, TODAY)
    points = [mark for mark in drawing.marks if mark.kind == "app-chart__point"]
    assert [across(p.x) for p in points] == sorted(across(p.x) for p in points)
    assert [float(p.y) for p in points] == sorted((float(p.y) for p in points), reverse=True)
    assert all(0 <= across(mark.x) <= 100 for mark in drawing.marks)


def test_a_range_is_a_band(commitment):
    measure = make.measure(commitment, target_low=5, target_high=7, direction="within")
    figures = [make.figure(measure, value, date(2026, value, 1)) for value in (9, 8)]
    drawing = measure_drawing(measure, figures, commitment.target_date, TODAY)
    assert len(drawing.bands) == 1
    assert "Target 5–7" in words(drawing)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0.03), (-4, -1), (98.5, 99.2), (1, 1_000_000_000), (0, 7)]
)
def test_round_numbers_stand_beside_any_span(commitment, low, high):
    measure = make.measure(commitment, target=high)
    figures = [make.figure(measure, low, date(2026, 1, 1))]
    measure.refresh_from_db()
    figures[0].refresh_from_db()
    drawing = measure_drawing(measure, figures, commitment.target_date, TODAY)
    grid = [line for line in drawing.lines if line.kind == "app-chart__axis" and line.x1 == "0%"]
    assert 2 <= len(grid) <= 7


def test_one_number_is_no_drawing(commitment):
    measure = make.measure(commitment, target=5)
    assert measure_drawing(measure, [], commitment.target_date, TODAY) is None


def test_milestones_stand_promised_hollow_and_expected_solid(commitment):
    steps = [
        make.milestone(commitment, "moved", TODAY + timedelta(10), TODAY + timedelta(90)),
        make.milestone(commitment, "late", TODAY - timedelta(30)),
        make.milestone(commitment, "done", "March 2026", state="complete", actual_on=TODAY),
        make.milestone(commitment, "undated"),
    ]
    drawing = milestone_drawing(steps, commitment.target_date, TODAY)
    assert kinds(drawing) == ["baseline", "forecast", "late", "baseline", "complete"]
    assert {"1", "2 !", "3 ✓", "Today", "Target date"} <= set(words(drawing))


def test_milestones_of_one_day_do_not_hide_each_other(commitment):
    steps = [make.milestone(commitment, baseline=TODAY + timedelta(50)) for _ in range(4)]
    drawing = milestone_drawing(steps, None, TODAY)
    assert len({mark.y for mark in drawing.marks}) == 4


def test_without_a_date_there_is_no_line(commitment):
    assert milestone_drawing([make.milestone(commitment)], commitment.target_date, TODAY) is None
