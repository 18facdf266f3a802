"""Evidence ratings as a table of cases, and the facts behind them under bulk changes."""

from datetime import timedelta

import pytest
from django.db import connection

from commitments.models import Commitment, Milestone, Plan, Standing
from commitments.ratings import explain, with_ratings
from tests import factories as make
from tests.conftest import TODAY, day

pytestmark = pytest.mark.django_db
PAST = TODAY - timedelta(days=400)


def milestones(*specs):
    def build(commitment, cast, bodies):
        for spec in specs:
            make.milestone(commitment, **spec)

    return build


def actual(value, expected=None, **measure):
    """A measure with an actual ten days ago, and perhaps a trajectory point for then."""

    def build(commitment, cast, bodies):
        made = make.measure(commitment, **measure)
        make.figure(made, value, day(-10))
        if expected is not None:
            make.figure(made, expected, day(-10), kind="trajectory")

    return build


def reported(**fields):
    def build(commitment, cast, bodies):
        make.update(commitment, cast.lead, bodies.board, **fields)

    return build


def both(*builders):
    def build(commitment, cast, bodies):
        for builder in builders:
            builder(commitment, cast, bodies)

    return build


def nothing(commitment, cast, bodies):
    """A commitment about which nothing is known."""


def missed_round(commitment, cast, bodies):
    make.round_(commitment.plan, day(-40), day(-1))
    make.milestone(commitment, baseline=day(90))


done = {"state": "complete", "actual_on": day(-5), "baseline": day(-5)}
CASES = {
    "nothing known": (nothing, "no_evidence", []),
    "an undated milestone is no evidence": (milestones({}), "no_evidence", []),
    "cancelled milestones do not count": (
        milestones({"state": "cancelled", "baseline": day(-90)}),
        "no_evidence",
        [],
    ),
    "a dated milestone ahead": (milestones({"baseline": day(30)}), "green", ["evidence"]),
    "due today is not late": (milestones({"baseline": day(0)}), "green", ["evidence"]),
    "one day overdue": (milestones({"baseline": day(-1)}), "amber", ["overdue"]),
    "thirty days overdue is still amber": (
        milestones({"baseline": day(-30)}),
        "amber",
        ["overdue"],
    ),
    "thirty-one days overdue": (
        milestones({"baseline": day(-31)}),
        "red",
        ["long_overdue", "overdue"],
    ),
    "a later forecast is what counts for lateness": (
        milestones({"baseline": day(-90), "forecast": day(5)}),
        "amber",
        ["slipped"],
    ),
    "an earlier forecast is no slip": (
        milestones({"baseline": day(90), "forecast": day(60)}),
        "green",
        ["evidence"],
    ),
    "forecast on the commitment's own date": (
        milestones({"baseline": day(100)}),
        "green",
        ["evidence"],
    ),
    "forecast past the commitment's own date": (
        milestones({"baseline": day(101)}),
        "red",
        ["beyond_target"],
    ),
    "all milestones complete": (milestones(done, done), "complete", ["complete"]),
    "one of two complete": (milestones(done, {"baseline": day(9)}), "green", ["evidence"]),
    "complete, beside a cancelled one": (
        milestones(done, {"state": "cancelled"}),
        "complete",
        ["complete"],
    ),
    "milestones complete but the measure is not at target": (
        both(milestones(done), actual(50)),
        "green",
        ["evidence"],
    ),
    "measure at target": (actual(100), "complete", ["complete"]),
    "at most: below is at target": (
        actual(4, target=5, direction="at_most"),
        "complete",
        ["complete"],
    ),
    "range: inside": (
        actual(8, target_low=7, target_high=9, direction="within"),
        "complete",
        ["complete"],
    ),
    "four per cent short of the trajectory": (actual(48, expected=50), "green", ["evidence"]),
    "exactly five per cent short": (actual(95, expected=100, target=200), "green", ["evidence"]),
    "six per cent short": (actual(47, expected=50), "amber", ["measure_amber"]),
    "exactly ten per cent short": (actual(45, expected=50), "amber", ["measure_amber"]),
    "twenty per cent short": (actual(40, expected=50), "red", ["measure_red"]),
    "at most: twenty per cent over": (
        actual(12, expected=10, target=5, direction="at_most"),
        "red",
        ["measure_red"],
    ),
    "a measure's own tolerance wins": (
        actual(40, expected=50, amber_tolerance=25, red_tolerance=30),
        "green",
        ["evidence"],
    ),
    "range: over it": (
        actual(12, expected=10, target_low=7, target_high=9, direction="within"),
        "red",
        ["measure_red"],
    ),
    "somebody reported": (reported(), "green", ["evidence"]),
    "a round closed without a word": (missed_round, "amber", ["update_late"]),
}


