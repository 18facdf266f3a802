"""The pages around changes of organisations."""

from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from organisations.kinds import Kind
from organisations.models import Organisation, Role, Succession
from tests import factories as make
from tests.browser.window import settled, widen
from workforce_tracker import clock

ADD = "/organisations/changes/add/"


@pytest.fixture
def old(bodies) -> Organisation:
    body = make.organisation("NHS Old Board", Kind.ICB, code="QOL", opened=date(2022, 7, 1))
    make.person("Moira Member", (Role.PROGRAMME_LEAD, body))
    return body


def typed(**more) -> dict[str, str]:
    return {
        "kind": "merger",
        "on": "1/4/2027",
        "predecessors": "QOL",
        "successors": "QWO",
        "new-TOTAL_FORMS": "2",
        "new-INITIAL_FORMS": "0",
        **more,
    }


def test_a_preview_says_what_will_happen_and_stores_nothing(sign_in, cast, bodies, old, today):
    plan = make.plan(owner=old)
    make.round_(plan, date(2027, 3, 1), date(2027, 5, 1), name="Spring")
    make.commitment(plan, old, bodies.board, title="A shared passport")
    page = sign_in(cast.platform).post(ADD, typed()).content.decode()
    for words in (
        "What will happen on 1 April 2027",
        "NHS Old Board becomes part of NHS West Yorkshire Integrated Care Board",
        "A shared passport",
        "1 as lead and 0 as partner",
        "will be lead and partner of these at once",
        "Moira Member, programme lead",
        "Spring",
        plan.title,
    ):
        assert words in page
    assert not Succession.objects.exists()


def test_confirming_registers_and_the_list_has_it(sign_in, cast, old, today):
    client = sign_in(cast.platform)
    page = client.post(ADD, typed(confirm="yes"), follow=True).content.decode()
    assert "Registered: NHS Old Board becomes part of" in page and "To come" in page
    assert Succession.objects.get().on == date(2027, 4, 1)


def test_a_new_body_opens_with_the_change(sign_in, cast, old, today):
    new = {"new-0-code": "N3W", "new-0-name": "NHS New Board", "new-0-body_kind": "icb"}
    client = sign_in(cast.platform)
    shown = client.post(ADD, typed(kind="rename", successors="", **new)).content.decode()
    assert "Opens and takes over" in shown
    client.post(ADD, typed(kind="rename", successors="", confirm="yes", **new))
    assert Organisation.objects.get(code="N3W").opened == date(2027, 4, 1)


def test_a_name_that_is_not_known_is_said_with_the_closest(sign_in, cast, old, today):
    page = sign_in(cast.platform).post(ADD, typed(predecessors="NHS Old Bord")).content.decode()
    assert "“NHS Old Bord” is not in the register" in page and "NHS Old Board (QOL)" in page


def test_a_succession_to_itself_is_refused_on_the_page(sign_in, cast, old, today):
    page = sign_in(cast.platform).post(ADD, typed(successors="QOL")).content.decode()
    assert "A body cannot take over from itself" in page


def test_others_read_the_list_and_change_nothing(sign_in, cast, bodies, old, today):
    row = Succession.objects.create(
        predecessor=old, successor=bodies.board, on=date(2027, 4, 1), kind="merger"
    )
    client = sign_in(cast.lead)
    assert client.get(reverse("successions")).status_code == 200
    assert client.get(ADD).status_code == client.post(ADD, typed()).status_code == 403
    assert client.post(reverse("succession_reverse", args=[row.pk])).status_code == 403


def test_reversing_on_the_page(sign_in, cast, old, today):
    client = sign_in(cast.platform)
    client.post(ADD, typed(confirm="yes"))
    address = reverse("succession_reverse", args=[Succession.objects.get().pk])
    assert "stays open: its last day goes" in client.get(address).content.decode()
    client.post(address)
    old.refresh_from_db()
    assert old.closed is None and not Succession.objects.exists()


def split(old, bodies) -> None:
    Organisation.objects.filter(pk=old.pk).update(closed=date(2026, 3, 31))
    for body in (bodies.board, bodies.other_board):
        Succession.objects.create(
            predecessor=old, successor=body, on=date(2026, 4, 1), kind="split"
        )


