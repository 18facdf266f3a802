"""Milestones, figures and rounds through their pages."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from commitments.models import Commitment, Figure, Measure, Milestone, Plan, Round
from tests import factories
from tests.conftest import TODAY, Bodies, Cast


@pytest.fixture
def plan(bodies: Bodies) -> Plan:
    return factories.plan("JFP", owner=bodies.board)


@pytest.fixture
def passport(plan: Plan, bodies: Bodies) -> Commitment:
    return factories.commitment(plan, bodies.trust, bodies.council, reference="JFP-1")


@pytest.fixture
def step(passport: Commitment) -> Milestone:
    return factories.milestone(passport, "Plan agreed", "30/09/2026")


@pytest.fixture
def measure(passport: Commitment) -> Measure:
    return factories.measure(passport, 100, unit="places")


def url(name: str, *rest: object) -> str:
    return reverse(name, args=["JFP", "JFP-1", *rest])


def boxes(client: Client, address: str) -> dict[str, str]:
    form = client.get(address).context["form"]
    return {box.name: str(box.value()) for box in form if box.value() not in (None, "")}


# --- milestones -----------------------------------------------------------------------------------
def test_a_milestone_is_added_and_a_double_click_adds_nothing(
    passport: Commitment, cast: Cast, sign_in, today: date
) -> None:
    client = sign_in(cast.lead)
    data = {"title": "Hub opens", "baseline": "Q3 2026/27", "owner": str(cast.trust.pk)}
    for _ in range(2):
        assert client.post(url("milestone_add"), data).status_code == 302
    made = passport.milestones.get()
    assert (made.title, made.baseline_text, made.baseline_date) == (
        "Hub opens",
        "Q3 2026/27",
        date(2026, 12, 31),
    )
    assert made.owner == cast.trust


def test_a_title_that_is_there_is_said(step: Milestone, cast: Cast, sign_in) -> None:
    response = sign_in(cast.lead).post(url("milestone_add"), {"title": "plan agreed", "note": "x"})
    assert "There is a milestone &quot;Plan agreed&quot; already" in response.content.decode()


def test_owners_offered_are_the_people_of_those_who_take_part(
    passport: Commitment, cast: Cast, sign_in
) -> None:
    form = sign_in(cast.lead).get(url("milestone_add")).context["form"]
    assert set(form.fields["owner"].queryset) == {
        cast.lead,
        cast.administrator,
        cast.trust,
        cast.council,
        cast.council_reviewer,
    }


def test_moving_a_milestone_keeps_what_was_promised_and_shows_in_the_rating(
    step: Milestone, cast: Cast, sign_in, today: date
) -> None:
    client = sign_in(cast.trust)
    address = url("milestone_change", step.pk)
    assert "First promised for 30 September 2026" in client.get(address).content.decode()
    data = boxes(client, address) | {"forecast": "31/12/2026"}
    response = client.post(address, data, follow=True)
    step.refresh_from_db()
    assert (step.baseline_date, step.forecast_date) == (date(2026, 9, 30), date(2026, 12, 31))
    assert response.context["evidence"] == "amber"


def test_a_promised_date_has_no_box_once_it_is_set(step: Milestone, cast: Cast, sign_in) -> None:
    client = sign_in(cast.lead)
    address = url("milestone_change", step.pk)
    assert "baseline" not in boxes(client, address)
    client.post(address, boxes(client, address) | {"baseline": "1/1/2030"})
    step.refresh_from_db()
    assert step.baseline_date == date(2026, 9, 30)


def test_who_reports_has_only_the_boxes_for_it(step: Milestone, cast: Cast, sign_in) -> None:
    client = sign_in(cast.council)
    address = url("milestone_change", step.pk)
    form = client.get(address).context["form"]
    assert set(form.fields) == {"forecast", "state", "actual_on", "note", "version"}
    client.post(address, boxes(client, address) | {"title": "Mine", "note": "Late"})
    step.refresh_from_db()
    assert (step.title, step.note) == ("Plan agreed", "Late")


def test_a_day_makes_it_complete_and_another_state_takes_it_away(
    step: Milestone, cast: Cast, sign_in, today: date
) -> None:
    client = sign_in(cast.trust)
    address = url("milestone_change", step.pk)
    client.post(address, boxes(client, address) | {"actual_on": "18/11/2026"})
    step.refresh_from_db()
    assert (step.state, step.actual_on) == ("complete", date(2026, 11, 18))
    client.post(address, boxes(client, address) | {"state": "in_progress"})
    step.refresh_from_db()
    assert (step.state, step.actual_on) == ("in_progress", None)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"actual_on": "20/11/2026"}, "20/11/2026 is still to come"),
        ({"actual_on": "31/02/2026"}, "is not a date. Use day/month/year"),
        ({"state": "complete"}, "Say on which day it was reached"),
        ({"forecast": "31/02/2026"}, "&quot;31/02/2026&quot; is not a date"),
    ],
)
def test_what_cannot_be_is_said_in_words(
    step: Milestone, cast: Cast, sign_in, today: date, typed: dict[str, str], words: str
) -> None:
    client = sign_in(cast.trust)
    address = url("milestone_change", step.pk)
    response = client.post(address, boxes(client, address) | typed)
    assert response.status_code == 200 and words in response.content.decode()


def test_one_click_completes_and_a_second_changes_nothing(
    step: Milestone, cast: Cast, sign_in, today: date
) -> None:
    client = sign_in(cast.trust)
    for _ in range(2):
        assert client.post(url("milestone_complete", step.pk)).status_code == 302
    step.refresh_from_db()
    assert (step.state, step.actual_on, step.version) == ("complete", TODAY, 2)
    assert client.get(url("milestone_complete", step.pk)).status_code == 405


def test_two_who_move_it_apart_are_asked(step: Milestone, cast: Cast, sign_in) -> None:
    client = sign_in(cast.lead)
    address = url("milestone_change", step.pk)
    mine = boxes(client, address) | {"forecast": "12/12/2026"}
    theirs = Client()
    theirs.force_login(cast.trust)
    theirs.post(address, boxes(theirs, address) | {"forecast": "9/11/2026"})

    asked = client.post(address, mine)
    assert asked.status_code == 200
    html = asked.content.decode()
    assert "Tariq Trust: 9/11/2026" in html or "Tariq Trust: 9 November 2026" in html
    settled = mine | {"seen_version": "2", "choose-forecast": "mine"}
    assert client.post(address, settled).status_code == 302
    step.refresh_from_db()
    assert step.forecast_date == date(2026, 12, 12)


def test_readers_may_not_touch_and_strangers_do_not_find(
    step: Milestone, cast: Cast, sign_in, plan: Plan
) -> None:
    for name, arguments in (
        ("milestone_add", ()),
        ("milestone_change", (step.pk,)),
        ("milestone_complete", (step.pk,)),
    ):
        assert sign_in(cast.viewer).post(url(name, *arguments)).status_code == 403
    plan.visibility = Plan.Visibility.INTERNAL
    plan.save()
    assert sign_in(cast.viewer).post(url("milestone_complete", step.pk)).status_code == 404
    assert sign_in(cast.lead).get(url("milestone_change", step.pk + 99)).status_code == 404
    step.refresh_from_db()
    assert step.version == 1


# --- figures --------------------------------------------------------------------------------------
def test_a_figure_is_kept_with_who_gave_it(
    measure: Measure, cast: Cast, sign_in, today: date
) -> None:
    client = sign_in(cast.trust)
    data = {"kind": "actual", "value": "1,250.5", "period": "March 2026", "source": "Board"}
    for _ in range(2):
        assert client.post(url("figure_add", measure.pk), data).status_code == 302
    figure = Figure.objects.get()
    assert (float(figure.value), figure.period_date, figure.entered_by) == (
        1250.5,
        date(2026, 3, 31),
        cast.trust,
    )


def test_another_value_for_the_period_asks_before_it_replaces(
    measure: Measure, cast: Cast, sign_in, today: date
) -> None:
    client = sign_in(cast.trust)
    data = {"kind": "actual", "value": "40", "period": "March 2026", "source": "Board"}
    address = url("figure_add", measure.pk)
    assert 'name="replace"' not in client.get(address).content.decode()
    client.post(address, data)
    asked = client.post(address, data | {"value": "45"})
    assert "40 stands for March 2026 already" in asked.content.decode()
    assert 'name="replace"' in asked.content.decode()
    client.post(address, data | {"value": "45", "replace": "on"})
    assert Figure.objects.get().value == 45


def test_who_reports_is_not_offered_planned_figures(
    measure: Measure, cast: Cast, sign_in, today: date
) -> None:
    data = {"kind": "trajectory", "value": "50", "period": "2027"}
    address = url("figure_add", measure.pk)
    assert sign_in(cast.trust).post(address, data).status_code == 200
    assert not Figure.objects.exists()
    assert sign_in(cast.lead).post(address, data).status_code == 302


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"value": "many"}, "&quot;many&quot; is not one number"),
        ({"value": "5-6"}, "is not one number"),
        ({"period": "TBC"}, "&quot;TBC&quot; is not a date"),
        ({"period": "20/11/2026"}, "20 November 2026"),
    ],
)
def test_a_figure_that_cannot_be_is_said_in_words(
    measure: Measure, cast: Cast, sign_in, today: date, typed: dict[str, str], words: str
) -> None:
    data = {"kind": "actual", "value": "5", "period": "2025", "source": "Board"} | typed
    response = sign_in(cast.trust).post(url("figure_add", measure.pk), data)
    assert response.status_code == 200 and not Figure.objects.exists()
    assert words in response.content.decode() or "is still to come" in response.content.decode()


def test_figures_are_for_those_who_report_or_edit(measure: Measure, cast: Cast, sign_in) -> None:
    assert sign_in(cast.viewer).get(url("figure_add", measure.pk)).status_code == 403
    assert sign_in(cast.lead).get(url("figure_add", measure.pk + 99)).status_code == 404


# --- rounds ---------------------------------------------------------------------------------------
def test_a_round_is_opened_once(plan: Plan, cast: Cast, sign_in, today: date) -> None:
    client = sign_in(cast.lead)
    data = {
        "name": "Round 3",
        "cadence": "ad_hoc",
        "opens_on": "19/11/2026",
        "closes_on": "4/12/2026",
    }
    for _ in range(2):
        assert client.post(reverse("round_add", args=["JFP"]), data).status_code == 302
    made = Round.objects.get()
    assert (made.opens_on, made.closes_on) == (TODAY, date(2026, 12, 4))


@pytest.mark.parametrize(
    ("closes", "words"),
    [
        ("18/11/2026", "A round cannot close before it opens"),
        ("1/1/2027", "runs from 30/11/2026 to 15/12/2026"),
        ("soon", "is not a date"),
    ],
)
def test_a_round_that_cannot_be_is_said_in_words(
    plan: Plan, cast: Cast, sign_in, today: date, closes: str, words: str
) -> None:
    factories.round_(plan, date(2026, 11, 30), date(2026, 12, 15))
    data = {
        "name": "Round 3",
        "cadence": "ad_hoc",
        "opens_on": "19/11/2026",
        "closes_on": closes,
    }
    response = sign_in(cast.lead).post(reverse("round_add", args=["JFP"]), data)
    assert response.status_code == 200 and words in response.content.decode()


@pytest.mark.parametrize("who", ["trust", "viewer", "administrator"])
def test_only_who_keeps_the_plan_opens_a_round(plan: Plan, cast: Cast, sign_in, who: str) -> None:
    assert sign_in(getattr(cast, who)).get(reverse("round_add", args=["JFP"])).status_code == 403
