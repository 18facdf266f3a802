"""What people choose: channels, hours, weekly, away; unsubscribing; the inbox."""

import re
from datetime import date, datetime

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commitments.models import Commitment, Reminder, ReminderChoices
from commitments.reminders import ledger, sending, unsubscribing
from commitments.reminders.preferences import ready
from organisations.models import Role
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast
from workforce_tracker.clock import LONDON

pytestmark = pytest.mark.django_db
FORM = {"email": ["milestone"], "inbox": ["milestone", "update"], "digest_hour": "9"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def causes() -> dict[str, str]:
    return {str(row.person): row.cause or row.state for row in Reminder.objects.all()}


@pytest.fixture
def step(cast: Cast, promise: Commitment):
    """A milestone due today that our trust's contributor owns."""
    return factories.milestone(promise, "Rota agreed", forecast=TODAY, owner=cast.trust)


# --- when ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "number"),
    [
        ("2026-11-19T06:59", 0),
        ("2026-11-19T07:00", 1),
        ("2026-11-19T23:00", 1),
        ("2026-11-21T09:00", 0),  # a Saturday
        ("2026-12-25T09:00", 0),  # Christmas Day
    ],
)
def test_a_message_goes_from_seven_on_working_days(step, now: str, number: int) -> None:
    ledger.plan(at(now).date())
    assert ready(at(now)).count() == number


def test_the_hour_is_londons_in_summer_and_in_winter(cast: Cast, promise: Commitment) -> None:
    day = date(2027, 3, 29)  # the clocks went forward the night before; a bank holiday
    factories.milestone(promise, forecast=date(2027, 3, 30), owner=cast.trust)
    ledger.plan(day)
    utc = datetime.fromisoformat
    assert not ready(utc("2027-03-30T05:59+00:00"))
    assert ready(utc("2027-03-30T06:00+00:00"))


def test_ones_own_hour(cast: Cast, step) -> None:
    ReminderChoices.objects.create(person=cast.trust, digest_hour=15)
    ledger.plan(TODAY)
    assert not ready(at("2026-11-19T14:59"))
    assert ready(at("2026-11-19T15:00"))
    ReminderChoices.objects.update(digest_hour=5)
    assert ready(at("2026-11-19T05:00"))


def test_one_message_a_day_but_an_escalation_at_once(
    cast: Cast, bodies: Bodies, promise: Commitment, step
) -> None:
    with time_machine.travel(at("2026-11-19T08:00"), tick=False):
        sending.run(TODAY, now=at("2026-11-19T08:00"))
    assert len(mail.outbox) == 1
    factories.milestone(promise, forecast=TODAY, owner=cast.trust)
    ledger.plan(TODAY)
    assert not ready(at("2026-11-19T12:00"))
    Reminder.objects.filter(state="planned").update(stage="escalation")
    assert ready(at("2026-11-19T12:00"))
    Reminder.objects.filter(state="planned").update(stage="on_day")
    assert ready(at("2026-11-20T07:00"))


def test_weekly_is_once_a_week_from_its_first_working_day(
    cast: Cast, promise: Commitment, step
) -> None:
    ReminderChoices.objects.create(person=cast.trust, weekly=True)
    ledger.plan(TODAY)
    Reminder.objects.update(state="sent", sent_at=at("2026-11-16T07:00"))
    factories.milestone(promise, forecast=TODAY, owner=cast.trust)
    ledger.plan(TODAY)
    assert not ready(at("2026-11-20T09:00"))
    assert ready(at("2026-11-23T07:00"))


# --- what ---------------------------------------------------------------------------------------


def test_who_wants_no_email_finds_it_in_the_inbox(
    cast: Cast, step, send: Send, sign_in, today: date
) -> None:
    ReminderChoices.objects.create(person=cast.trust, no_email=["milestone"])
    assert send(TODAY)["sent"] == 0
    assert causes() == {"Tariq Trust": "choice"}
    assert send(TODAY)["withheld"] == 0
    page = sign_in(cast.trust).get("/reminders/").content.decode()
    assert "Rota agreed" in page and "1 unread" in page
    ReminderChoices.objects.update(no_email=[])
    assert send(TODAY)["sent"] == 1