def test_what_waits_stands_on_the_home_page_and_is_assigned_in_bulk(
    sign_in, cast, bodies, old, today
):
    plan = make.plan(visibility="internal")
    made = [make.commitment(plan, old) for _ in range(3)]
    split(old, bodies)
    client = sign_in(cast.lead)
    address = reverse("assign", args=["QOL"])
    assert f'href="{address}">3 commitments' in client.get("/").content.decode()
    assert "Tick the commitments" in client.post(address, {"to": "QWO"}).content.decode()
    client.post(address, {"to": "QWO", "party": [made[0].parties.get().pk]})
    assert "2 commitments" in client.get("/").content.decode()
    client.post(address, {"to": "QOQ", "all": "yes"})
    assert "Waiting to be assigned" not in client.get("/").content.decode()
    assert "Nothing waits" in client.get(address).content.decode()
    client.post(address, {"to": "nobody", "party": [made[0].parties.get().pk]})
    assert "1 commitment</a> of NHS Old Board" in client.get("/").content.decode()


def test_assigning_is_unknown_to_those_who_may_not(sign_in, cast, bodies, old, today):
    split(old, bodies)
    for person in (cast.trust, cast.viewer, cast.lga, cast.nobody):
        assert sign_in(person).get(reverse("assign", args=["QOL"])).status_code == 404


def test_the_header_shows_the_successor(sign_in, cast, bodies, old, today):
    Organisation.objects.filter(pk=old.pk).update(closed=date(2026, 3, 31))
    Succession.objects.create(
        predecessor=old, successor=bodies.other_board, on=date(2026, 4, 1), kind="merger"
    )
    member = make.person("Maud Moved", (Role.PROGRAMME_LEAD, old))
    page = sign_in(member).get("/").content.decode()
    assert "You act for NHS Humber and North Yorkshire Integrated Care Board" in page
    assert "NHS Old Board" not in page


def test_as_it_was_on_a_day(sign_in, cast, bodies, old, today):
    Organisation.objects.filter(pk=old.pk).update(closed=date(2026, 3, 31))
    Succession.objects.create(
        predecessor=old, successor=bodies.board, on=date(2026, 4, 1), kind="merger"
    )
    client = sign_in(cast.nobody)
    now = client.get("/organisations/QOL/").content.decode()
    then = client.get("/organisations/QOL/?on=2026-03-31").content.decode()
    assert "now part of" in now and "now part of" not in then
    assert (
        "As it was on 31 March 2026." in then and 'href="/organisations/QOL/">Back to today' in then
    )
    register = client.get("/organisations/?on=2026-03-31&kind=icb").content.decode()
    assert "NHS Old Board" in register and "As it was on 31 March 2026." in register
    assert "/organisations/QOL/?on=2026-03-31" in register
    assert "NHS Old Board" not in client.get("/organisations/?kind=icb").content.decode()
    assert "is not a day" in client.get("/organisations/?on=yesterday").content.decode()
    assert "is not a day" in client.get("/organisations/QOL/?on=yesterday").content.decode()


@pytest.mark.browser
def test_a_merger_is_previewed_and_applied(browse, cast, bodies, old):
    make.commitment(make.plan(), old, title="A shared passport")
    first = clock.today() + timedelta(days=60)  # the browser's clock cannot be stopped with ours
    written = f"{first.day} {first:%B %Y}"
    page = browse(cast.platform, "/organisations/changes/")
    page.get_by_role("link", name="Register a change").click()
    page.get_by_label("Merger: one or more").check()
    page.get_by_label("First day of the new").fill(f"{first:%d/%m/%Y}")
    page.get_by_label("Bodies that close").fill("NHS Old Board")
    page.get_by_label("Bodies in the register that take over").fill("QWO")
    page.get_by_role("button", name="Show what it will do").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What will happen on {written}")
    expect(page.get_by_text("A shared passport")).to_be_visible()
    settled(page)
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Register this change").click()
    expect(page.get_by_text("Registered: NHS Old Board becomes part of")).to_be_visible()
    page.goto(page.url.replace("/changes/", f"/QOL/?on={first}"))
    expect(page.get_by_text(f"As it will be on {written}.")).to_be_visible()
    expect(page.get_by_text("now part of").first).to_be_visible()


@pytest.mark.browser
def test_the_pages_can_be_used_by_everybody_and_on_a_phone(browse, cast, bodies, old):
    make.commitment(make.plan(), old, title="A shared passport")
    split(old, bodies)
    page = browse(cast.platform, "/")
    root = page.url.rstrip("/")
    widen(page, 390)
    row = Succession.objects.first()
    assert row is not None
    for path in (
        "/organisations/changes/",
        ADD,
        f"/organisations/changes/{row.pk}/reverse/",
        "/organisations/QOL/assign/",
        "/organisations/QOL/?on=2026-03-31",
        "/organisations/?on=2026-03-31",
        "/",
    ):
        page.goto(root + path)
        settled(page)
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [one["id"] for one in found] == [], path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, path
