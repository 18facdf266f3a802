"""Which updates an organisation owes on a day."""

from datetime import timedelta

import pytest

from commitments.owed import due_updates, owed_updates
from organisations.models import Succession
from tests import factories as make
from tests.conftest import TODAY, day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def owed(person, *bodies) -> list[str]:
    rows = owed_updates(person, [body.pk for body in bodies], TODAY)
    return [row.reference for row in rows]


@pytest.fixture
def plan(bodies):
    made = make.plan("JFP", owner=bodies.board)
    make.round_(made, day(-5), day(9), name="Round 3")
    return made


def test_what_one_leads_in_an_open_round_is_owed(plan, bodies, cast):
    make.commitment(plan, bodies.trust, bodies.council, reference="A")
    make.commitment(plan, bodies.board, bodies.trust, reference="B")
    assert owed(cast.trust, bodies.trust) == ["A"]
    assert owed(cast.lead, bodies.board) == ["B"]
    assert owed(cast.council, bodies.council) == []


def test_nothing_is_owed_outside_a_round(bodies, cast):
    for code, opens, closes in (("OLD", -40, -1), ("NEW", 1, 20)):
        made = make.plan(code)
        make.commitment(made, bodies.trust)
        make.round_(made, day(opens), day(closes))
    assert owed(cast.trust, bodies.trust) == []


@pytest.mark.parametrize(("opens", "closes"), [(0, 5), (-5, 0)])
def test_a_round_is_open_on_its_first_and_its_last_day(bodies, cast, opens, closes):
    made = make.plan()
    make.commitment(made, bodies.trust, reference="A")
    make.round_(made, day(opens), day(closes))
    assert owed(cast.trust, bodies.trust) == ["A"]


def test_an_update_since_the_round_opened_ends_it(plan, bodies, cast):
    commitment = make.commitment(plan, bodies.trust, bodies.council, reference="A")
    update = make.update(commitment, cast.council, bodies.council)
    assert owed(cast.trust, bodies.trust) == []
    assert due_updates(cast.trust, [bodies.trust.pk], TODAY).get().round_closes_on == day(9)
    update.submitted_at = update.submitted_at - timedelta(days=6)
    update.save()
    assert owed(cast.trust, bodies.trust) == ["A"]


def test_what_was_inherited_is_owed_too(plan, bodies, cast):
    former = make.organisation("Former Trust", closed=day(-100))
    Succession.objects.create(
        predecessor=former, successor=bodies.trust, on=day(-99), kind="merger"
    )
    make.commitment(plan, former, reference="A")
    assert owed(cast.trust, bodies.trust) == ["A"]


def test_drafts_withdrawn_ones_and_those_of_viewers_are_not_owed(plan, bodies, cast):
    make.commitment(plan, bodies.trust, state="withdrawn")
    make.commitment(plan, bodies.trust, state="draft", draft_of=bodies.trust)
    make.commitment(plan, bodies.other_board)
    assert owed(cast.trust, bodies.trust) == []
    assert owed(cast.viewer, bodies.other_board) == []


def test_the_first_to_close_comes_first(plan, bodies, cast):
    make.commitment(plan, bodies.trust, reference="A")
    sooner = make.plan("SOON")
    make.round_(sooner, day(-1), day(2))
    make.commitment(sooner, bodies.trust, reference="B")
    assert owed(cast.trust, bodies.trust) == ["B", "A"]
