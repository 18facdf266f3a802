"""A commitment's page: what, by whom, by when, is it on track, why do you say so."""

import re
from datetime import date
from html import unescape

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.models import Note
from organisations.kinds import Kind
from organisations.models import Succession
from tests import factories as make
from tests.conftest import day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ADDRESS = "/commitments/LTWP/LTWP-002/"


@pytest.fixture
def plan():
    return make.plan("LTWP", title="NHS Long Term Workforce Plan", link="https://plan.example/ltwp")


@pytest.fixture
def promise(plan, bodies):
    return make.commitment(
        plan,
        bodies.board,
        bodies.trust,
        reference="LTWP-002",
        title="15,000 medical school places",
        target="2031/32",
        source="Chapter 2",
        lead_basis="inferred",
        confidence="high",
        plan_reference="2.14",
    )


@pytest.fixture
def look(sign_in, cast):
    """The words of the page, tags left out and blanks folded."""

    def read(person=None, address=ADDRESS):
        response = sign_in(person or cast.viewer).get(address)
        assert response.status_code == 200
        return response

    return read


def text(response) -> str:
    """The words of a page as they are read: cells and lines apart, links inside their sentence."""
    apart = re.sub(r"</(td|th|li|p|dd|dt|h\d)>", " ", response.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", "", apart)).split())


def test_it_says_what_by_whom_with_whom_and_by_when(promise, look):
    words = text(look())
    assert "15,000 medical school places" in words
    assert (
        "Promised by NHS West Yorkshire Integrated Care Board. Due 2031/32. "
        "Delivered with Leeds Community Healthcare NHS Trust." in words
    )
    assert "31 March 2032" not in words  # never more precise than given


def test_it_says_where_in_the_document_and_how_sure(promise, look):
    response = look()
    words = text(response)
    for expected in ("Chapter 2", "2.14", "inferred from the source", "high"):
        assert expected in words
    assert 'href="https://plan.example/ltwp"' in response.content.decode()


def test_a_joint_commitment_says_so(plan, bodies, look):
    make.commitment(plan, bodies.board, bodies.council, reference="LTWP-002")
    assert "Joint: NHS and local government" in text(look())


def test_one_side_alone_is_not_joint(promise, look):
    assert "Joint" not in text(look())


def test_a_closed_body_shows_who_answers_now(plan, bodies, look):
    closed = make.organisation(
        "Health Education England", Kind.NHS_NATIONAL, closed=date(2023, 3, 31)
    )
    Succession.objects.create(
        predecessor=closed, successor=bodies.england, on=date(2023, 4, 1), kind="merger"
    )
    make.commitment(plan, closed, reference="LTWP-002")
    assert "Health Education England (now NHS England)" in text(look())


def test_a_divided_body_waits_until_somebody_is_assigned(plan, bodies, look):
    divided = make.organisation("Divided Board", Kind.ICB, closed=date(2026, 3, 31))
    for board in (bodies.board, bodies.other_board):
        Succession.objects.create(
            predecessor=divided, successor=board, on=date(2026, 4, 1), kind="split"
        )
    commitment = make.commitment(plan, divided, reference="LTWP-002")
    assert "Divided Board (waiting to be assigned)" in text(look())
    commitment.parties.update(assigned_to=bodies.other_board)
    assert f"Divided Board (now {bodies.other_board})" in text(look())


def test_a_class_of_bodies_is_unassigned(plan, look):
    make.commitment(plan, "NHS trusts", reference="LTWP-002")
    words = text(look())
    assert "unassigned: NHS trusts" in words
    assert "Nobody answers for it" in words


def test_the_evidence_names_the_milestone_and_how_late(promise, look):
    make.milestone(promise, "Regional plan agreed", day(-40), day(-12))
    words = text(look())
    assert "Evidence Amber" in words
    assert (
        "“Regional plan agreed” is 12 days late: expected 7 November 2026 "
        "(first promised: 10 October 2026)" in words
    )


def test_the_evidence_names_the_measure_and_how_far(promise, look):
    measure = make.measure(promise, name="Places", unit="places", target=15000)
    make.figure(measure, 8000, day(-10))
    make.figure(measure, 10000, day(-10), kind="trajectory")
    words = text(look())
    assert "Evidence Red" in words
    assert "“Places” is at 8,000 places: 20% short of the 10,000 places expected by then" in words


def test_a_step_beyond_the_promised_date_is_named(promise, look):
    make.milestone(promise, "All places open", "2031/32", "2032/33")
    assert (
        "“All places open” is expected 2032/33, after the commitment's own date, 2031/32"
        in text(look())
    )


def test_a_missed_round_is_named(promise, look):
    make.round_(promise.plan, day(-40), day(-2), name="Autumn round")
    make.milestone(promise, baseline=day(50))
    assert "No update came in “Autumn round”, which closed on 17 November 2026" in text(look())


def test_many_reasons_of_one_kind_are_cut_short(promise, look):
    for number in range(6):
        make.milestone(promise, f"Step {number}", day(-3))
    words = text(look())
    assert "and 3 more like this" in words


def test_nothing_known_says_so(promise, look):
    words = text(look())
    assert "Evidence No evidence" in words
    assert "Nobody has reported" in words


def test_the_declared_rating_says_by_whom_when_and_why_it_differs(promise, bodies, cast, look):
    make.milestone(promise, "Regional plan agreed", day(-12))
    make.update(
        promise,
        cast.lead,
        bodies.board,
        rating="green",
        evidence_rating="amber",
        difference_reason="Plan signed, upload late",
    )
    words = text(look())
    assert "Declared Green" in words
    assert (
        "By Lena Lead for NHS West Yorkshire Integrated Care Board, 19 November 2026 (today)"
        in words
    )
    assert "“Plan signed, upload late”" in words


def test_earlier_updates_stay_readable(promise, bodies, cast, look):
    make.update(promise, cast.lead, bodies.board, narrative="It began well.")
    make.update(promise, cast.trust, bodies.trust, rating="amber", narrative="It slowed.")
    words = text(look())
    assert words.index("It slowed.") < words.index("It began well.")


def test_milestones_read_with_their_lateness(promise, look, cast):
    make.milestone(promise, "First step", day(-12), owner=cast.lead)
    make.milestone(promise, "Done step", "March 2026", state="complete", actual_on=day(-100))
    make.milestone(promise, "Fuzzy step", "2025/26")
    words = text(look())
    assert "12 days late" in words
    assert "Reached 11 August 2026" in words
    assert "At least 7 months late" in words


def test_figures_stand_in_a_table_with_the_same_in_a_drawing(promise, look):
    measure = make.measure(
        promise,
        name="Places",
        unit="places",
        target=15000,
        baseline_value=7500,
        baseline=make.fuzzy("2022"),
    )
    make.figure(measure, 8000, date(2026, 3, 31), source="Office for Students")
    response = look()
    words = text(response)
    assert "31 March 2026 8,000 Office for Students" in words
    assert "2031/32 15,000 Target" in words
    html = response.content.decode()
    assert html.count('role="img"') == 1
    assert "Baseline 7,500 places (2022). Latest actual 8,000 places (31 March 2026)." in html


def test_no_style_or_script_stands_in_the_page(promise, look, bodies, cast):
    measure = make.measure(promise, baseline_value=1, baseline=make.fuzzy("2022"))
    make.figure(measure, 5, day(-10))
    make.milestone(promise, baseline=day(10), forecast=day(20))
    make.update(promise, cast.lead, bodies.board)
    html = look(cast.lead).content.decode()
    assert " style=" not in html
    assert "onclick" not in html


def test_notes_of_the_source_are_shown(promise, look):
    Note.objects.create(
        plan=promise.plan,
        commitment=promise,
        kind="progress",
        reference="LTWP-N1",
        title="Places opened",
        value_text="205",
        when_text="2024/25",
    )
    assert "Places opened: 205" in text(look())


def test_only_those_who_may_are_offered_actions(promise, look, cast):
    make.milestone(promise, baseline=day(5))
    offered = {
        person: [
            action
            for action in ("/update/", "/change/", "/milestones/add/", "/complete/")
            if f"{ADDRESS.rstrip('/')}{action}" in html or action in html
        ]
        for person, html in (
            (name, look(getattr(cast, name)).content.decode())
            for name in ("viewer", "trust", "lead", "platform")
        )
    }
    assert offered == {
        "viewer": [],
        "trust": ["/update/", "/complete/"],
        "lead": ["/update/", "/change/", "/milestones/add/", "/complete/"],
        "platform": ["/change/", "/milestones/add/", "/complete/"],
    }


def test_an_internal_plan_is_not_found_by_others(bodies, cast, sign_in):
    plan = make.plan("INT", visibility="internal", owner=bodies.board)
    made = make.commitment(plan, bodies.board)
    address = made.get_absolute_url()
    answers = {
        name: sign_in(getattr(cast, name)).get(address).status_code
        for name in ("lead", "region", "national", "trust", "other_lead", "nobody")
    }
    assert answers == {
        "lead": 200, "region": 200, "national": 200, "trust": 404, "other_lead": 404, "nobody": 404,
    }  # fmt: skip


def test_queries_do_not_grow_with_what_the_commitment_has(promise, bodies, cast, sign_in):
    client = sign_in(cast.lead)

    def fill():
        with pghistory.context(user=cast.lead.pk):
            make.milestone(promise, baseline=day(-3), forecast=day(2), owner=cast.trust)
            measure = make.measure(promise)
            make.figure(measure, 5, day(-10))
            make.figure(measure, 50, day(-10), kind="trajectory")
            make.update(promise, cast.lead, bodies.board)

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS).status_code == 200
        return len(queries)

    fill()
    count()
    first = count()
    for _ in range(6):
        fill()
    assert count() == first
