"""The list of plans, and the page of one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.models import Note, Plan
from tests import factories as make
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def plan(bodies):
    """A public plan with a bit of everything."""
    made = make.plan(
        "LTWP",
        title="Long term plan",
        publisher="NHS England",
        owner=bodies.board,
        link="https://example.org/plan",
        published=make.fuzzy("June 2023"),
    )
    train, retain = make.pillar(made, "Train"), make.pillar(made, "Keep people", "retain")
    late = make.commitment(made, bodies.trust, pillar=train, title="More places")
    make.milestone(late, "Agree the places", TODAY - timedelta(days=12))
    make.commitment(made, bodies.trust, pillar=train)
    make.commitment(made, "NHS trusts", pillar=retain, title="Better rosters")
    return made


def test_plans_are_listed_with_their_counts(plan, sign_in, cast, bodies):
    make.plan("HIDDEN", title="Hidden plan", visibility=Plan.Visibility.INTERNAL)
    response = sign_in(cast.viewer).get("/plans/")
    page = response.content.decode()
    assert "Long term plan" in page and "NHS England" in page and "June 2023" in page
    assert "Hidden plan" not in page
    counts = response.context["rows"][0].counts
    assert (counts.total, counts.by_rating["amber"], counts.by_rating["no_evidence"]) == (3, 1, 2)
    assert "/commitments/?plan=LTWP&amp;rating=amber" in page


def test_counts_of_a_plan_are_those_of_the_lists_they_lead_to(plan, sign_in, cast):
    client = sign_in(cast.viewer)
    headings = client.get("/plans/LTWP/").context["headings"]
    assert [name for name, _, _ in headings] == ["Keep people", "Train"]
    for _, _, counts in headings:
        assert len(client.get(counts.address).context["listing"].keys) == counts.total
        for _, number, address in counts.cells:
            assert len(client.get(address).context["listing"].keys) == number


def test_a_plan_says_what_it_is_what_is_late_and_what_nobody_owns(plan, sign_in, cast):
    page = sign_in(cast.viewer).get("/plans/ltwp/").content.decode()
    assert 'href="https://example.org/plan"' in page
    late = page.split("What is late")[1].split("What has no owner")[0]
    assert "12 days late" in late and "Agree the places" in late and "More places" in late
    unowned = page.split("What has no owner")[1]
    assert "Better rosters" in unowned and "NHS trusts" in unowned
    assert "1 open milestone that nobody has taken on" in unowned


def test_withdrawn_promises_are_neither_late_nor_without_owner(plan, sign_in, cast):
    plan.commitments.update(state="withdrawn")
    page = sign_in(cast.viewer).get("/plans/LTWP/").content.decode()
    assert "No milestone of this plan is late." in page
    assert "Every commitment has a lead and every open milestone an owner." in page


def test_a_milestone_that_somebody_has_taken_on_is_owned(plan, sign_in, cast, bodies):
    plan.commitments.filter(title="Better rosters").delete()
    milestone = plan.commitments.get(title="More places").milestones.get()
    milestone.organisation = bodies.trust
    milestone.save()
    page = sign_in(cast.viewer).get("/plans/LTWP/").content.decode()
    assert "Every commitment has a lead and every open milestone an owner." in page


def test_notes_and_editions_are_told(plan, sign_in, cast):
    Note.objects.create(
        plan=plan, kind="progress", reference="N-1", title="Places opened", value_text="205"
    )
    Note.objects.create(plan=plan, kind="context", reference="N-2", title="Vacancy rate then")
    make.plan("LTWP2", title="Refreshed plan", supersedes=plan)
    make.plan("LTWP3", title="Secret plan", supersedes=plan, visibility=Plan.Visibility.INTERNAL)
    client = sign_in(cast.viewer)
    page = client.get("/plans/LTWP/").content.decode()
    assert "What its source reports" in page and "Places opened" in page and "205" in page
    assert "Vacancy rate then" in page
    assert "Superseded by" in page and "Refreshed plan" in page and "Secret plan" not in page
    assert "Long term plan" in client.get("/plans/LTWP2/").content.decode()


def test_only_who_keeps_a_plan_may_open_a_round(plan, sign_in, cast):
    make.round_(plan, TODAY, TODAY + timedelta(days=9), name="Winter round")
    page = sign_in(cast.viewer).get("/plans/LTWP/").content.decode()
    assert "Winter round" in page and "open" in page
    assert "/plans/LTWP/rounds/add/" not in page
    assert "/plans/LTWP/rounds/add/" in sign_in(cast.lead).get("/plans/LTWP/").content.decode()


def test_a_hidden_plan_looks_like_an_unknown_one(sign_in, cast, bodies):
    make.plan("HIDDEN", visibility=Plan.Visibility.INTERNAL, owner=bodies.other_board)
    client = sign_in(cast.trust)
    assert client.get("/plans/HIDDEN/").status_code == 404
    assert client.get("/plans/NOSUCH/").status_code == 404


def test_a_plan_without_commitments_says_so(sign_in, cast):
    make.plan("EMPTY")
    client = sign_in(cast.lead)
    assert (
        "No commitment of this plan is recorded yet."
        in client.get("/plans/EMPTY/").content.decode()
    )
    assert client.get("/plans/").status_code == 200


@pytest.mark.parametrize("address", ["/plans/", "/plans/SIZE/"])
def test_pages_cost_the_same_queries_however_much_there_is(address, sign_in, cast, bodies):
    plan = make.plan("SIZE", title="A plan")

    def add(number: int) -> None:
        for n in range(number):
            other = make.plan(owner=bodies.board)
            for where in (plan, other):
                made = make.commitment(
                    where, bodies.trust, pillar=make.pillar(where, f"Heading {n}")
                )
                make.milestone(made, baseline=TODAY - timedelta(days=3))
                make.commitment(where, "NHS trusts")
            Note.objects.create(plan=plan, kind="context", reference=f"N-{number}-{n}", title="N")

    def cost() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    client = sign_in(cast.lead)
    add(2)
    at_two = cost()
    add(18)
    assert cost() == at_two
