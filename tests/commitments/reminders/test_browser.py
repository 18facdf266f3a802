"""Preferences, stand-in, unsubscribing and the inbox, as a person does them in a browser."""

import re
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from commitments.models import Commitment, Reminder, ReminderChoices
from commitments.reminders import unsubscribing
from commitments.reminders.delivery import refusals
from organisations.models import Role
from tests import factories
from tests.browser.window import settled, widen
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def is_accessible(page) -> bool:
    """Whether axe finds nothing wrong; says what it finds."""
    settled(page)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
    return True


def test_choices_with_a_stand_in_who_then_gets_the_reminder(
    cast: Cast, bodies: Bodies, promise: Commitment, browse, send: Send
) -> None:
    factories.person("Stan Din", (Role.VIEWER, bodies.trust))
    until = date.today() + timedelta(days=3)
    page = browse(cast.trust, "/reminders/choices/")
    assert is_accessible(page)
    page.get_by_label("Updates owed in a reporting round").first.uncheck()
    page.get_by_label("Once a week").check()
    page.get_by_label("From which hour").select_option("9am")
    page.get_by_label("Away up to and including").fill(f"{until:%d/%m/%Y}")
    page.get_by_label("Who stands in while you are away").select_option("Stan Din")
    page.get_by_role("button", name="Keep these choices").click()
    page.get_by_text("Your choices are kept").wait_for()
    kept = ReminderChoices.objects.get()
    assert (kept.no_email, kept.weekly, kept.digest_hour) == (["update"], True, 9)
    factories.milestone(promise, "Rota agreed", forecast=TODAY, owner=cast.trust)
    send(TODAY)
    assert mail.outbox[0].to == ["Stan Din <stan.din@test.example>"]


def test_unsubscribing_asks_a_person_once_and_needs_no_account(
    cast: Cast, promise: Commitment, browse
) -> None:
    page = browse(None, unsubscribing.address(cast.trust))
    assert is_accessible(page)
    page.get_by_role("button", name="Stop these emails").click()
    page.get_by_role("heading", name="These emails have stopped").wait_for()
    assert set(ReminderChoices.objects.get().no_email) == set(Reminder.Kind.values)


def test_the_inbox_is_read_one_by_one_and_all_at_once_on_a_phone_too(
    cast: Cast, promise: Commitment, browse, send: Send
) -> None:
    for number in range(3):
        factories.milestone(promise, f"Step {number}", forecast=TODAY, owner=cast.trust)
    send(TODAY)
    page = browse(cast.trust, "/reminders/")
    widen(page, 390)
    assert is_accessible(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    page.get_by_role("link", name=re.compile(r"Inbox\s+3\s+unread")).wait_for()
    page.get_by_role("button", name=re.compile("Mark as read ?: Step 1")).click()
    page.get_by_role("link", name=re.compile(r"Inbox\s+2\s+unread")).wait_for()
    page.get_by_role("button", name="Mark all as read").click()
    page.get_by_text("2 reminders marked as read").wait_for()
    expect(page.get_by_text("Unread", exact=True)).to_have_count(0)
    for path in ("/reminders/all/", "/calendar/"):
        page.goto(page.url.split("/reminders")[0] + path)
        assert is_accessible(page)


def test_an_administrator_tries_again_what_did_not_arrive_on_a_phone_too(
    cast: Cast, promise: Commitment, browse, send: Send
) -> None:
    factories.milestone(promise, "Rota agreed", forecast=TODAY, owner=cast.trust)
    send(TODAY)
    Reminder.objects.update(
        state="failed", sent_at=None, attempts=5, reason="The mail server answered 554 no"
    )
    refusals.mark(cast.council, "It came back: 550 5.1.1 user unknown", timezone.now())
    page = browse(cast.platform, "/reminders/undelivered/")
    assert is_accessible(page)
    widen(page, 390)
    assert is_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    row = page.get_by_role("row").filter(has_text="Rota agreed")
    expect(row).to_contain_text("The mail server answered 554 no")
    page.get_by_role("button", name=re.compile("Try again ?: reminder to Tariq Trust")).click()
    page.get_by_text("will be tried again within minutes").wait_for()
    assert Reminder.objects.get().state == "planned"
    page.get_by_role("button", name=re.compile("Use it again ?: cora")).click()
    page.get_by_text("What was kept back goes out within the hour").wait_for()
    page.get_by_text("No reminder was given up").wait_for()
    expect(page.get_by_role("heading", name="Addresses that were refused")).to_have_count(0)
