"""What everybody may read without signing in: the promise, its milestones and its ratings; never
drafts, comments, words of an update, or a name of staff."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.models import Note, Plan
from tests import factories as make
from tests.conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

PRIVATE = (
    "Lena Lead", "Tariq Trust", "Sam Responsible", "Said by staff", "Because of staff", "Our risk",
    "A word among us", "Draft promise", "Internal plan", "Remark of staff", "Round among us",
)  # fmt: skip


@pytest.fixture
def promise(bodies, cast):
    """A public commitment with everything on it that the public may and may not read."""
    plan = make.plan("LTWP", title="Long term plan", publisher="NHS England", owner=bodies.board)
    made = make.commitment(
        plan, bodies.trust, bodies.council, "Medical schools", reference="LTWP-2",
        title="15,000 places", target="2031/32", senior_responsible_owner="Sam Responsible",
    )  # fmt: skip
    make.milestone(
        made, "Plan agreed", "30/09/2026", "09/11/2026", owner=cast.lead, note="A word among us"
    )
    measure = make.measure(made, 15000, name="Places", unit="places")
    make.figure(measure, 8000, TODAY, note="Remark of staff", source="Remark of staff")
    make.update(
        made, cast.trust, bodies.trust, rating="green", evidence_rating="amber",
        narrative="Said by staff", risks="Our risk", difference_reason="Because of staff",
    )  # fmt: skip
    make.commitment(
        plan, bodies.trust, reference="LTWP-3", title="Draft promise", state="draft",
        draft_of=bodies.trust,
    )  # fmt: skip
    make.round_(plan, TODAY, TODAY, name="Round among us")
    hidden = make.plan("INT", title="Internal plan", visibility=Plan.Visibility.INTERNAL)
    make.commitment(hidden, bodies.trust, reference="INT-1")
    make.commitment(make.plan("SHA", visibility=Plan.Visibility.SHARED), reference="SHA-1")
    return made


def read(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_everybody_reads_the_promise_its_milestones_and_both_ratings(client, promise):
    said = read(client, "/commitments/LTWP/LTWP-2/")
    for words in (
        "15,000 places", "Leeds Community Healthcare NHS Trust", "Leeds City Council",
        "Medical schools", "2031/32", "Plan agreed", "9 November 2026", "8,000", "Green",
        "Evidence", "Declared", "By Leeds Community Healthcare NHS Trust",
    ):  # fmt: skip
        assert words in said, words


def test_everybody_finds_it_from_the_list_of_plans(client, promise):
    assert 'href="/plans/LTWP/"' in read(client, "/plans/")
    assert 'href="/commitments/LTWP/LTWP-2/"' in read(client, "/plans/LTWP/")
    assert 'href="/plans/"' in read(client, "/accounts/login/")


@pytest.mark.parametrize("path", ["/plans/", "/plans/LTWP/", "/commitments/LTWP/LTWP-2/"])
def test_no_public_page_tells_what_is_not_public(client, promise, path):
    said = read(client, path)
    assert [word for word in PRIVATE if word in said] == []
    assert "Sign in" in said and "Sign out" not in said
    assert "history/" not in said and "change/" not in said


def test_what_is_not_public_is_not_found(client, promise):
    for path in ("/plans/INT/", "/plans/SHA/", "/commitments/INT/INT-1/", "/commitments/SHA/SHA-1/",
                 "/commitments/LTWP/LTWP-3/"):  # fmt: skip
        assert client.get(path).status_code == 404, path


def test_whoever_has_signed_in_gets_the_whole_page(promise, cast, sign_in):
    said = read(sign_in(cast.viewer), "/commitments/LTWP/LTWP-2/")
    assert "Said by staff" in said and "Tariq Trust" in said


def test_the_way_back_after_signing_in(client, promise):
    said = read(client, "/commitments/LTWP/LTWP-2/")
    assert "/accounts/login/?next=%2Fcommitments%2FLTWP%2FLTWP-2%2F" in said


def test_every_link_of_a_public_page_opens_without_signing_in(client, promise):
    Note.objects.create(plan=promise.plan, kind="progress", reference="N1", title="Reported")
    for path in ("/plans/", "/plans/LTWP/", "/commitments/LTWP/LTWP-2/"):
        for link in set(re.findall(r'href="(/[^"#]*)"', read(client, path))):
            if not link.startswith("/static/"):
                assert client.get(link).status_code == 200, (path, link)


def test_copies_of_public_pages_may_be_shared_and_others_not(client, promise, cast, sign_in):
    response = client.get("/plans/LTWP/")
    assert set(response["Cache-Control"].split(", ")) == {"public", "max-age=300"}
    assert "Cookie" in response["Vary"]
    assert "public" not in sign_in(cast.lead).get("/plans/LTWP/").get("Cache-Control", "")


def test_search_engines_are_told_what_is_open(client, settings):
    settings.EMBEDDED = False
    told = read(client, "/robots.txt")
    assert "Allow: /plans/" in told and told.endswith("Disallow: /\n")
    settings.EMBEDDED = True
    assert "Allow" not in read(client, "/robots.txt")


def test_a_public_plan_costs_the_same_however_many_it_promises(client, promise, bodies):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            read(client, "/plans/LTWP/")
        return len(queries)

    count()
    first = count()
    for number in range(10):
        make.commitment(
            promise.plan, bodies.trust, reference=f"LTWP-9{number}",
            pillar=make.pillar(promise.plan, f"Heading {number}"),
        )  # fmt: skip
    assert count() == first
