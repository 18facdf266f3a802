"""The register: found by any name, narrowed by place and kind, honest about what has closed."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organisations.kinds import Kind
from organisations.lineage import Lineage
from organisations.loading import ORGANISATIONS, OVERLAPS, load_register
from organisations.models import Organisation, Role, Succession
from tests import factories
from tests.conftest import Bodies, Cast

ADDRESS = "/organisations/"


@pytest.fixture
def register(db: None, client: Client, today: date) -> Client:
    """The shipped register, in front of somebody without any role."""
    assert load_register(ORGANISATIONS, OVERLAPS).problems == []
    client.force_login(factories.person("Nora Nobody"))
    return client


def codes(client: Client, **chosen: str) -> list[str]:
    """What the list shows for these choices, in its order, first page only."""
    answer = client.get(ADDRESS, chosen)
    assert answer.status_code == 200
    return [row.body.code for row in answer.context["rows"]]


def count(client: Client, **chosen: str) -> int:
    return client.get(ADDRESS, chosen).context["page"].paginator.count


FOUND_FIRST = {
    "QWO": "QWO",
    "s1y5d": "S1Y5D",
    "E54000067": "QRL",
    "E54000042": "QRL",
    "west yorkshire icb": "QWO",
    "west yorkshire integrated care board": "QWO",
    "West Yorkshre Intergrated Care Board": "QWO",
    "leeds": "E08000035",
    "leeds city council": "E08000035",
    "Leeds  City-Council": "E08000035",
    "Hull, City of": "E06000010",
    "stoke on trent": "E06000021",
    "Birmingham Womens": "RQ3",
    "Brighton & Hove": "E06000043",
    "LGA": "NAT-LGA",
    "Solace": "NAT-SOLACE",
    "University Hospitals Bristol and Weston": "RA7",
    "Leds Comunity Helthcare": "RY6",
    "E99999999": "",
    "café York": "",
}


def test_a_body_is_found_by_any_of_its_names(register: Client) -> None:
    assert {words: (codes(register, q=words) or [""])[0] for words in FOUND_FIRST} == FOUND_FIRST


def test_every_word_counts(register: Client) -> None:
    assert set(codes(register, q="leeds trust")) == {"RR8", "RY6", "RGD"}
    assert codes(register, q="leeds qqqqqq") == []


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("WY ICB", "NHS West Yorkshire Integrated Care Board"),
        ("LTHT", "Leeds Teaching Hospitals NHS Trust"),
        ("Notts CC", "Nottinghamshire County Council"),
    ],
)
def test_initials_that_no_name_has_lead_to_the_body(
    register: Client, words: str, name: str
) -> None:
    body = Organisation.objects.get(name=name)
    answer = register.get(ADDRESS, {"q": words})
    assert not answer.context["rows"]
    assert f'Perhaps you mean <a href="{body.get_absolute_url()}">{name}</a>' in answer.text


def test_words_without_letters_find_nothing_and_say_what_to_do(register: Client) -> None:
    answer = register.get(ADDRESS, {"q": "?!"})
    assert "No organisation matches" in answer.text


def test_only_open_bodies_are_shown_unless_asked(register: Client) -> None:
    assert count(register) == 583
    assert count(register, state="closed") == 246
    assert count(register, state="all") == 829
    assert count(register, state="nonsense") == 583
    assert codes(register, q="Health Education England") == []
    answer = register.get(ADDRESS, {"q": "Health Education England"})
    assert "Look among open and closed organisations" in answer.text
    assert codes(register, q="Health Education England", state="all") == ["NAT-HEE"]


def test_the_choices_narrow_together(register: Client) -> None:
    assert count(register, kind=Kind.ICB) == 36
    assert count(register, kind=Kind.ICB, state="closed") == 12
    assert count(register, kind=Kind.ICB, region="Y61") == 3
    assert count(register, side="local_government") == 317 + 6
    west_yorkshire = codes(register, system="QWO", side="local_government")
    assert {"E08000035", "E08000032", "E08000033", "E08000034", "E08000036"} <= set(west_yorkshire)
    assert "QWO" in codes(register, system="QWO")
    assert "RY6" in codes(register, region="Y63", q="Leeds Community")
    # Hart came to Hampshire and Isle of Wight from Frimley on 1 April 2026.
    assert "E07000089" in codes(register, system="QRL", kind=Kind.DISTRICT)


def test_a_system_has_what_still_stands_under_a_board_that_merged_into_it(register: Client) -> None:
    hubs = codes(register, system="S0E4D", kind=Kind.TRAINING_HUB)
    assert set(hubs) == {"TH-BUCKIN", "TH-OXFORD", "TH-BERKSH"}


def test_an_unknown_choice_is_named_and_does_not_break_the_list(register: Client) -> None:
    answer = register.get(ADDRESS, {"system": "NOPE", "page": "last"})
    assert answer.status_code == 200
    assert "system" in answer.context["form"].errors


def test_a_closed_body_says_where_it_went(register: Client) -> None:
    text = register.get(ADDRESS, {"q": "NHS Devon CCG", "state": "closed"}).text
    assert "since 30 June 2022" in text
    assert 'href="/organisations/QJK/"' in text
    split = register.get(ADDRESS, {"q": "QNQ", "state": "closed"}).text
    assert "divided between" in split
    assert all(f"/organisations/{code}/" in split for code in ("S0E4D", "S9B9J", "QRL"))
    assert "since April 2007" in register.get(ADDRESS, {"q": "ADSS", "state": "all"}).text


def test_a_council_shows_its_shares_of_several_systems(register: Client) -> None:
    # Cumberland and its neighbours lie in one system; Westmorland and Furness in two.
    text = register.get(ADDRESS, {"q": "Westmorland and Furness Council"}).text
    assert "NHS Lancashire and South Cumbria ICB" in text
    assert "NHS North East and North Cumbria ICB" in text
    assert "% of it)" in text


def test_chosen_filters_can_be_taken_away_one_by_one(register: Client) -> None:
    answer = register.get(ADDRESS, {"q": "leeds", "kind": "nhs_trust", "page": "1"})
    chips = dict(answer.context["chips"])
    assert chips["“leeds”"] == "?kind=nhs_trust"
    assert chips["NHS trust"] == "?q=leeds"
    assert register.get(ADDRESS).context["chips"] == []


def test_htmx_gets_the_results_alone(register: Client) -> None:
    part = register.get(
        ADDRESS, {"q": "leeds", "kind": "", "state": "open"}, headers={"HX-Request": "true"}
    )
    assert "<form" not in part.text
    assert '<div class="app-results" id="results">' in part.text
    assert 'id="list-status" role="status" hx-swap-oob="innerHTML">' in part.text
    assert "HX-Request" in part.headers["Vary"]
    assert part.headers["HX-Push-Url"] == "/organisations/?q=leeds"
    whole = register.get(
        ADDRESS,
        {"q": "leeds"},
        headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
    )
    assert "<form" in whole.text


def test_pages_follow_each_other_without_gap(register: Client) -> None:
    first = codes(register)
    second = codes(register, page="2")
    assert (len(first), len(second), set(first) & set(second)) == (50, 50, set())


@pytest.mark.parametrize("chosen", [{}, {"q": "Trust", "region": "Y63", "state": "all"}])
def test_the_list_costs_the_same_queries_at_2_and_at_20_rows(
    sign_in, cast: Cast, bodies: Bodies, today: date, django_assert_num_queries, chosen
) -> None:
    client = sign_in(cast.nobody)
    Organisation.objects.exclude(pk__in=[bodies.board.pk, bodies.region.pk]).filter(
        parent=None
    ).update(closed=date(2020, 1, 1))

    def more(how_many: int) -> None:
        for number in range(how_many):
            factories.organisation(f"Trust {number}", parent=bodies.board)
            old = factories.organisation(f"Old Trust {number}", closed=date(2020, 1, 1))
            new = factories.organisation(f"New Trust {number}", parent=bodies.board)
            Succession.objects.create(
                predecessor=old, successor=new, on=date(2020, 1, 2), kind="merger"
            )

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            rows = client.get(ADDRESS, chosen).context["rows"]
        sizes.append(len(rows))
        return len(captured)

    sizes: list[int] = []
    more(1)
    few = queries()
    more(18)
    many = queries()
    assert sizes[1] > sizes[0] + 18
    assert few == many


def test_the_register_needs_a_sign_in(client: Client, db: None) -> None:
    assert client.get(ADDRESS).status_code == 302


# --- lineage ------------------------------------------------------------------------------------
def test_chains_end_where_they_end_today(register: Client, today: date) -> None:
    lineage = Lineage.load(today)
    body = {body.code: body for body in Organisation.objects.all()}
    group = body["CCG-06H"] if "CCG-06H" in body else body["CCG-E38000026"]
    # Cambridgeshire and Peterborough: two boards in 2022, one of them gone in 2026.
    assert {end.code for end in lineage.now(group)} == {"S1Y5D", "QPM"}
    assert lineage.answering_now(group) is None
    assert lineage.answering_now(body["QUE"]) == body["S1Y5D"]
    assert lineage.answering_now(body["NAT-HEE"]) == body["NAT-NHSE"]
    assert lineage.now(body["RYK"]) == [body["RYK"]]


def test_history_goes_back_through_every_step(register: Client, today: date) -> None:
    essex = Organisation.objects.get(code="D7T5G")
    newest, *older = Lineage.load(today).events(essex)
    assert (newest.on, newest.successor) == (date(2026, 4, 1), essex)
    assert [body.code for body in newest.whole] == ["QH8"]
    assert {body.code for body in newest.parts} == {"QM7", "QJG"}
    assert {event.successor.code for event in older} == {"QH8", "QM7", "QJG"}


def test_what_has_not_happened_yet_is_not_history(bodies: Bodies) -> None:
    Succession.objects.create(
        predecessor=bodies.trust, successor=bodies.other_trust, on=date(2027, 4, 1), kind="merger"
    )
    assert Lineage.load(date(2027, 3, 31)).events(bodies.trust) == []
    assert len(Lineage.load(date(2027, 4, 1)).events(bodies.trust)) == 1


# --- acting for another organisation --------------------------------------------------------------
def switch(client: Client, body: Organisation, onward: str = "/organisations/"):
    return client.post("/organisations/switch/", {"organisation": body.pk, "next": onward})


def test_a_person_acts_for_the_organisation_they_choose(sign_in, bodies: Bodies) -> None:
    roles = [(Role.VIEWER, bodies.board), (Role.VIEWER, bodies.trust)]
    client = sign_in(factories.person("Two Hats", *roles))
    for body in (bodies.trust, bodies.board):
        assert switch(client, body).headers["Location"] == "/organisations/"
        assert client.get(ADDRESS).context["acting"].organisation == body


def test_nobody_acts_for_an_organisation_of_others(sign_in, cast: Cast, bodies: Bodies) -> None:
    client = sign_in(cast.trust)
    assert switch(client, bodies.board).status_code == 404
    assert client.post("/organisations/switch/", {"organisation": "x"}).status_code == 404
    assert client.get(ADDRESS).context["acting"].organisation == bodies.trust
    assert client.get("/organisations/switch/").status_code == 405


def test_the_switch_never_leads_to_another_site(sign_in, cast: Cast, bodies: Bodies) -> None:
    for onward in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""):
        answer = switch(sign_in(cast.trust), bodies.trust, onward)
        assert answer.headers["Location"] == "/"