@pytest.mark.parametrize(("build", "rating", "reasons"), CASES.values(), ids=CASES.keys())
def test_rating_follows_the_evidence(build, rating, reasons, cast, bodies):
    commitment = make.commitment(make.plan(), bodies.board, target=day(100))
    build(commitment, cast, bodies)

    assert with_ratings(Commitment.objects.all(), TODAY).get().evidence_rating == rating
    explained = explain(commitment, TODAY)
    assert (explained.rating, [clause.name for clause in explained]) == (rating, reasons)


def test_thresholds_are_the_plan_s(bodies):
    plan = make.plan(red_after_days=3)
    commitment = make.commitment(plan, bodies.board)
    make.milestone(commitment, baseline=day(-4))
    assert explain(commitment, TODAY).rating == "red"


def test_changing_a_plan_s_tolerance_rates_its_measures_again(bodies, cast):
    commitment = make.commitment(make.plan(), bodies.board)
    actual(40, expected=50)(commitment, cast, bodies)
    assert explain(commitment, TODAY).rating == "red"
    Plan.objects.update(amber_tolerance=50, red_tolerance=60)
    assert explain(commitment, TODAY).rating == "green"


def test_the_same_commitment_is_rated_differently_on_another_day(bodies):
    commitment = make.commitment(make.plan(), bodies.board)
    make.milestone(commitment, baseline=day(0))
    ratings = [explain(commitment, day(n)).rating for n in (0, 1, 31)]
    assert ratings == ["green", "amber", "red"]


def test_an_update_in_the_round_ends_the_lateness(cast, bodies, today):
    commitment = make.commitment(make.plan(), bodies.board)
    missed_round(commitment, cast, bodies)
    make.update(commitment, cast.lead, bodies.board)
    assert explain(commitment, TODAY).rating == "green"


def test_facts_follow_bulk_changes_made_behind_the_models(bodies):
    commitment = make.commitment(make.plan(), bodies.board)
    made = Milestone.objects.bulk_create(
        [
            Milestone(commitment=commitment, title=str(n), baseline=make.fuzzy(day(n)))
            for n in (1, 2)
        ]
    )
    assert Standing.objects.get().next_milestone_id == made[0].pk
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE commitments_milestone SET state = 'complete' WHERE id = %s", [made[0].pk]
        )
    assert Standing.objects.get().next_milestone_id == made[1].pk
    Milestone.objects.all().delete()
    standing = Standing.objects.get()
    assert (standing.milestones, standing.next_milestone_id) == (0, None)


def test_joint_needs_both_sides(bodies):
    plan = make.plan()
    with_council = make.commitment(plan, bodies.board, bodies.council)
    nhs_only = make.commitment(plan, bodies.board, bodies.trust)
    council_only = make.commitment(plan, bodies.council, bodies.lga)
    joint = {s.commitment_id: s.is_joint for s in Standing.objects.all()}
    assert joint == {with_council.pk: True, nhs_only.pk: False, council_only.pk: False}


def test_deleting_a_commitment_takes_its_standing_along(bodies):
    commitment = make.commitment(make.plan(), bodies.board)
    make.milestone(commitment, baseline=day(1))
    commitment.delete()
    assert not Standing.objects.exists()
