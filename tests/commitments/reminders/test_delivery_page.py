"""The page of what did not arrive: who sees what, and trying again."""

import re
from datetime import date

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from commitments.models import Commitment, Reminder
from commitments.reminders.delivery import refusals
from organisations.models import Role
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.fixture
def failed(cast: Cast, promise: Commitment, send: Send, today: date) -> Reminder:
    """A reminder to Tariq Trust that was given up."""
    factories.milestone(promise, "Rota agreed", forecast=TODAY)
    send(TODAY)
    mail.outbox.clear()
    Reminder.objects.update(
        state="failed", sent_at=None, attempts=5, reason="The mail server answered 554 no"
    )
    return Reminder.objects.get()


def test_who_may_open_it(cast: Cast, sign_in, today: date) -> None:
    answers = {
        name: sign_in(getattr(cast, name)).get(reverse("undelivered")).status_code
        for name in vars(cast)
    }
    allowed = {name for name, status in answers.items() if status == 200}
    assert allowed == {"administrator", "platform"}
    assert set(answers.values()) == {200, 403}


def test_a_platform_administrator_sees_what_was_given_up_and_why(
    cast: Cast, failed: Reminder, sign_in
) -> None:
    page = text_of(sign_in(cast.platform).get(reverse("undelivered")))
    assert "Rota agreed WYP-001 Fill the bank shifts" in page
    assert "Tariq Trust tariq.trust@test.example reports for Leeds Community" in page
    assert "Given up after 5 tries. The mail server answered 554 no" in page


def test_an_administrator_sees_and_retries_only_their_own_people(
    cast: Cast, bodies: Bodies, failed: Reminder, sign_in
) -> None:
    again = reverse("undelivered_again", args=[failed.pk])
    elsewhere = sign_in(cast.administrator)
    assert "Tariq" not in text_of(elsewhere.get(reverse("undelivered")))
    assert elsewhere.post(again).status_code == 404
    keeper = factories.person("Ann Keeper", (Role.ADMINISTRATOR, bodies.trust))
    assert "Tariq" in text_of(sign_in(keeper).get(reverse("undelivered")))
    assert sign_in(keeper).post(again).status_code == 302


def test_trying_again_sends_it_with_the_next_run(
    cast: Cast, failed: Reminder, sign_in, send: Send
) -> None:
    assert send(TODAY)["sent"] == 0
    client = sign_in(cast.platform)
    answer = client.post(reverse("undelivered_again", args=[failed.pk]), follow=True)
    assert "will be tried again" in answer.content.decode()
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("planned", 0)
    assert send(TODAY)["sent"] == 1
    assert client.post(reverse("undelivered_again", args=[failed.pk])).status_code == 404


def test_a_refused_address_can_be_used_again(
    cast: Cast, promise: Commitment, sign_in, send: Send, today: date
) -> None:
    refusals.mark(cast.trust, "550 no such mailbox", timezone.now())
    factories.milestone(promise, forecast=TODAY)
    assert send(TODAY)["withheld"] == 1
    client = sign_in(cast.platform)
    assert "550 no such mailbox" in text_of(client.get(reverse("undelivered")))
    again = reverse("undelivered_address_again", args=[cast.trust.pk])
    assert sign_in(cast.administrator).post(again).status_code == 404
    assert sign_in(cast.platform).post(again).status_code == 302
    assert send(TODAY)["sent"] == 1


def test_only_a_form_changes_anything(cast: Cast, failed: Reminder, sign_in) -> None:
    client = sign_in(cast.platform)
    for name in ("undelivered_again", "undelivered_address_again"):
        assert client.get(reverse(name, args=[failed.pk])).status_code == 405


def test_administrators_find_it_at_the_foot_of_every_page(cast: Cast, sign_in, today: date) -> None:
    link = reverse("undelivered")
    assert link in sign_in(cast.administrator).get("/").content.decode()
    assert link in sign_in(cast.platform).get("/").content.decode()
    assert link not in sign_in(cast.lead).get("/").content.decode()
