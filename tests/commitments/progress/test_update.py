"""Progress updates: who may give one, what they must say, and that nothing is lost or doubled."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from commitments.models import Figure, Milestone, ProgressUpdate
from commitments.progress.actions import post_update
from commitments.ratings import explain
from organisations.models import Role
from tests import factories as make
from tests.commitments.progress.conftest import SAID
from tests.conftest import TODAY, day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ADDRESS = "/commitments/JFP/JFP-001/update/"


def said_on(value: date) -> str:
    return f"{value:%d/%m/%Y}"


@pytest.fixture
def send(sign_in):
    """Send the form as a browser would: what it shows, with some boxes filled in."""

    def post(person, address=ADDRESS, **boxes):
        client = sign_in(person)
        shown = client.get(address)
        return client.post(address, filled(shown) | boxes)

    return post


def filled(page) -> dict[str, str]:
    """The boxes of a page's form as they stand."""
    form = page.context["form"]
    values = {}
    for field in form:
        value = field.value()
        values[field.html_name] = "" if value in (None, False) else str(field.as_widget() and value)
    return values


def words(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


# --- who ------------------------------------------------------------------------------------------
def test_a_trust_contributor_reports_on_its_own(promise, cast, bodies, send):
    response = send(cast.trust, **SAID)
    assert response.status_code == 302
    assert response.url == "/commitments/JFP/JFP-001/"
    update = promise.updates.get()
    assert (update.author, update.organisation, update.rating) == (
        cast.trust,
        bodies.trust,
        "green",
    )
    assert promise.updates.get().narrative == "All wards have signed."


def test_a_council_contributor_reports_on_a_joint_one(promise, cast, bodies, send):
    send(cast.council, **SAID)
    assert promise.updates.get().organisation == bodies.council


def test_a_programme_lead_reports_for_the_board_on_its_system(promise, cast, bodies, send):
    send(cast.lead, **SAID)
    assert promise.updates.get().organisation == bodies.board


def test_somebody_with_two_hats_speaks_for_the_party(promise, bodies, send):
    both = make.person(
        "Bo Both", (Role.PROGRAMME_LEAD, bodies.other_board), (Role.CONTRIBUTOR, bodies.council)
    )
    send(both, **SAID)
    assert promise.updates.get().organisation == bodies.council


@pytest.mark.parametrize("name", ["viewer", "other_lead", "council_reviewer", "platform", "nobody"])
def test_who_only_sees_may_not_report(promise, cast, sign_in, name):
    client = sign_in(getattr(cast, name))
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, SAID).status_code == 403
    assert not ProgressUpdate.objects.exists()


def test_an_internal_plan_is_not_found_by_another_board(bodies, cast, sign_in):
    plan = make.plan("INT", visibility="internal", owner=bodies.board)
    make.commitment(plan, bodies.board, reference="INT-001")
    address = "/commitments/INT/INT-001/update/"
    assert sign_in(cast.other_lead).get(address).status_code == 404
    assert sign_in(cast.other_lead).post(address, SAID).status_code == 404
    assert sign_in(cast.lead).get(address).status_code == 200


def test_nobody_speaks_for_an_organisation_that_is_not_theirs(promise, cast, bodies):
    with pytest.raises(PermissionDenied):
        post_update(
            by=cast.trust, commitment=promise, organisation=bodies.council, today=TODAY, **SAID
        )


# --- what must be said ----------------------------------------------------------------------------
def test_red_without_a_reason_is_refused_and_nothing_typed_is_lost(promise, cast, send):
    step = make.milestone(promise, "Agree", day(20))
    response = send(
        cast.trust,
        **SAID | {"rating": "red", "risks": "Winter pressure", f"m{step.pk}_forecast": "May 2027"},
    )
    told = words(response)
    assert "Say why it is red." in told
    assert "Say what will bring it back to green, and by when." in told
    html = response.content.decode()
    for typed in ("Winter pressure", "All wards have signed.", "May 2027"):
        assert typed in html
    assert re.search(r'value="red"[^>]*checked', html)
    assert not promise.updates.exists()
    assert Milestone.objects.get().forecast_text == ""


def test_amber_with_reason_and_path_is_kept(promise, cast, send):
    boxes = {"rating": "amber", "reason": "Two wards wait", "path_to_green": "They sign in May"}
    assert send(cast.trust, **SAID | boxes).status_code == 302
    assert promise.updates.get().path_to_green == "They sign in May"


def test_every_gap_is_told_at_once(promise, cast, send):
    told = words(send(cast.trust))
    for expected in ("Your rating", "How sure are you?", "How it is going"):
        assert f"“{expected}”" in told


def test_a_rating_that_differs_from_the_evidence_needs_a_reason(promise, cast, send):
    make.milestone(promise, "Agree", day(-3))
    told = words(send(cast.trust, **SAID))
    assert "You say green; the evidence shows amber. Say why they differ." in told
    assert not promise.updates.exists()
    send(cast.trust, **SAID, difference_reason="Agreed, not yet minuted")
    assert promise.updates.get().evidence_rating == "amber"


