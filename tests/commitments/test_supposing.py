"""Ratings as they would be are those that a save then gives, and asking changes nothing."""

import random
from datetime import datetime

import pytest
from django.core.serializers import serialize
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from commitments.models import Commitment, Measure, Milestone, Standing
from commitments.ratings import evidence_rating
from commitments.supposing import AT_ONCE, ratings_if
from tests import factories as make
from tests.conftest import TODAY, day
from workforce_tracker import clock

pytestmark = pytest.mark.django_db
REPORTED = datetime(2026, 10, 30, 10, tzinfo=clock.LONDON)
STATES = Milestone.State.values


def some_day(dice: random.Random):
    return make.fuzzy(dice.choice([None, day(dice.randint(-90, 90))]))


def promises(dice: random.Random, cast, bodies) -> list[Commitment]:
    """Commitments with and without dates, steps, measures, figures and updates."""
    plan = make.plan("LTWP", owner=bodies.board)
    make.round_(plan, day(-40), day(-1))
    made = []
    for _ in range(60):
        promise = make.commitment(plan, bodies.trust, target=some_day(dice))
        for _ in range(dice.randint(0, 3)):
            state = dice.choice(STATES)
            reached = day(-3) if state == "complete" else None
            make.milestone(
                promise, "", some_day(dice), some_day(dice), state=state, actual_on=reached
            )
        for _ in range(dice.randint(0, 2)):
            measure = make.measure(promise, 100)
            for kind in dice.sample(("actual", "trajectory"), dice.randint(0, 2)):
                make.figure(measure, dice.randint(60, 120), day(-dice.randint(5, 9)), kind=kind)
        if dice.random() < 0.3:
            make.update(promise, cast.lead, bodies.board, submitted_at=REPORTED)
        made.append(promise)
    return made


def changed(dice: random.Random, made: list[Commitment]) -> list[models.Model]:
    """Rows of most of them as they would be, not saved."""
    rows: list[models.Model] = []
    for promise in dice.sample(made, 50):
        if dice.random() < 0.5:
            promise.target = some_day(dice)
            rows.append(promise)
        for step in promise.milestones.all():
            if dice.random() < 0.7:
                step.state, step.forecast = dice.choice(STATES), some_day(dice)
                step.actual_on = day(-2) if step.state == "complete" else None
                rows.append(step)
        if dice.random() < 0.3:
            rows.append(Milestone(commitment=promise, title="Another", baseline=some_day(dice)))
        for measure in promise.measures.all():
            measure.target_low = measure.target_high = dice.randint(60, 120)
            measure.direction = dice.choice(Measure.Direction.values)
            measure.amber_tolerance, measure.red_tolerance = dice.choice([(None, None), (3, 20)])
            rows.append(measure)
        if dice.random() < 0.2:
            rows.append(
                Measure(commitment=promise, name="Another", target_low=1, target_high=1, position=9)
            )
    return rows


def ratings() -> dict[int, str]:
    return dict(Commitment.objects.values_list("pk", evidence_rating(TODAY)))


def everything() -> str:
    return serialize(
        "json",
        [
            row
            for model in (Commitment, Milestone, Measure, Standing)
            for row in model.objects.all()
        ],
    )


@pytest.mark.parametrize("seed", range(5))
def test_what_would_be_is_what_a_save_then_gives(seed: int, cast, bodies) -> None:
    dice = random.Random(seed)
    made = promises(dice, cast, bodies)
    rows = changed(dice, made)
    before, stored = ratings(), everything()
    supposed = ratings_if(rows, TODAY)
    assert everything() == stored
    for row in rows:
        row.save()
    after = ratings()
    assert supposed == {key: after[key] for key in supposed}
    moved = {key for key in after if after[key] != before[key]}
    assert len(moved) > 5
    assert moved <= supposed.keys()


def test_many_are_asked_about_in_a_few_statements(bodies) -> None:
    plan = make.plan("LTWP", owner=bodies.board)
    promises = [make.commitment(plan, bodies.trust) for _ in range(AT_ONCE + 1)]
    steps = [Milestone(commitment=promise, title="x", baseline=make.fuzzy(day(9)))
             for promise in promises]  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        found = ratings_if(steps, TODAY)
    assert found == dict.fromkeys([promise.pk for promise in promises], "green")
    assert len(queries) == 3  # what the views are, and two lots


def test_of_nothing_nothing_is_asked(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert ratings_if([], TODAY) == {}
