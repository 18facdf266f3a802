"""Pages that do not lie under the address of their section are marked where people come from."""

import pytest

from tests.permissions import sweep

pytestmark = pytest.mark.django_db
LEAD = "own programme_lead"
THEIR_NAME = f"{LEAD} : your account"
REACHED_FROM = {
    "progress_table": "Home",
    "commitment_add": "Commitments",
    "exports": "Commitments",
    "export": "Commitments",
    "return_add": "Commitments",
    "round_returns": "Plans",
    "uploads": "Uploads",
    "inbox": "Inbox",
    "reminder_choices": "Inbox",
    "calendar": "Inbox",
    "account": THEIR_NAME,
    "join": THEIR_NAME,
}


@pytest.mark.parametrize(("name", "place"), REACHED_FROM.items())
def test_a_page_is_where_people_come_to_it_from(world, name, place):
    said = sweep.answer(world, LEAD, "GET", sweep.address(name, "internal", world))[1]
    assert sweep.places(said) == [place]


def test_a_file_sent_back_is_among_commitments_also_without_uploads_in_the_menu(world):
    path = sweep.address("return_page", "internal", world)
    assert sweep.places(sweep.answer(world, "own contributor", "GET", path)[1]) == ["Commitments"]


def test_an_address_that_is_nobodys_is_nowhere(world):
    assert sweep.places(sweep.answer(world, LEAD, "GET", "/no/such/page/")[1]) == []