def test_without_evidence_any_rating_stands(promise, cast, send):
    assert send(cast.trust, **SAID).status_code == 302
    assert promise.updates.get().evidence_rating == "no_evidence"


def test_an_update_that_comes_late_need_not_explain_its_lateness(promise, cast, send):
    make.round_(promise.plan, day(-40), day(-2))
    make.milestone(promise, "Agree", day(30))
    assert explain(promise, TODAY).rating == "amber"
    assert send(cast.trust, **SAID).status_code == 302
    assert explain(promise, TODAY).rating == "green"


def test_the_action_refuses_what_the_form_would(promise, cast, bodies):
    with pytest.raises(ValidationError) as refusal:
        post_update(
            by=cast.trust,
            commitment=promise,
            organisation=bodies.trust,
            today=TODAY,
            **SAID | {"rating": "amber", "narrative": " "},
        )
    assert set(refusal.value.message_dict) == {"narrative", "reason", "path_to_green"}


# --- milestones and figures in the same place -----------------------------------------------------
def test_moving_a_forecast_changes_the_rating_and_says_why(promise, cast, send, sign_in):
    step = make.milestone(promise, "Agree", day(10))
    send(
        cast.trust,
        **SAID,
        **{f"m{step.pk}_forecast": said_on(day(60)), "difference_reason": "Bank rota first"},
    )
    step.refresh_from_db()
    assert step.forecast_date == day(60)
    assert promise.updates.get().evidence_rating == "amber"
    page = words(sign_in(cast.viewer).get("/commitments/JFP/JFP-001/"))
    assert "“Agree” was promised 29 November 2026 and is now expected 18 January 2027" in page


def test_the_rating_is_held_against_the_evidence_after_the_moves(promise, cast, send):
    step = make.milestone(promise, "Agree", day(-3))
    boxes = {f"m{step.pk}_actual_on": said_on(day(-1)), "rating": "complete"}
    assert send(cast.trust, **SAID | boxes).status_code == 302
    step.refresh_from_db()
    assert (step.state, step.actual_on) == ("complete", day(-1))
    assert promise.updates.get().evidence_rating == "complete"


def test_a_refused_update_moves_nothing(promise, cast, send):
    step = make.milestone(promise, "Agree", day(10))
    response = send(cast.trust, **SAID, **{f"m{step.pk}_forecast": said_on(day(60))})
    assert "the evidence shows amber" in words(response)
    assert "“Agree” was promised 29 November 2026 and is now expected" in words(response)
    step.refresh_from_db()
    assert step.forecast_date is None
    assert said_on(day(60)) in response.content.decode()


def test_figures_are_kept_with_their_period(promise, cast, send):
    measure = make.measure(promise, name="Places", target=5000)
    boxes = {f"f{measure.pk}_value": "1,250.5", f"f{measure.pk}_period": "September 2026"}
    send(cast.trust, **SAID, **boxes)
    figure = Figure.objects.get()
    assert (figure.value, figure.period_text, figure.kind) == (1250.5, "September 2026", "actual")
    assert figure.entered_by == cast.trust


def test_another_value_for_the_same_period_asks_first(promise, cast, send):
    measure = make.measure(promise, name="Places", target=100)
    make.figure(measure, 40, date(2026, 9, 30))
    boxes = {f"f{measure.pk}_value": "45", f"f{measure.pk}_period": "30/09/2026"}
    explained = SAID | {"difference_reason": "Counted anew"}
    response = send(cast.trust, **explained, **boxes)
    assert "40 stands for 2026-09-30 already" in words(response)
    assert Figure.objects.get().value == 40
    send(cast.trust, **explained, **boxes, **{f"f{measure.pk}_replace": "on"})
    assert Figure.objects.get().value == 45


@pytest.mark.parametrize(
    ("value", "period", "told"),
    [
        ("about half", "May 2026", "“about half” is not one number"),
        ("5–7", "May 2026", "is not one number"),
        ("5", "", "Say when the figure is for"),
        ("", "May 2026", "Give the figure, or leave its date empty too"),
        ("5", "31/02/2026", "is not a date"),
    ],
)
def test_a_figure_that_cannot_be_read_is_told(promise, cast, send, value, period, told):
    measure = make.measure(promise)
    boxes = {f"f{measure.pk}_value": value, f"f{measure.pk}_period": period}
    page = words(send(cast.trust, **SAID, **boxes)).replace("&quot;", "“")
    assert told.replace("”", "“") in page.replace("”", "“")
    assert not Figure.objects.exists()


def test_what_somebody_else_changed_meanwhile_is_kept(promise, cast, sign_in):
    step = make.milestone(promise, "Agree", day(10))
    client = sign_in(cast.trust)
    boxes = filled(client.get(ADDRESS))
    Milestone.objects.filter(pk=step.pk).update(state="in_progress")
    moved = {f"m{step.pk}_forecast": said_on(day(8))}
    assert client.post(ADDRESS, boxes | SAID | moved).status_code == 302
    step.refresh_from_db()
    assert (step.state, step.forecast_date) == ("in_progress", day(8))


