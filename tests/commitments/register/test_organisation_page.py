"""An organisation's page: who it is, what it answers for, and what came to it from others."""

from datetime import date
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from commitments.models import Party, Plan
from organisations.kinds import Kind
from organisations.loading import ORGANISATIONS, OVERLAPS, load_register
from organisations.models import Organisation, Role, Succession
from tests import factories
from tests.conftest import Bodies, Cast

APRIL = date(2026, 4, 1)


def read(client: Client, code: str) -> str:
    """What the page says, without its markup."""
    answer = client.get(f"/organisations/{code}/")
    assert answer.status_code == 200
    return " ".join(strip_tags(answer.text).split()).replace(" ,", ",").replace(" .", ".")


def succeed(old: Organisation, new: Organisation, kind: str = "merger", on: date = APRIL) -> None:
    Succession.objects.create(predecessor=old, successor=new, on=on, kind=kind)
    Organisation.objects.filter(pk=old.pk).update(closed=date(2026, 3, 31))


def listed(client: Client, body: Organisation, shelf: str) -> list[str]:
    context = client.get(body.get_absolute_url()).context
    return [line.commitment.reference for line in context[shelf].lines]


# --- who it is ----------------------------------------------------------------------------------
@pytest.fixture
def register(db: None, client: Client, today: date) -> Client:
    """The shipped register, in front of somebody without any role."""
    assert load_register(ORGANISATIONS, OVERLAPS).problems == []
    client.force_login(factories.person("Nora Nobody"))
    return client


SENTENCES = {
    "T6Y0W": "An integrated care board in the East of England region, since 1 April 2026, from NHS "
    "Norfolk and Waveney ICB and part of NHS Suffolk and North East Essex ICB.",
    "S1Y5D": "from NHS Bedfordshire, Luton and Milton Keynes ICB; NHS Cambridgeshire and "
    "Peterborough ICB and part of NHS Hertfordshire and West Essex ICB.",
    "QRL": "in the South East region, since 1 July 2022, from",
    "QNQ": "Closed on 31 March 2026; divided between NHS",
    "RY6": "An NHS trust in NHS West Yorkshire ICB, in the North East and Yorkshire region.",
    "E08000035": "A metropolitan district council in NHS West Yorkshire ICB, in the North East and "
    "Yorkshire region",
    "E06000064": "in the systems of NHS Lancashire and South Cumbria ICB (",
    "E07000008": "A district council in NHS Central East ICB, in the East of England region, in "
    "the area of Cambridgeshire County Council.",
    "NAT-HEE": "Closed on 31 March 2023; now part of NHSE.",
    "NAT-DLUHC": "it goes on as MHCLG.",
    "NAT-MHCLG": "since 9 July 2024, before that called DLUHC.",
    "NAT-LGA": "A local government representative body, since 1997.",
    "RYK": "Closed on 30 September 2024; the source names no successor.",
    "CCG-15N": "Closed on 30 June 2022; now part of NHS Devon ICB.",
    "Y61": "A region of NHS England.",
}


def test_a_sentence_says_who_a_body_is(register: Client) -> None:
    pages = {code: read(register, code) for code in SENTENCES}
    assert {code: words for code, words in SENTENCES.items() if words not in pages[code]} == {}


def test_a_board_lists_its_system_and_says_what_lies_in_it_only_in_part(register: Client) -> None:
    page = read(register, "QWO")
    assert "Its system" in page
    for name in ("Leeds City Council", "Leeds Community Healthcare NHS Trust"):
        assert name in page
    assert "% of it" in read(register, "QE1")


def test_history_goes_back_to_the_commissioning_groups(register: Client) -> None:
    page = read(register, "S0E4D")
    assert "1 April 2026 NHS Thames Valley ICB took over from" in page
    assert "1 July 2022 NHS Buckinghamshire, Oxfordshire and Berkshire West ICB took over" in page
    assert "NHS Buckinghamshire CCG" in page


def test_history_leaves_out_what_a_successor_took_over_from_strangers(register: Client) -> None:
    page = read(register, "QNQ")
    assert "NHS Hampshire and Isle of Wight ICB took over from part of NHS Frimley ICB." in page
    assert "NHS Portsmouth CCG" not in page


def test_a_page_does_not_link_to_itself(register: Client) -> None:
    page = register.get("/organisations/S0E4D/").text
    assert "NHS Thames Valley ICB took over" in " ".join(page.split())
    assert 'href="/organisations/S0E4D/"' not in page


def test_former_names_and_codes_are_there(register: Client) -> None:
    page = read(register, "RA7")
    assert "Called University Hospitals Bristol and Weston NHS Foundation Trust." in page
    assert "until 30 June 2026" in page
    assert "E54000042 (ONS-GSS to Mar 2026)" in read(register, "QRL")


def test_a_code_is_known_in_any_capitals_and_an_unknown_one_is_not_found(register: Client) -> None:
    assert register.get("/organisations/qwo/").status_code == 200
    assert register.get("/organisations/nope/").status_code == 404


# --- what it answers for ------------------------------------------------------------------------
@pytest.fixture
def plan(db: None) -> Plan:
    return factories.plan("P1")


def test_a_body_shows_what_it_leads_and_partners_by_rating(
    sign_in, cast: Cast, bodies: Bodies, plan: Plan, today: date
) -> None:
    late = factories.commitment(plan, bodies.board, bodies.council)
    factories.milestone(late, forecast=date(2026, 1, 1))
    factories.commitment(plan, bodies.board)
    client = sign_in(cast.lead)
    context = client.get(bodies.board.get_absolute_url()).context
    assert [(figure["number"], figure["words"]) for figure in context["leads"].figures] == [
        (1, "Red"),
        (1, "No evidence"),
    ]
    assert listed(client, bodies.board, "leads")[0] == late.reference
    assert listed(client, bodies.council, "partners") == [late.reference]
    assert listed(client, bodies.council, "leads") == []


