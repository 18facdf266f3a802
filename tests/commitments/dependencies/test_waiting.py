"""A milestone waits on somebody else's: both see it, a slip above shows below, and no circles."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commitments.chains import UNSEEN, waiting
from commitments.dependencies.actions import add_dependency, remove_dependency
from commitments.models import Commitment, Dependency, Milestone
from tests import factories as make
from tests.conftest import TODAY


@pytest.fixture(autouse=True)
def clock(today):
    """Every page here is looked at on the cast's day."""


@pytest.fixture
def steps(bodies) -> dict[str, Milestone]:
    """A step of our board, of our trust, of our council, and one of a far board's internal plan."""
    plan = make.plan("OPEN", owner=bodies.board)
    inside = make.plan("FAR", owner=bodies.other_board, visibility="internal")
    made = {}
    for name, in_plan, lead in (
        ("board", plan, bodies.board),
        ("trust", plan, bodies.trust),
        ("council", plan, bodies.council),
        ("far", inside, bodies.other_board),
    ):
        promise = make.commitment(in_plan, lead, reference=name.upper(), title=f"Promise of {name}")
        made[name] = make.milestone(promise, f"Step of {name}", baseline=TODAY + timedelta(days=60))
    return made


def wait(lower: Milestone, upper: Milestone, by, **fields) -> Dependency:
    return add_dependency(by=by, milestone=lower, waits_on=upper, today=TODAY, **fields)


def link(lower: Milestone, upper: Milestone) -> Dependency:
    return Dependency.objects.create(milestone=lower, waits_on=upper)


def risks(step: Milestone, person) -> list[str]:
    found = waiting(step.commitment, person, TODAY)[step.pk].risks
    return [f"{' < '.join(str(one) for one in risk.links)} {risk.trouble}" for risk in found]


def page(client, commitment: Commitment) -> str:
    html = client.get(commitment.get_absolute_url()).content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def slip(step: Milestone, days: int) -> None:
    Milestone.objects.filter(pk=step.pk).update(
        forecast_text="later",
        forecast_date=step.baseline_date + timedelta(days=days),
        forecast_precision="day",
    )


def test_both_sides_see_it(steps, cast, sign_in):
    wait(steps["trust"], steps["board"], cast.trust, note="It needs the sign-in.")
    assert Dependency.objects.get().added_by == cast.trust
    below = page(sign_in(cast.trust), steps["trust"].commitment)
    assert "Waits on “Step of board” ( BOARD" in below.replace("(BOARD", "( BOARD")
    above = page(sign_in(cast.lead), steps["board"].commitment)
    assert "Waited on by “Step of trust”" in above
    assert "It needs the sign-in." in above and "It needs the sign-in." in below


def test_a_slip_above_shows_below_with_the_whole_chain(steps, cast, sign_in):
    link(steps["trust"], steps["board"])
    link(steps["board"], steps["council"])
    assert risks(steps["trust"], cast.trust) == []
    slip(steps["council"], 40)
    assert risks(steps["trust"], cast.trust) == [
        "“Step of board” (BOARD) < “Step of council” (COUNCIL) is expected 40 days later "
        "than first promised, and comes 40 days after this is due"
    ]
    said = page(sign_in(cast.trust), steps["trust"].commitment)
    assert "Risk: waits on “Step of board”" in said
    assert "which waits on “Step of council”" in said


def test_what_is_late_on_the_way_is_told_with_its_cause(steps, cast):
    link(steps["trust"], steps["board"])
    link(steps["board"], steps["council"])
    slip(steps["board"], 5)
    assert len(risks(steps["trust"], cast.trust)) == 1
    slip(steps["council"], 5)
    found = risks(steps["trust"], cast.trust)
    assert len(found) == 1 and found[0].startswith("“Step of board” (BOARD) < “Step of council”")


def test_a_promise_that_was_moved_is_a_slip_too(steps, cast):
    link(steps["trust"], steps["board"])
    step = steps["board"]
    step.baseline = make.fuzzy(step.baseline_date + timedelta(days=10))
    step.save()
    assert "10 days later than first promised" in risks(steps["trust"], cast.trust)[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "cancelled"}, "was cancelled"),
        ({"baseline_date": TODAY - timedelta(days=3)}, "is 3 days late"),
    ],
)
def test_other_trouble_above_is_said(steps, cast, change, words):
    link(steps["trust"], steps["board"])
    Milestone.objects.filter(pk=steps["board"].pk).update(**change)
    assert words in risks(steps["trust"], cast.trust)[0]


def test_a_commitment_withdrawn_above_is_said(steps, cast):
    link(steps["trust"], steps["board"])
    Commitment.objects.filter(pk=steps["board"].commitment_id).update(state="withdrawn")
    assert "part of a commitment that was withdrawn" in risks(steps["trust"], cast.trust)[0]


def test_what_is_complete_ends_the_chain(steps, cast):
    link(steps["trust"], steps["board"])
    link(steps["board"], steps["council"])
    slip(steps["council"], 40)
    Milestone.objects.filter(pk=steps["board"].pk).update(state="complete")
    assert risks(steps["trust"], cast.trust) == []
    Milestone.objects.filter(pk=steps["board"].pk).update(state="not_started")
    Milestone.objects.filter(pk=steps["trust"].pk).update(state="complete")
    assert risks(steps["trust"], cast.trust) == []