def test_two_people_who_move_the_same_date_see_each_other(promise, cast, sign_in):
    step = make.milestone(promise, "Agree", day(20))
    client = sign_in(cast.trust)
    boxes = filled(client.get(ADDRESS)) | SAID | {f"m{step.pk}_forecast": said_on(day(9))}
    step.forecast = make.fuzzy(day(8))
    step.save()
    refused = client.post(ADDRESS, boxes)
    assert "changed this from “nothing” to “27 November 2026”" in words(refused)
    assert not promise.updates.exists()
    again = client.post(ADDRESS, filled(refused))
    assert again.status_code == 302
    step.refresh_from_db()
    assert step.forecast_date == day(9)


def test_a_third_change_asks_again(promise, cast, sign_in):
    step = make.milestone(promise, "Agree", day(20))
    client = sign_in(cast.trust)
    boxes = filled(client.get(ADDRESS)) | SAID | {f"m{step.pk}_forecast": said_on(day(9))}
    for offset in (8, 7):
        step.refresh_from_db()
        step.forecast = make.fuzzy(day(offset))
        step.save()
        refused = client.post(ADDRESS, boxes)
        assert refused.status_code == 200
        boxes = filled(refused)
    assert "26 November 2026" in words(refused)


# --- twice ----------------------------------------------------------------------------------------
def test_a_double_click_makes_one_update(promise, cast, sign_in):
    step = make.milestone(promise, "Agree", day(10))
    client = sign_in(cast.trust)
    boxes = filled(client.get(ADDRESS)) | SAID | {f"m{step.pk}_forecast": said_on(day(9))}
    assert client.post(ADDRESS, boxes).status_code == 302
    second = client.post(ADDRESS, boxes, follow=True)
    assert "you had said the same earlier today" in words(second)
    assert promise.updates.count() == 1


def test_the_same_words_another_day_are_a_new_update(promise, cast, bodies, send):
    earlier = make.update(
        promise, cast.trust, bodies.trust, confidence="high", narrative=SAID["narrative"]
    )
    earlier.submitted_at = timezone.now() - timedelta(days=1)
    earlier.save()
    send(cast.trust, **SAID)
    assert promise.updates.count() == 2


def test_the_same_words_after_somebody_else_spoke_are_a_new_update(promise, cast, bodies, send):
    send(cast.trust, **SAID)
    later = make.update(promise, cast.council, bodies.council, rating="amber")
    assert later.evidence_rating == "amber"
    send(cast.trust, **SAID)
    assert promise.updates.count() == 3


# --- working through what is owed -----------------------------------------------------------------
@pytest.fixture
def owed(plan, promise, bodies):
    """The trust owes three in an open round, of which JFP-001 is the first."""
    made = make.round_(plan, day(-5), day(9), name="Round 3")
    for number in (2, 3):
        make.commitment(plan, bodies.trust, reference=f"JFP-00{number}")
    make.commitment(plan, bodies.board, reference="JFP-009")
    return made


def test_the_page_counts_what_is_owed_and_goes_on_to_the_next(owed, cast, send, sign_in):
    assert "1 of 3" in words(sign_in(cast.trust).get(ADDRESS))
    response = send(cast.trust, **SAID, next="1")
    assert response.url == "/commitments/JFP/JFP-002/update/"
    assert "2 of 3" in words(sign_in(cast.trust).get(response.url))
    assert ProgressUpdate.objects.get().round == owed


def test_the_last_one_leads_back_to_its_commitment(owed, cast, send):
    for number in (1, 2):
        send(cast.trust, address=f"/commitments/JFP/JFP-00{number}/update/", **SAID)
    response = send(cast.trust, address="/commitments/JFP/JFP-003/update/", **SAID, next="1")
    assert response.url == "/commitments/JFP/JFP-003/"


def test_outside_a_round_nothing_is_counted(promise, cast, sign_in):
    page = words(sign_in(cast.trust).get(ADDRESS))
    assert "1 of" not in page
    assert "Submit and next" not in page


# --- working out the evidence before saving -------------------------------------------------------
def test_the_evidence_can_be_worked_out_without_saving(promise, cast, send):
    step = make.milestone(promise, "Agree", day(10))
    moved = {f"m{step.pk}_forecast": said_on(day(60)), "check": "1"}
    response = send(cast.trust, **moved)
    page = words(response)
    assert "Evidence Amber" in page
    assert "“Agree” was promised 29 November 2026 and is now expected 18 January 2027" in page
    assert "There is a problem" not in page
    step.refresh_from_db()
    assert step.forecast_date is None
    assert not promise.updates.exists()


def test_with_htmx_only_the_evidence_comes_back(promise, cast, sign_in):
    step = make.milestone(promise, "Agree", day(-3))
    client = sign_in(cast.trust)
    boxes = filled(client.get(ADDRESS))
    boxes |= {"check": "1", f"m{step.pk}_actual_on": said_on(day(-1))}
    response = client.post(ADDRESS, boxes, headers={"HX-Request": "true"})
    assert "Evidence Complete" in words(response)
    assert b"<html" not in response.content