def test_escalations_come_whatever_is_chosen(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    paula = factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    ReminderChoices.objects.create(
        person=paula, no_email=["milestone", "update"], away_until=date(2027, 1, 1)
    )
    factories.milestone(promise, forecast=TODAY)
    send(TODAY)
    mail.outbox.clear()
    send(date(2026, 12, 10))
    assert "paula" in str([message.to for message in mail.outbox])


def test_a_stand_in_gets_them_while_somebody_is_away_and_may_see_it(
    cast: Cast, bodies: Bodies, step, send: Send
) -> None:
    colleague = factories.person("Stan Din", (Role.VIEWER, bodies.trust))
    ReminderChoices.objects.create(person=cast.trust, away_until=TODAY, stand_in=colleague)
    assert send(TODAY)["sent"] == 1
    [message] = mail.outbox
    assert message.to == ["Stan Din <stan.din@test.example>"]
    assert "you stand in for Tariq Trust, who is away" in message.body
    assert causes() == {"Stan Din": "sent", "Tariq Trust": "away"}
    send(date(2026, 11, 20))
    assert Reminder.objects.filter(person=cast.trust, state="sent").exists()


def test_a_stand_in_who_may_not_see_the_commitment_gets_nothing(
    cast: Cast, bodies: Bodies, promise: Commitment, step, send: Send
) -> None:
    type(promise.plan).objects.update(visibility="internal", owner=bodies.board)
    ReminderChoices.objects.create(person=cast.trust, away_until=TODAY, stand_in=cast.viewer)
    assert send(TODAY)["sent"] == 0
    assert causes() == {"Vera Viewer": "access", "Tariq Trust": "away"}


def test_whoever_stands_in_for_a_stand_in_who_is_away_too_gets_them(
    cast: Cast, bodies: Bodies, step, send: Send
) -> None:
    first = factories.person("Stan Din", (Role.VIEWER, bodies.trust))
    second = factories.person("Sue Second", (Role.VIEWER, bodies.trust))
    ReminderChoices.objects.create(person=cast.trust, away_until=TODAY, stand_in=first)
    ReminderChoices.objects.create(person=first, away_until=TODAY, stand_in=second)
    assert send(TODAY)["sent"] == 1
    assert causes() == {"Sue Second": "sent", "Stan Din": "away", "Tariq Trust": "away"}
    assert "you stand in for Tariq Trust, who is away" in mail.outbox[0].body


def test_two_who_stand_in_for_each_other_and_are_both_away_get_theirs_on_return(
    cast: Cast, bodies: Bodies, step, send: Send
) -> None:
    other = factories.person("Stan Din", (Role.VIEWER, bodies.trust))
    ReminderChoices.objects.create(person=cast.trust, away_until=TODAY, stand_in=other)
    ReminderChoices.objects.create(person=other, away_until=TODAY, stand_in=cast.trust)
    assert send(TODAY)["sent"] == 0
    assert causes() == {"Stan Din": "away", "Tariq Trust": "away"}
    assert send(date(2026, 11, 20))["sent"] == 1
    assert mail.outbox[0].to == ["Tariq Trust <tariq.trust@test.example>"]


@pytest.mark.parametrize("change", ["unsubscribed", "away", "closed", "left"])
def test_what_a_person_changes_holds_before_the_next_planning(
    change: str, cast: Cast, bodies: Bodies, step
) -> None:
    ReminderChoices.objects.create(person=cast.trust, digest_hour=9)
    sending.run(TODAY, now=at("2026-11-19T08:00"))
    if change == "unsubscribed":
        ReminderChoices.objects.update(no_email=Reminder.Kind.values)
    elif change == "away":
        ReminderChoices.objects.update(away_until=TODAY)
    elif change == "closed":
        type(cast.trust).objects.filter(pk=cast.trust.pk).update(is_active=False)
    else:
        cast.trust.memberships.update(ended_at=at("2026-11-19T08:30"))
    sweep = sending.run(TODAY, now=at("2026-11-19T09:00"), kinds=Reminder.URGENT)
    assert sweep.messages == 0
    assert mail.outbox == []
    assert sending.run(TODAY, now=at("2026-11-19T10:00")).messages == 0
    assert causes()["Tariq Trust"] in ("choice", "away", "person")


def test_an_escalation_waits_for_the_morning(
    cast: Cast, bodies: Bodies, promise: Commitment
) -> None:
    factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    factories.milestone(promise, forecast=date(2026, 10, 29), owner=cast.trust)
    assert sending.run(TODAY, now=at("2026-11-19T00:00")).messages == 0
    assert sending.run(TODAY, now=at("2026-11-19T07:00")).messages == 2


def test_choices_are_kept_from_the_page(cast: Cast, bodies: Bodies, sign_in, today: date) -> None:
    colleague = factories.person("Stan Din", (Role.VIEWER, bodies.trust))
    client = sign_in(cast.trust)
    address = reverse("reminder_choices")
    response = client.post(
        address, FORM | {"weekly": "yes", "away_until": "30/11/2026", "stand_in": colleague.pk}
    )
    assert response.status_code == 302
    kept = ReminderChoices.objects.get()
    assert (kept.no_email, kept.no_inbox) == (
        [kind for kind in Reminder.Kind.values if kind != "milestone"],
        [kind for kind in Reminder.Kind.values if kind not in ("milestone", "update")],
    )
    assert (kept.weekly, kept.digest_hour, kept.away_until) == (True, 9, date(2026, 11, 30))
    assert kept.stand_in == colleague
    page = client.get(address).content.decode()
    assert "Escalations" in page and "30/11/2026" in page
    stranger = client.post(address, FORM | {"stand_in": cast.viewer.pk})
    assert stranger.status_code == 200  # only colleagues can be named
    assert ReminderChoices.objects.get().stand_in == colleague


# --- unsubscribing ------------------------------------------------------------------------------


def test_one_click_ends_the_emails_without_signing_in(cast: Cast, step, send: Send) -> None:
    send(TODAY)
    headers = mail.outbox[0].message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.fullmatch(r"<http://localhost:8000(/.+)>", headers["List-Unsubscribe"])[1]
    assert path in mail.outbox[0].body
    stranger = Client(enforce_csrf_checks=True)
    asked = stranger.get(path)
    assert "Stop reminders by email?" in asked.content.decode()
    assert not ReminderChoices.objects.exists()
    done = stranger.post(path, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert set(ReminderChoices.objects.get().no_email) == set(Reminder.Kind.values)
    mail.outbox.clear()
    send(date(2026, 11, 20))
    assert mail.outbox == []


def test_an_address_that_nobody_made_does_nothing(cast: Cast, client) -> None:
    real = unsubscribing.address(cast.trust)
    forged = real.replace(f"/{cast.trust.pk}:", f"/{cast.lead.pk}:")
    assert forged != real
    for path in (forged, "/reminders/unsubscribe/1/", "/reminders/unsubscribe/x:y/"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    assert not ReminderChoices.objects.exists()


def test_answers_go_to_the_programme_lead_of_the_plan(
    cast: Cast, bodies: Bodies, promise: Commitment, step, send: Send
) -> None:
    type(promise.plan).objects.update(owner=bodies.board)
    factories.person("Zoe Later", (Role.PROGRAMME_LEAD, bodies.board))
    send(TODAY)
    assert mail.outbox[0].reply_to == ["Lena Lead <lena.lead@test.example>"]


# --- the inbox ----------------------------------------------------------------------------------


def test_the_inbox_counts_what_is_unread_and_marks_it_read(
    cast: Cast, promise: Commitment, step, send: Send, sign_in, today: date
) -> None:
    factories.milestone(promise, "Portal open", forecast=TODAY, owner=cast.trust)
    send(TODAY)
    client = sign_in(cast.trust)
    assert "app-header__unread" in client.get("/plans/").content.decode()
    first = Reminder.objects.get(thing_id=step.pk)
    client.post("/reminders/read/", {"reminder": first.pk, "page": "1"})
    assert Reminder.objects.unread(cast.trust).count() == 1
    client.post("/reminders/read/")
    assert Reminder.objects.unread(cast.trust).count() == 0
    page = client.get("/reminders/").content.decode()
    assert "Portal open" in page and "Unread" not in page
    assert "app-header__unread" not in page


@pytest.mark.parametrize("reminder", ["9" * 5000, "9" * 20, "-1", "all"])
def test_what_names_no_reminder_marks_none(
    reminder: str, cast: Cast, step, send: Send, sign_in, today: date
) -> None:
    send(TODAY)
    client = sign_in(cast.trust)
    response = client.post("/reminders/read/", {"reminder": reminder, "page": reminder})
    assert response.status_code == 302
    assert Reminder.objects.get().read_at is None


def test_nobody_reads_or_marks_anothers(cast: Cast, step, send: Send, sign_in, today: date) -> None:
    send(TODAY)
    client = sign_in(cast.lead)
    assert "Rota agreed" not in client.get("/reminders/").content.decode()
    client.post("/reminders/read/", {"reminder": Reminder.objects.get().pk})
    assert Reminder.objects.get().read_at is None


def test_what_one_may_no_longer_see_has_no_name(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, sign_in, today: date
) -> None:
    factories.milestone(promise, "Secret step", forecast=TODAY, owner=cast.viewer)
    send(TODAY)
    type(promise.plan).objects.update(visibility="internal", owner=bodies.board)
    for path in ("/reminders/", "/reminders/all/"):
        page = sign_in(cast.viewer).get(path).content.decode()
        assert "Secret step" not in page and "WYP-001" not in page
        assert "may no longer see" in page


def test_all_reminders_say_what_comes_next_and_why(
    cast: Cast, bodies: Bodies, promise: Commitment, step, send: Send, sign_in, today: date
) -> None:
    factories.milestone(promise, "Portal open", forecast=date(2027, 6, 1), owner=cast.trust)
    factories.milestone(promise, "Review held", forecast=date(2027, 6, 1))
    send(TODAY)
    text = sign_in(cast.trust).get("/reminders/all/").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "Portal open WYP-001 Fill the bank shifts due 1 June 2027 You own it" in text
    assert "You report for Leeds Community Healthcare NHS Trust" in text
    assert "16 April 2027 30 working days before" in text
    assert "Sent 19 November 2026" in text


def test_the_pages_cost_the_same_however_much_there_is(
    cast: Cast, promise: Commitment, step, send: Send, sign_in, today: date
) -> None:
    client = sign_in(cast.trust)

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    send(TODAY)
    paths = ("/reminders/", "/reminders/all/")
    few = [cost(path) for path in paths]
    for number in range(12):
        factories.milestone(promise, forecast=TODAY, owner=cast.trust)
        other = factories.commitment(factories.plan(f"P{number}"), "A body")
        factories.milestone(other, forecast=date(2026, 12, 1), owner=cast.trust)
    send(TODAY)
    assert [cost(path) for path in paths] == few
