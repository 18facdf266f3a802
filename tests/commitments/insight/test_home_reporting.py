"""Home: an organisation's updates under way, and nudging those who owe."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.models import Nudge
from commitments.progress.actions import return_update
from tests import factories as make
from tests.conftest import TODAY, day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def plan(bodies):
    return make.plan("JFP", owner=bodies.board)


@pytest.fixture
def home(sign_in):
    return lambda person: sign_in(person).get("/").content.decode()


def test_drafts_and_what_came_back_stand_on_the_home_page(plan, bodies, cast, home):
    first, second = (make.commitment(plan, bodies.trust, title=t) for t in ("Half", "Back"))
    make.draft(first, cast.trust, bodies.trust)
    update = make.update(second, cast.trust, bodies.trust)
    return_update(by=cast.lead, update=update, reason="Which wards?", today=TODAY)
    page = home(cast.trust)
    assert "kept by Tariq Trust" in page and "Lena Lead: Which wards?" in page
    for person in (cast.council, cast.lead):
        assert "kept by Tariq Trust" not in home(person)


def test_what_is_late_is_still_asked_for(plan, bodies, cast, home):
    make.round_(plan, day(-20), day(-2), name="Round 2")
    make.commitment(plan, bodies.trust, title="Fill the bank")
    page = home(cast.trust)
    assert "2 days late" in page and "Round 2 update" in page


def test_who_owes_is_nudged_from_home_and_sees_it(plan, bodies, cast, home, sign_in):
    make.round_(plan, day(-5), day(9), name="Round 3")
    make.commitment(plan, bodies.trust)
    assert "/organisations/RY6/nudge/" in home(cast.lead)
    assert "/nudge/" not in home(cast.trust)
    client = sign_in(cast.lead)
    said = client.post("/organisations/RY6/nudge/", follow=True).content.decode()
    assert "Leeds Community Healthcare NHS Trust is asked for 1 update" in said
    said = client.post("/organisations/RY6/nudge/", follow=True).content.decode()
    assert "They have been nudged today" in said
    assert Nudge.objects.count() == 1
    assert "Lena Lead asks for 1 update in" in home(cast.trust)


def test_it_costs_the_same_at_two_and_at_twenty(plan, bodies, cast, sign_in):
    client = sign_in(cast.trust)

    def add(number: int) -> None:
        for _ in range(number):
            made = make.commitment(plan, bodies.trust)
            make.draft(made, cast.trust, bodies.trust)
            made = make.commitment(plan, bodies.trust)
            update = make.update(made, cast.trust, bodies.trust)
            return_update(by=cast.lead, update=update, reason="Why?", today=TODAY)
            other = make.plan(owner=bodies.board)
            round_ = make.round_(other, day(-20), day(-2))
            make.commitment(other, bodies.trust)
            Nudge.objects.create(
                round=round_, organisation=bodies.trust, about="updates", by=cast.lead, on=TODAY,
                number=1,
            )  # fmt: skip

    def cost() -> int:
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        return len(captured)

    add(2)
    few = cost()
    add(8)
    assert cost() == few
