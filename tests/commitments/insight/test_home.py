"""Home: what needs a person, whom they wait for, and what changed while they were away."""

from datetime import UTC, datetime, timedelta

import pghistory
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.models import Commitment, Plan
from organisations.models import User
from tests import factories as make
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("today")
MORNING = datetime(2026, 11, 19, 10, tzinfo=UTC)


@pytest.fixture
def home(sign_in):
    """`home(person)` gives the page as text."""

    def look(person: User) -> str:
        response = sign_in(person).get("/")
        assert response.status_code == 200
        return response.content.decode()

    return look


@pytest.fixture
def plan(bodies):
    """An internal plan that our board keeps."""
    return make.plan("OURS", owner=bodies.board, visibility=Plan.Visibility.INTERNAL)


def day(ahead: int) -> str:
    return (TODAY + timedelta(days=ahead)).isoformat()


def test_it_says_for_whom_one_acts(home, cast):
    assert "You act for NHS West Yorkshire Integrated Care Board as programme lead." in home(
        cast.lead
    )
    assert "You have no role in an organisation yet" in home(cast.nobody)


def test_nothing_to_do_is_said(home, cast, plan):
    page = home(cast.trust)
    assert "Nothing needs you today" in page
    assert "Nothing has changed" in page


def test_late_milestones_come_first_and_far_ones_stay_away(home, cast, bodies, plan):
    ours = make.commitment(plan, bodies.trust, title="Fill the bank")
    make.milestone(ours, "Soon step", day(20))
    make.milestone(ours, "Late step", day(-12))
    make.milestone(ours, "Far step", day(31))
    make.milestone(ours, "Done step", day(-40), state="complete")
    page = home(cast.trust)
    assert page.index("Late step") < page.index("Soon step")
    assert "12 days late" in page and "Due in 20 days" in page
    assert "Far step" not in page and "Done step" not in page
    assert "<strong>1 milestone</strong> late" in page


def test_milestones_of_others_and_of_withdrawn_promises_are_not_mine(home, cast, bodies, plan):
    theirs = make.commitment(plan, bodies.other_trust)
    make.milestone(theirs, "Their step", day(-5))
    dropped = make.commitment(plan, bodies.trust, state="withdrawn")
    make.milestone(dropped, "Dropped step", day(-5))
    shared = make.commitment(plan, bodies.trust)
    make.milestone(shared, "Taken on by the council", day(-5), organisation=bodies.council)
    page = home(cast.trust)
    for step in ("Their step", "Dropped step", "Taken on by the council"):
        assert step not in page


def test_a_partner_is_told_and_an_owner_wherever_it_is(home, cast, bodies, plan):
    joint = make.commitment(plan, bodies.board, bodies.council)
    make.milestone(joint, "Joint step", day(3))
    public = make.commitment(make.plan("PUB"), bodies.other_trust)
    make.milestone(public, "Step in my name", day(3), owner=cast.council)
    page = home(cast.council)
    assert "Joint step" in page and "Step in my name" in page


def test_a_viewer_is_not_asked_to_report(home, cast, bodies, plan):
    seen = make.commitment(plan, bodies.other_board)
    make.milestone(seen, "Their own board's step", day(-5))
    assert "Nothing needs you today" in home(cast.viewer)


def test_updates_are_owed_while_a_round_is_open_and_nobody_has_reported(home, cast, bodies, plan):
    make.round_(plan, TODAY - timedelta(days=2), TODAY + timedelta(days=1), name="Round 3")
    silent = make.commitment(plan, bodies.trust, title="Silent promise")
    told = make.commitment(plan, bodies.trust, title="Told promise")
    make.update(told, cast.trust, bodies.trust, submitted_at=MORNING)
    make.commitment(plan, bodies.other_trust, title="Theirs")
    page = home(cast.trust)
    assert "<strong>1 update</strong> due by Friday 20 November 2026" in page
    assert "Due tomorrow" in page
    assert f"/commitments/OURS/{silent.reference}/update/" in page
    assert "Told promise" not in page.split("Changed since")[0]


def test_a_programme_lead_sees_who_keeps_them_waiting(home, cast, bodies, plan):
    make.round_(plan, TODAY - timedelta(days=2), TODAY + timedelta(days=1))
    for body in (bodies.trust, bodies.trust, bodies.council, bodies.board):
        make.commitment(plan, body)
    page = home(cast.lead)
    waiting = page.split("Waiting for others")[1].split("Changed since")[0]
    assert waiting.index("Leeds Community Healthcare") < waiting.index("Leeds City Council")
    assert "2 updates" in waiting and "1 update" in waiting
    assert "Integrated Care Board" not in waiting
    assert "Waiting for others" not in home(cast.trust)