def test_what_one_may_not_see_is_there_without_its_words(steps, cast, sign_in):
    link(steps["trust"], steps["far"])
    link(steps["far"], steps["board"])
    slip(steps["far"], 30)
    said = page(sign_in(cast.trust), steps["trust"].commitment)
    assert f"Waits on {UNSEEN}" in said and "is expected 30 days later" in said
    assert f"Waited on by {UNSEEN}" in page(sign_in(cast.lead), steps["board"].commitment)
    for secret in ("Step of far", "FAR", "Promise of far"):
        assert secret not in said
    history = sign_in(cast.trust).get(reverse("commitment_history", args=["OPEN", "TRUST"]))
    assert "Step of far" not in history.content.decode()
    assert "Step of far" in page(sign_in(cast.national), steps["trust"].commitment)


def test_a_circle_through_three_organisations_is_refused_with_its_chain(steps, cast):
    wait(steps["trust"], steps["board"], cast.lead)
    wait(steps["board"], steps["council"], cast.lead)
    with pytest.raises(ValidationError) as refused:
        wait(steps["council"], steps["trust"], cast.council)
    assert (
        "That would be a circle: “Step of trust” (TRUST), which waits on “Step of board” (BOARD), "
        "which waits on “Step of council” (COUNCIL)."
    ) in refused.value.messages[0]
    assert Dependency.objects.count() == 2


def test_a_circle_through_what_one_may_not_see_keeps_its_words(steps, cast):
    link(steps["board"], steps["far"])
    link(steps["far"], steps["trust"])
    with pytest.raises(ValidationError) as refused:
        wait(steps["trust"], steps["board"], cast.trust)
    assert UNSEEN in refused.value.messages[0]
    assert "far" not in refused.value.messages[0]


def test_the_database_keeps_a_milestone_from_waiting_on_itself_or_twice(steps, cast):
    with pytest.raises(ValidationError, match="cannot wait on itself"):
        wait(steps["trust"], steps["trust"], cast.trust)
    assert wait(steps["trust"], steps["board"], cast.trust) == wait(
        steps["trust"], steps["board"], cast.trust
    )


@pytest.mark.parametrize("which", ["trust", "board"])
@pytest.mark.parametrize("state", ["complete", "cancelled"])
def test_nothing_waits_on_what_is_over(steps, cast, which, state):
    Milestone.objects.filter(pk=steps[which].pk).update(state=state)
    with pytest.raises(ValidationError, match=f"is {state}, so there is nothing to wait for"):
        wait(steps["trust"], steps["board"], cast.trust)


def test_only_who_reports_or_edits_below_may_and_only_for_what_they_see(steps, cast):
    for who in (cast.viewer, cast.council, cast.lga):
        with pytest.raises(PermissionDenied):
            wait(steps["trust"], steps["board"], who)
    with pytest.raises(PermissionDenied):
        wait(steps["trust"], steps["far"], cast.trust)
    made = wait(steps["trust"], steps["board"], cast.trust)
    with pytest.raises(PermissionDenied):
        remove_dependency(by=cast.council, dependency=made, today=TODAY)
    remove_dependency(by=cast.lead, dependency=made, today=TODAY)
    assert not Dependency.objects.exists()


def test_it_is_looked_for_added_and_removed_on_the_screen(steps, cast, sign_in):
    client = sign_in(cast.trust)
    address = reverse("dependency_add", args=["OPEN", "TRUST", steps["trust"].pk])
    for words, there in (
        ("step of", True),
        ("BOARD", True),
        ("promise board", True),
        ("xyz", False),
    ):
        html = client.get(address, {"words": words}).content.decode()
        assert ("Step of board" in html) is there
        assert "Step of far" not in html
    assert "at least three letters" in client.get(address, {"words": "st"}).content.decode()
    data = {"waits_on": steps["board"].pk, "note": "Needed first."}
    assert client.post(f"{address}?words=step", data).status_code == 302
    assert "Needed first." in client.get(address).content.decode()
    assert (
        "not there any more" in client.post(address, {"waits_on": steps["far"].pk}).content.decode()
    )
    remove = reverse(
        "dependency_remove", args=["OPEN", "TRUST", steps["trust"].pk, Dependency.objects.get().pk]
    )
    for words in ("no longer waits on it", "taken away already"):
        assert words in client.post(remove, follow=True).content.decode()


def test_chains_cost_the_same_however_long_and_wide(steps, cast):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            waiting(steps["trust"].commitment, cast.trust, TODAY)
        return len(captured)

    link(steps["trust"], steps["board"])
    cost()
    few = cost()
    layer = [steps["board"]]
    for _ in range(6):
        above = [make.milestone(steps["council"].commitment, baseline=TODAY) for _ in range(4)]
        for lower in layer:
            for upper in above:
                link(lower, upper)
        layer = above
    assert cost() == few