def test_only_what_a_person_may_see_is_counted(
    sign_in, cast: Cast, bodies: Bodies, today: date
) -> None:
    secret = factories.plan("P2", visibility=Plan.Visibility.INTERNAL, owner=bodies.board)
    hidden = factories.commitment(secret, bodies.board)
    assert listed(sign_in(cast.lead), bodies.board, "leads") == [hidden.reference]
    client = sign_in(cast.other_lead)
    assert listed(client, bodies.board, "leads") == []
    assert hidden.title not in read(client, bodies.board.code)


def test_a_successor_shows_what_it_inherited_and_from_whom(
    sign_in, cast: Cast, bodies: Bodies, plan: Plan, today: date
) -> None:
    promised = factories.commitment(plan, bodies.other_board)
    own = factories.commitment(plan, bodies.board)
    succeed(bodies.other_board, bodies.board)
    client = sign_in(cast.nobody)
    assert set(listed(client, bodies.board, "leads")) == {promised.reference, own.reference}
    assert listed(client, bodies.board, "inherited") == [promised.reference]
    page = read(client, bodies.board.code)
    assert f"1 commitment from {bodies.other_board.name}, since 1 April 2026" in page
    assert f"Promised by {bodies.other_board.name}" in page
    old = read(client, bodies.other_board.code)
    assert "What it promised" in old
    assert f"{bodies.board.name} answers for all of this now." in old
    assert promised.title in old


def test_inheritance_goes_through_several_steps(
    sign_in, cast: Cast, bodies: Bodies, plan: Plan, today: date
) -> None:
    oldest = factories.organisation("NHS Airedale CCG", Kind.CCG)
    promised = factories.commitment(plan, oldest)
    succeed(oldest, bodies.other_board, on=date(2022, 7, 1))
    succeed(bodies.other_board, bodies.board)
    client = sign_in(cast.nobody)
    assert listed(client, bodies.board, "inherited") == [promised.reference]
    assert "1 commitment from NHS Airedale CCG, since 1 April 2026" in read(
        client, bodies.board.code
    )


def test_after_a_split_everything_waits_until_it_is_assigned(
    sign_in, cast: Cast, bodies: Bodies, plan: Plan, today: date
) -> None:
    divided = factories.organisation("NHS Frimley Integrated Care Board", Kind.ICB)
    waiting = factories.commitment(plan, divided)
    assigned = factories.commitment(plan, divided)
    succeed(divided, bodies.board, "split")
    succeed(divided, bodies.other_board, "split")
    Party.objects.filter(commitment=assigned).update(assigned_to=bodies.board)
    client = sign_in(cast.nobody)
    for body in (bodies.board, bodies.other_board):
        assert listed(client, body, "waiting") == [waiting.reference]
    assert listed(client, bodies.board, "leads") == [assigned.reference]
    assert listed(client, bodies.other_board, "leads") == []
    assert "1 commitment from NHS Frimley Integrated Care Board, assigned by a person" in read(
        client, bodies.board.code
    )
    page = read(client, divided.code)
    assert "until a person assigns each commitment to one of its successors" in page
    assert waiting.title in page


def test_a_body_that_just_closed_answers_to_nobody(
    sign_in, cast: Cast, plan: Plan, today: date
) -> None:
    gone = factories.organisation("Gone NHS Trust", closed=date(2025, 1, 1))
    factories.commitment(plan, gone)
    assert "Nobody answers for this: the source names no successor." in read(
        sign_in(cast.nobody), gone.code
    )


def test_people_are_shown_to_members_and_to_those_who_manage_them(
    sign_in, cast: Cast, bodies: Bodies, today: date
) -> None:
    factories.person("Ended Earlier", (Role.VIEWER, bodies.board))
    bodies.board.memberships.filter(user__name="Ended Earlier").update(ended_at="2026-01-01T00:00Z")
    for person in (cast.lead, cast.administrator, cast.platform):
        page = read(sign_in(person), bodies.board.code)
        assert "Lena Lead" in page
        assert "Ended Earlier" not in page
    for person in (cast.nobody, cast.other_lead, cast.council, cast.national):
        assert "Lena Lead" not in read(sign_in(person), bodies.board.code)
    assert "Tariq Trust" in read(sign_in(cast.trust), bodies.trust.code)


def test_the_page_costs_the_same_queries_whatever_a_body_has(
    sign_in, cast: Cast, bodies: Bodies, plan: Plan, today: date
) -> None:
    client = sign_in(cast.lead)

    def grow(how_many: int) -> None:
        for number in range(how_many):
            factories.organisation(f"Trust {number}", parent=bodies.board)
            old = factories.organisation(f"Old {number}", Kind.CCG)
            divided = factories.organisation(f"Divided {number}", Kind.CCG)
            for lead in (bodies.board, old, divided):
                made = factories.commitment(plan, lead, bodies.council)
                factories.milestone(made, forecast=date(2026, 1, 1))
            factories.commitment(plan, bodies.council, bodies.board)
            succeed(old, bodies.board)
            succeed(divided, bodies.board, "split")
            factories.person(f"Person {old.code}", (Role.VIEWER, bodies.board))

    counts = []
    for how_many in (2, 18):
        grow(how_many)
        with CaptureQueriesContext(connection) as captured:
            client.get(bodies.board.get_absolute_url())
        counts.append(len(captured))
    assert all(few == many for few, many in pairwise(counts))
    assert counts[0] < 50
