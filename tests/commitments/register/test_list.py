"""The list of commitments: what each filter finds, in which order, and what is said beside it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.models import Commitment, Plan
from organisations.kinds import Kind
from organisations.models import Succession
from tests import factories as make
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def world(bodies):
    """A small register in which every filter has something to find and something to leave out."""
    first = make.plan("FIRST", title="First people plan", owner=bodies.board)
    second = make.plan("SECOND", title="Second people plan")
    made = {
        "joint": make.commitment(
            first,
            bodies.board,
            bodies.council,
            reference="F-1",
            title="One occupational health contract",
            target="2026/27",
            pillar=make.pillar(first, "Looking after people", "retain"),
            staff_groups=["All", "Nursing – adult"],
        ),
        "trust": make.commitment(
            first,
            bodies.trust,
            reference="F-2",
            title="Bank fill rate",
            target=(TODAY + timedelta(days=20)).isoformat(),
            pillar=make.pillar(first, "Growing", "train"),
        ),
        "class": make.commitment(second, "NHS trusts", reference="S-1", title="Digital passport"),
        "past": make.commitment(
            second, bodies.other_trust, reference="S-2", title="Care academy", target="2024/25"
        ),
    }
    make.milestone(made["joint"], "Agreed", TODAY - timedelta(days=12))
    make.milestone(made["trust"], "Signed", TODAY + timedelta(days=10))
    return made


def references(response) -> list[str]:
    """What the list shows, in its order."""
    return [row.commitment.reference for row in response.context["listing"].rows]


@pytest.fixture
def find(sign_in, cast):
    """`find("joint=yes")` gives the references of a list, as our programme lead sees it."""

    def go(query: str, person=None) -> list[str]:
        response = sign_in(person or cast.lead).get(f"/commitments/?{query}")
        assert response.status_code == 200, response.get("Location")
        return references(response)

    return go


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("show=all", ["F-1", "F-2", "S-1", "S-2"]),
        ("plan=first", ["F-1", "F-2"]),
        ("plan=NOSUCH", []),
        ("theme=train", ["F-2"]),
        ("heading=Looking+after+people", ["F-1"]),
        ("organisation=RY6", ["F-2"]),
        ("organisation=leeds+city+council", ["F-1"]),
        ("system=QWO", ["F-1", "F-2"]),
        ("system=QOQ", ["S-2"]),
        ("region=Y63", ["F-1", "F-2"]),
        ("side=local_government", ["F-1"]),
        ("joint=yes", ["F-1"]),
        ("joint=no", ["F-2", "S-1", "S-2"]),
        ("rating=amber", ["F-1"]),
        ("rating=no_evidence", ["S-1", "S-2"]),
        ("declared=none", ["F-1", "F-2", "S-1", "S-2"]),
        ("staff=Nursing+%E2%80%93+adult", ["F-1"]),
        ("due=overdue", ["S-2"]),
        ("due=30", ["F-2"]),
        ("due=90", ["F-2"]),
        ("due=year", ["F-1", "F-2"]),
        ("due=later", []),
        ("due=none", ["S-1"]),
        ("overdue=yes", ["F-1"]),
        ("assigned=no", ["S-1"]),
        ("assigned=yes", ["F-1", "F-2", "S-2"]),
        ("state=active", ["F-1", "F-2", "S-1", "S-2"]),
        ("state=withdrawn", []),
        ("mine=yes", ["F-1"]),
        ("plan=FIRST&theme=retain&joint=yes", ["F-1"]),
        ("plan=FIRST&theme=retain&joint=no", []),
    ],
)
def test_each_filter_finds_what_it_says(world, find, query, found):
    assert find(query) == found


def test_ratings_that_differ_can_be_found_and_say_why(world, find, cast, bodies, sign_in):
    make.update(
        world["joint"],
        cast.lead,
        bodies.board,
        rating="green",
        evidence_rating="amber",
        difference_reason="Signed, but the upload is late",
    )
    make.update(world["class"], cast.lead, bodies.board, rating="green")
    assert find("declared=differs") == ["F-1"]
    assert find("declared=green") == ["F-1", "S-1"]
    page = sign_in(cast.lead).get("/commitments/?declared=differs").content.decode()
    assert "Signed, but the upload is late" in page


def test_an_organisation_finds_what_it_inherited(world, find, bodies):
    new = make.organisation("NHS Yorkshire Integrated Care Board", Kind.ICB, code="QZZ")
    Succession.objects.create(
        predecessor=bodies.board, successor=new, on=TODAY, kind=Succession.Kind.MERGER
    )
    assert find("organisation=QZZ") == ["F-1"]
    assert find("system=QZZ") == ["F-1", "F-2"]


def test_an_organisation_that_could_be_several_is_asked_about_and_not_guessed(
    world, sign_in, cast, bodies
):
    make.organisation("Leeds Teaching Hospitals NHS Trust", code="RR8")
    response = sign_in(cast.lead).get("/commitments/?organisation=leeds")
    page = response.content.decode()
    assert references(response) == []
    assert "“leeds” can be several organisations" in page
    assert "Leeds City Council (E08000035)" in page
    response = sign_in(cast.lead).get("/commitments/?organisation=Nowhere+at+all")
    assert "No organisation is called “Nowhere at all”" in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("WY ICB", "Closest: NHS West Yorkshire Integrated Care Board (QWO)."),
        # It begins another body's name.
        ("Leeds CC", "can be several organisations: Leeds City Council (E08000035); NHS Leeds CCG"),
    ],
)
def test_an_organisation_by_its_initials_is_suggested_and_not_guessed(
    world, sign_in, cast, bodies, typed, said
):
    make.organisation("NHS Leeds CCG", Kind.CCG, code="CCG-15F")
    response = sign_in(cast.lead).get("/commitments/", {"organisation": typed})
    assert references(response) == []
    assert said in response.content.decode()


def test_a_choice_that_does_not_exist_is_named_and_finds_nothing(world, sign_in, cast):
    response = sign_in(cast.lead).get("/commitments/?system=ZZZ")
    assert references(response) == []
    assert "“ZZZ” is not one of the choices" in response.content.decode()


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("reference", ["F-1", "F-2", "S-1", "S-2"]),
        ("late", ["F-1", "F-2", "S-1", "S-2"]),
        ("target", ["S-2", "F-2", "F-1", "S-1"]),
        ("title", ["F-2", "S-2", "S-1", "F-1"]),
        ("rating", ["F-1", "F-2", "S-1", "S-2"]),
        ("nonsense", ["F-1", "F-2", "S-1", "S-2"]),
    ],
)
def test_the_list_can_be_put_in_order(world, find, sort, order):
    assert find(f"sort={sort}") == order


def test_lists_show_only_what_the_person_may_see(world, find, cast, bodies):
    hidden = make.plan("HIDDEN", visibility=Plan.Visibility.INTERNAL, owner=bodies.other_board)
    make.commitment(hidden, bodies.other_trust, reference="H-1")
    make.commitment(make.plan("D"), reference="D-1", state="draft", draft_of=bodies.other_board)
    assert "H-1" not in find("show=all") and "D-1" not in find("show=all")
    assert {"H-1", "D-1"} <= set(find("show=all", cast.other_lead))
    assert find("plan=HIDDEN") == []


def test_counts_stand_beside_the_choices_and_honour_the_other_filters(world, sign_in, cast):
    response = sign_in(cast.lead).get("/commitments/?plan=FIRST&joint=yes")
    form = response.context["form"]
    labels = {
        name: [str(label) for _, label in form.fields[name].choices]
        for name in form.fields
        if hasattr(form.fields[name], "choices")
    }
    # Its own choice does not narrow a filter's counts, the other one does.
    assert labels["plan"] == ["Any", "First people plan (1)"]
    assert labels["joint"] == ["Any", "Joint (1)", "Not joint (1)"]
    assert labels["theme"] == ["Any", "Retain (1)"]
    assert labels["system"] == ["Any", "NHS West Yorkshire Integrated Care Board (1)"]
    assert labels["region"] == ["Any", "North East and Yorkshire (1)"]
    assert labels["mine"] == ["Any", "My organisation’s (1)"]
    assert labels["staff"] == ["Any", "All (1)", "Nursing – adult (1)"]


def test_every_count_is_what_choosing_it_finds(world, sign_in, cast, bodies):
    make.update(world["joint"], cast.lead, bodies.board, rating="green", evidence_rating="amber")
    client = sign_in(cast.lead)
    form = client.get("/commitments/?show=all").context["form"]
    checked = 0
    for name, field in form.fields.items():
        for value, label in list(getattr(field, "choices", ()))[1:]:
            found = client.get("/commitments/", {name: value}).context["listing"]
            assert str(label).endswith(f"({len(found.keys)})"), (name, value)
            checked += 1
    assert checked > 25


def test_chosen_filters_are_words_that_can_be_taken_away(world, sign_in, cast):
    response = sign_in(cast.lead).get("/commitments/?plan=FIRST&rating=amber&q=health")
    assert response.context["chips"] == [
        ("“health”", "?plan=FIRST&rating=amber"),
        ("First people plan", "?rating=amber&q=health"),
        ("Evidence: Amber", "?plan=FIRST&q=health"),
    ]


def test_a_row_says_who_how_and_what_is_next(world, sign_in, cast):
    page = sign_in(cast.lead).get("/commitments/?show=all").content.decode()
    assert "with Leeds City Council" in page
    assert "12 days late" in page
    assert "by 2026/27" in page
    assert page.count(">Joint</strong>") == 1
    assert page.count(">Unassigned</strong>") == 1


def test_a_closed_lead_is_shown_with_who_answers_now(world, sign_in, cast, bodies):
    new = make.organisation("NHS Yorkshire Integrated Care Board", Kind.ICB)
    Succession.objects.create(
        predecessor=bodies.board, successor=new, on=TODAY, kind=Succession.Kind.RENAME
    )
    page = sign_in(cast.national).get("/commitments/?plan=FIRST").content.decode()
    assert "now NHS Yorkshire Integrated Care Board" in page


def test_nothing_found_says_what_to_do(world, sign_in, cast):
    page = sign_in(cast.lead).get("/commitments/?rating=complete").content.decode()
    assert "No commitment fits all of these filters" in page
    assert "Show all commitments" in page


def test_pages_follow_each_other_without_overlap(bodies, sign_in, cast):
    plan = make.plan("MANY")
    for _ in range(60):
        make.commitment(plan, bodies.trust)
    client = sign_in(cast.lead)
    first = references(client.get("/commitments/?plan=MANY"))
    second = references(client.get("/commitments/?plan=MANY&page=2"))
    assert (len(first), len(second)) == (50, 10)
    assert not set(first) & set(second)
    assert references(client.get("/commitments/?plan=MANY&page=99")) == second


def test_a_long_list_stops_counting_and_still_pages(monkeypatch, bodies, sign_in, cast):
    for module in ("facets", "queries"):
        monkeypatch.setattr(f"commitments.register.{module}.LIMIT", 60)
    plan = make.plan("MANY")
    for _ in range(70):
        make.commitment(plan, bodies.trust)
    client = sign_in(cast.lead)
    response = client.get("/commitments/?show=all&sort=title")
    page = response.content.decode()
    assert "More than 60 commitments" in page
    assert "choose more filters to see counts" in page
    assert response.context["listing"].sort == "reference"
    assert "worst evidence first" not in page
    assert ("MANY", plan.title) in response.context["form"].fields["plan"].choices
    shown = references(response) + references(client.get("/commitments/?show=all&page=2"))
    assert shown == sorted(Commitment.objects.values_list("reference", flat=True))
    assert not client.get("/commitments/?show=all&page=2").context["listing"].has_next


@pytest.mark.parametrize("query", ["show=all", "q=commitment&plan=SIZE&rating=amber&sort=late"])
def test_a_list_costs_the_same_queries_however_many_rows(query, bodies, sign_in, cast):
    plan = make.plan("SIZE")

    def add(number: int) -> None:
        for _ in range(number):
            made = make.commitment(plan, bodies.trust, bodies.council, target="2030")
            make.milestone(made, baseline=TODAY - timedelta(days=2))
            make.update(made, cast.trust, bodies.trust, rating="green", evidence_rating="amber")

    def cost() -> int:
        client.get(f"/commitments/?{query}")
        with CaptureQueriesContext(connection) as captured:
            response = client.get(f"/commitments/?{query}")
        shown.append(len(references(response)))
        return len(captured)

    client, shown = sign_in(cast.lead), []
    add(2)
    at_two = cost()
    add(18)
    at_twenty = cost()
    assert shown == [2, 20]
    assert at_two == at_twenty
