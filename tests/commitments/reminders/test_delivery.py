"""What becomes of a message that is not taken: tried again, given up, or its address left alone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from commitments.models import Commitment, Reminder
from commitments.reminders import sending
from commitments.reminders.delivery import line, refusals
from commitments.reminders.tasks import sweep_reminders
from organisations.models import Role
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.commitments.reminders.smtp import Server
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 19, 12, 0, tzinfo=ZoneInfo("Europe/London"))
TARIQ = "tariq.trust@test.example"


def at(moment: datetime) -> sending.Outcome:
    """What a run at a moment does."""
    return sending.run(moment.date(), now=moment)


def about_reminders(smtp: Server) -> list[str]:
    """Addresses that reminders went to, whatever else was sent."""
    return sorted(address for address, message in smtp.taken if message["List-Id"])


# --- tried again, given up ----------------------------------------------------------------------


def test_what_is_refused_for_now_fails_alone_and_is_tried_again_later_and_later(
    cast: Cast, bodies: Bodies, promise: Commitment, smtp: Server
) -> None:
    factories.person("Zoe Last", (Role.CONTRIBUTOR, bodies.trust))
    factories.milestone(promise, forecast=TODAY)
    smtp.busy.add(TARIQ)
    first = at(NOON)
    assert (first.sent, first.failed) == (1, 1)
    assert smtp.addresses() == ["zoe.last@test.example"]
    row = Reminder.objects.get(person=cast.trust)
    assert (row.state, row.attempts) == ("planned", 1)
    assert row.reason == "The mail server refused the address: 451 try again later"
    assert at(NOON + timedelta(minutes=4)).failed == 0
    assert at(NOON + timedelta(minutes=6)).failed == 1
    assert at(NOON + timedelta(minutes=35)).failed == 0
    assert at(NOON + timedelta(minutes=37)).failed == 1
    assert not cast.trust.is_refused


def test_after_five_tries_a_reminder_is_given_up(
    cast: Cast, promise: Commitment, smtp: Server
) -> None:
    # Seven working days ahead, so that no other stage comes in between.
    factories.milestone(promise, forecast=date(2026, 11, 30))
    smtp.busy.add(TARIQ)
    moments = [NOON + timedelta(hours=hours) for hours in (0, 0.1, 0.7, 3.8, 20)]
    assert [at(moment).failed for moment in moments] == [1, 1, 1, 1, 1]
    row = Reminder.objects.get()
    assert (row.state, row.attempts, row.next_try_at) == ("failed", 5, None)
    smtp.busy.clear()
    assert at(moments[-1] + timedelta(hours=1)).sent == 0
    assert smtp.taken == []


def test_the_sweep_sends_what_waits_once_its_time_has_come(
    cast: Cast, promise: Commitment, smtp: Server, time_machine
) -> None:
    factories.milestone(promise, forecast=TODAY)
    smtp.busy.add(TARIQ)
    at(NOON)
    smtp.busy.clear()
    time_machine.move_to(NOON + timedelta(minutes=2), tick=False)
    assert sweep_reminders()["sent"] == 0
    time_machine.move_to(NOON + timedelta(minutes=6), tick=False)
    assert sweep_reminders()["sent"] == 1
    assert Reminder.objects.get().attempts == 2


def test_a_server_that_serves_nobody_is_nobodys_attempt(
    cast: Cast, promise: Commitment, smtp: Server, settings
) -> None:
    factories.milestone(promise, forecast=TODAY)
    settings.EMAIL_PORT = 1
    outcome = at(NOON)
    row = Reminder.objects.get()
    assert (outcome.failed, row.attempts, row.next_try_at) == (1, 0, None)
    assert row.reason.startswith("The mail server cannot be reached")
    settings.EMAIL_PORT = smtp.port
    assert at(NOON + timedelta(minutes=1)).sent == 1


def test_when_nothing_is_taken_any_more_the_rest_is_left_for_the_next_run(
    cast: Cast, bodies: Bodies, promise: Commitment, smtp: Server, monkeypatch
) -> None:
    monkeypatch.setattr(sending, "TROUBLE_LIMIT", 3)
    for number in range(6):
        person = factories.person(f"Person {number}", (Role.CONTRIBUTOR, bodies.trust))
        smtp.dropped.add(person.email)
    smtp.dropped.add(TARIQ)
    factories.milestone(promise, forecast=TODAY)
    assert at(NOON).failed == 3
    assert Reminder.objects.filter(attempts=0).count() == 4


def test_many_messages_share_a_connection_that_is_renewed_now_and_then(
    cast: Cast, bodies: Bodies, promise: Commitment, smtp: Server, monkeypatch
) -> None:
    monkeypatch.setattr(line, "MESSAGES_A_CONNECTION", 4)
    for number in range(8):
        factories.person(f"Person {number}", (Role.CONTRIBUTOR, bodies.trust))
    factories.milestone(promise, forecast=TODAY)
    assert at(NOON).messages == 9
    assert smtp.connections == 3


def test_the_time_for_a_run_bounds_it_and_the_next_goes_on(
    cast: Cast, promise: Commitment, smtp: Server
) -> None:
    factories.milestone(promise, forecast=TODAY)
    assert sending.run(TODAY, now=NOON, seconds=0).messages == 0
    assert sending.run(TODAY, now=NOON, seconds=60).messages == 1


def test_a_repetition_has_the_same_message_id_and_what_has_news_in_it_another(
    cast: Cast, promise: Commitment, smtp: Server
) -> None:
    factories.milestone(promise, forecast=TODAY)
    factories.milestone(promise, forecast=TODAY)
    at(NOON)
    Reminder.objects.update(state="planned", sent_at=None)  # as after a crash before the stamp
    at(NOON)
    factories.milestone(promise, forecast=TODAY)
    Reminder.objects.update(state="planned", sent_at=None)
    at(NOON)
    first, again, more = (message["Message-ID"] for _, message in smtp.taken)
    assert first == again != more


# --- addresses ----------------------------------------------------------------------------------


def test_an_address_that_is_refused_for_good_is_marked_and_left_alone(
    cast: Cast, bodies: Bodies, promise: Commitment, smtp: Server
) -> None:
    factories.milestone(promise, forecast=TODAY)
    smtp.refused.add(TARIQ)
    assert at(NOON).sent == 0
    cast.trust.refresh_from_db()
    assert cast.trust.is_refused
    row = Reminder.objects.get()
    assert (row.state, row.cause) == ("withheld", "address")
    assert row.reason == "The mail server refused the address: 550 no such mailbox"
    smtp.refused.clear()
    factories.milestone(promise, forecast=TODAY)
    later = at(NOON + timedelta(hours=1))
    assert (later.sent, later.withheld) == (0, 1)
    assert about_reminders(smtp) == []


def test_a_new_address_is_served_with_what_was_kept_back(
    cast: Cast, promise: Commitment, smtp: Server
) -> None:
    factories.milestone(promise, forecast=TODAY)
    smtp.refused.add(TARIQ)
    at(NOON)
    cast.trust.refresh_from_db()
    cast.trust.email = "tariq@new.example"
    cast.trust.save()
    assert at(NOON + timedelta(minutes=10)).sent == 1
    assert about_reminders(smtp) == ["tariq@new.example"]


@pytest.mark.parametrize("answer", ["552 mailbox full", "550 5.7.1 we do not like you"])
def test_a_full_mailbox_or_a_policy_says_nothing_about_the_address(
    cast: Cast, promise: Commitment, smtp: Server, answer: str
) -> None:
    factories.milestone(promise, forecast=TODAY)
    smtp.answers[TARIQ] = answer
    at(NOON)
    cast.trust.refresh_from_db()
    assert not cast.trust.is_refused
    assert Reminder.objects.get().attempts == 1


def test_an_administrator_whose_mail_is_refused_for_now_is_told_later_and_not_for_ever(
    cast: Cast, bodies: Bodies, promise: Commitment, smtp: Server
) -> None:
    keeper = factories.person("Ann Keeper", (Role.ADMINISTRATOR, bodies.trust))
    factories.milestone(promise, forecast=TODAY)
    smtp.refused.add(TARIQ)
    smtp.busy.add(keeper.email)
    at(NOON)
    assert smtp.taken == []
    smtp.busy.clear()
    at(NOON + timedelta(minutes=5))
    at(NOON + timedelta(minutes=10))
    assert smtp.addresses() == [keeper.email]
    refusals.lift(cast.trust)
    cast.trust.refresh_from_db()
    refusals.mark(cast.trust, "550 no such mailbox", NOON)
    smtp.busy.add(keeper.email)
    at(NOON + timedelta(days=4))
    smtp.busy.clear()
    at(NOON + timedelta(days=5))
    assert smtp.addresses() == [keeper.email]


def test_the_administrators_are_told_once_of_a_refused_address(
    cast: Cast, bodies: Bodies, promise: Commitment, smtp: Server, settings
) -> None:
    settings.SITE_URL = "https://tracker.example"
    factories.person("Ann Keeper", (Role.ADMINISTRATOR, bodies.trust))
    factories.milestone(promise, forecast=TODAY)
    smtp.refused.add(TARIQ)
    at(NOON)
    at(NOON + timedelta(hours=1))
    [(address, message)] = smtp.taken
    assert address == "ann.keeper@test.example"
    assert message["Subject"] == "E-mail to Tariq Trust does not arrive"
    text = message.get_payload(decode=True).decode()
    assert TARIQ in text and "550 no such mailbox" in text
    assert "https://tracker.example/reminders/undelivered/" in text


def test_without_an_administrator_the_platforms_are_told(cast: Cast) -> None:
    assert refusals.keepers(cast.trust) == [cast.platform]


# --- limits and switches ------------------------------------------------------------------------


def test_nobody_gets_more_messages_in_a_day_than_the_limit(
    cast: Cast, promise: Commitment, send: Send, settings
) -> None:
    settings.REMINDERS_PER_PERSON_A_DAY = 2
    for _ in range(3):
        factories.milestone(promise, forecast=TODAY)
        send(TODAY)
    assert len(mail.outbox) == 2
    row = Reminder.objects.get(state="planned")
    assert row.reason == "They have had 2 messages today, the most that anybody gets"
    assert row.next_try_at is not None
    assert row.attempts == 0


def test_a_copy_for_trying_out_sends_everything_to_one_address(
    cast: Cast, promise: Commitment, send: Send, settings
) -> None:
    settings.EMAIL_DIVERT_TO = "tester@test.example"
    settings.DIVERTED_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.EMAIL_BACKEND = "commitments.reminders.delivery.diverting.EmailBackend"
    type(cast.trust).objects.filter(pk=cast.trust.pk).update(name="Zoë Trust")
    factories.milestone(promise, "Rota agreed", forecast=TODAY)
    send(TODAY)
    EmailMessage("Hello", "", to=["a@test.example"], cc=["b@test.example"]).send()
    reminder, other = mail.outbox
    assert reminder.recipients() == other.recipients() == ["tester@test.example"]
    assert reminder.subject == f"[for {TARIQ}] Due today: Rota agreed"
    assert other.subject == "[for a@test.example, b@test.example] Hello"