def test_the_association_sees_the_joint_commitments_those_late_first(home, cast, bodies, plan):
    make.commitment(plan, bodies.board, bodies.council, title="Undated joint")
    late = make.commitment(plan, bodies.board, bodies.council, title="Late joint")
    make.milestone(late, "Step", day(-5))
    make.commitment(plan, bodies.board, bodies.trust, title="Health only")
    page = home(cast.lga).split("Changed since")[0]
    assert page.index("Late joint") < page.index("Undated joint")
    assert "Health only" not in page
    assert "Joint commitments" not in home(cast.trust)


def test_a_platform_administrator_sees_what_to_put_right(home, cast, bodies, plan):
    assert "Every commitment has a lead" in home(cast.platform)
    make.commitment(plan, "NHS trusts")
    make.commitment(plan, "Councils", state="withdrawn")
    page = home(cast.platform)
    assert "1 commitment without a lead that is known" in page
    assert "/commitments/?assigned=no" in page


@pytest.fixture
def visited(cast):
    """Our programme lead, who was here long ago. The database dates changes by its own clock, so
    that no test may depend on which day that shows."""
    User.objects.filter(pk=cast.lead.pk).update(home_seen_at=datetime(2020, 3, 2, 10, tzinfo=UTC))
    cast.lead.refresh_from_db()
    return cast.lead


def test_what_changed_since_the_last_visit_says_who_and_what(home, cast, bodies, plan, visited):
    made = make.commitment(plan, bodies.trust, title="Fill the bank")
    step = make.milestone(made, "Agree it", "31/03/2027")
    hidden = make.plan("HIDDEN", visibility=Plan.Visibility.INTERNAL, owner=bodies.other_board)
    make.commitment(hidden, bodies.other_trust, title="Not for our eyes")
    with pghistory.context(user=cast.trust.pk):
        step.forecast = make.fuzzy("30/06/2027")
        step.save()
    news = home(visited).split("Changed since")[1]
    assert "your visit 6 years ago" in news
    assert "Milestone “Agree it” changed" in news
    assert "30 June 2027" in news
    assert "Tariq Trust" in news
    assert "Not for our eyes" not in news


def test_news_stays_while_one_works_and_goes_at_the_next_sign_in(home, cast, plan, visited, client):
    Commitment.objects.create(plan=plan, reference="N-1", title="New promise")
    with time_machine.travel("2090-01-02 10:00 +0000", tick=False):
        client.force_login(visited)
        for _ in range(2):
            assert "New promise" in client.get("/").content.decode()
        client.logout()
    with time_machine.travel("2090-01-03 10:00 +0000", tick=False):
        assert "New promise" not in home(visited)


def test_an_import_is_one_line_of_news(home, bodies, plan, visited):
    Commitment.objects.bulk_create(
        Commitment(plan=plan, reference=f"B-{n}", title=f"Bulk promise {n}") for n in range(6)
    )
    news = home(visited).split("Changed since")[1]
    assert "6 commitments of" in news
    assert "Bulk promise" not in news


def test_reloading_is_no_new_visit(visited, client):
    client.force_login(visited)
    client.get("/")
    with time_machine.travel(MORNING + timedelta(minutes=4), tick=False):
        client.get("/")
    assert User.objects.get(pk=visited.pk).home_seen_at == MORNING
    with time_machine.travel(MORNING + timedelta(minutes=6), tick=False):
        client.get("/")
    assert User.objects.get(pk=visited.pk).home_seen_at == MORNING + timedelta(minutes=6)


@pytest.mark.parametrize("who", ["lead", "trust", "lga", "platform"])
def test_home_costs_the_same_queries_however_much_there_is(who, cast, bodies, plan, sign_in):
    make.round_(plan, TODAY - timedelta(days=2), TODAY + timedelta(days=1))
    person = getattr(cast, who)
    client = sign_in(person)
    client.get("/")

    def add(number: int) -> None:
        for _ in range(number):
            made = make.commitment(plan, bodies.board, bodies.trust, bodies.council)
            make.milestone(made, baseline=day(-2), owner=person)
            make.commitment(plan, bodies.trust, "Councils")

    def cost() -> int:
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        return len(captured)

    add(2)
    at_two = cost()
    add(18)
    assert cost() == at_two
