"""Many updates on one page: each row by itself, with the checks of the page of its own."""

from datetime import date

import pytest

from commitments.models import Milestone, ProgressUpdate
from tests import factories as make
from tests.conftest import day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def owed(bodies):
    """Three that the trust owes in an open round, and one of the board."""
    plan = make.plan("JFP", owner=bodies.board)
    make.round_(plan, day(-5), day(9))
    made = [
        make.commitment(plan, bodies.trust, reference=f"JFP-00{n}", title=f"Promise {n}")
        for n in (1, 2, 3)
    ]
    make.commitment(plan, bodies.board, reference="JFP-009")
    return made


@pytest.fixture
def send(cast, sign_in):
    """`send(boxes of the first, of the second ...)` fills in the table as a browser would."""

    def post(*rows: dict[str, str], person=None):
        client = sign_in(person or cast.trust)
        page = client.get("/updates/")
        sent = {"rows": [row.commitment.pk for row in page.context["rows"]]}
        for row, boxes in zip(page.context["rows"], rows, strict=False):
            for field in row.form:
                value = boxes.get(field.name, field.value())
                if value not in (None, False):
                    sent[field.html_name] = value
        return client.post("/updates/", sent)

    return post


SAID = {"rating": "green", "confidence": "high", "narrative": "On course."}


def test_the_table_has_what_the_organisation_owes(owed, cast, sign_in):
    page = sign_in(cast.trust).get("/updates/").content.decode()
    assert all(f"Promise {n}" in page for n in (1, 2, 3)) and "JFP-009" not in page
    assert sign_in(cast.viewer).get("/updates/").status_code == 403


def test_each_row_is_sent_or_refused_by_itself(owed, send):
    red = SAID | {"rating": "red", "narrative": "Two wards are short."}
    page = send(SAID, red, {}).content.decode()
    assert "1 update sent: JFP-001." in page and "1 row is not sent yet" in page
    assert "Say why it is red." in page and "Two wards are short." in page
    assert "Promise 1" not in page and "Promise 3" not in page
    assert ProgressUpdate.objects.get().commitment == owed[0]


def test_a_row_left_alone_is_owed_as_before(owed, send, cast, sign_in):
    page = send({}, SAID, {}).content.decode()
    assert "1 update sent: JFP-002." in page and "not sent yet" not in page
    assert "Promise 1" in page and "Promise 2" not in page
    assert "Nothing was filled in" in send({}, {}).content.decode()


def test_the_next_milestone_moves_in_its_row(owed, send):
    step = make.milestone(owed[0], "Agree", day(10))
    boxes = SAID | {f"m{step.pk}_forecast": "01/12/2026", "difference_reason": "A week"}
    send(boxes | {"difference_reason": "Two days of slip"})
    step.refresh_from_db()
    assert step.forecast_date == date(2026, 12, 1)
    assert ProgressUpdate.objects.get().evidence_rating == "amber"


def test_a_refused_row_moves_nothing(owed, send):
    step = make.milestone(owed[0], "Agree", day(10))
    page = send(SAID | {f"m{step.pk}_forecast": "31/02/2027"}).content.decode()
    assert "31/02/2027" in page and "is not a date" in page
    page = send(SAID | {f"m{step.pk}_forecast": "01/12/2027"}).content.decode()
    assert "the evidence shows amber" in page
    assert Milestone.objects.get().forecast_text == ""
    assert not ProgressUpdate.objects.exists()


def test_nothing_has_changed_is_one_tick(owed, send, cast, bodies):
    before = make.update(owed[1], cast.trust, bodies.trust, evidence_rating="no_evidence")
    ProgressUpdate.objects.filter(pk=before.pk).update(submitted_at=f"{day(-30)}T10:00Z")
    send({}, {"is_unchanged": "on"})
    newest = owed[1].updates.first()
    assert newest.is_unchanged and newest.narrative == "On course."


def test_rows_of_others_are_not_taken(owed, cast, bodies, sign_in):
    theirs = make.commitment(owed[0].plan, bodies.other_trust)
    boxes = {f"c{theirs.pk}-{name}": value for name, value in SAID.items()}
    response = sign_in(cast.trust).post("/updates/", {"rows": [theirs.pk, "x"]} | boxes)
    assert response.status_code == 200
    assert not ProgressUpdate.objects.exists()


def test_twenty_five_rows_a_page(owed, bodies, cast, sign_in):
    for _ in range(25):
        make.commitment(owed[0].plan, bodies.trust)
    client = sign_in(cast.trust)
    assert len(client.get("/updates/").context["rows"]) == 25
    assert len(client.get("/updates/?page=2").context["rows"]) == 3
