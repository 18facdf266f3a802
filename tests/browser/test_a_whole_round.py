"""A whole round: opened, reported, sent back, corrected, and closed."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from commitments.dates import add_working_days
from commitments.models import Commitment, Round
from commitments.progress.actions import close_rounds
from organisations.models import Role
from tests import factories as make
from workforce_tracker import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def promise(bodies) -> Commitment:
    """Led by our trust, with our council, in a plan that our board keeps."""
    plan = make.plan("WY", owner=bodies.board, title="West Yorkshire plan")
    return make.commitment(
        plan, bodies.trust, bodies.council, reference="WY-1", title="One occupational health"
    )


def open_a_round(page: Page) -> Round:
    """The programme lead opens a round with the days that are suggested."""
    page.get_by_label("Name").fill("Autumn")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Autumn 1 of 1 owed")
    return Round.objects.get()


def say(page: Page, words: str) -> None:
    """Fill in the update form and submit it."""
    page.get_by_role("radio", name="Green").check()
    page.get_by_role("radio", name="High").check()
    page.get_by_label("How it is going").fill(words)
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("saved as green").first).to_be_visible()


def test_a_round_from_its_opening_to_its_close(browse, promise, cast, bodies):
    address = promise.get_absolute_url()
    round_ = open_a_round(browse(cast.lead, "/plans/WY/rounds/add/"))
    grid = f"/plans/WY/rounds/{round_.pk}/"

    lead = browse(cast.lead, grid)
    lead.get_by_role("button", name=f"Nudge {bodies.trust}").click()
    expect(lead.get_by_text("Nudged: Leeds Community")).to_be_visible()

    # The trust finds it at home, and submits.
    trust = browse(cast.trust, "/")
    expect(trust.get_by_text("Lena Lead asks for 1 update in")).to_be_visible()
    trust.get_by_role("link", name="Update One occupational health").first.click()
    say(trust, "It is going well.")

    # The programme lead sends it back.
    lead = browse(cast.lead, address)
    lead.get_by_role("link", name="Correct it, send it back").click()
    lead.get_by_label("What has to change").fill("How many places have signed?")
    lead.get_by_role("button", name="Send back").click()
    expect(lead.get_by_text(f"The update went back to {bodies.trust}")).to_be_visible()
    lead.goto(lead.url.split("/commitments/")[0] + grid)
    expect(lead.get_by_role("link", name=f"1 sent back, {bodies.trust}")).to_be_visible()

    # The trust reads why above the form, and sends the next version.
    trust = browse(cast.trust, f"{address}update/")
    expect(trust.get_by_text("How many places have signed?")).to_be_visible()
    say(trust, "Nine of nine places have signed.")

    # A colleague of another organisation reads the new one only.
    colleague = make.person("Wanda Watcher", (Role.VIEWER, bodies.council))
    council = browse(colleague, address)
    expect(council.get_by_text("Nine of nine places have signed.").first).to_be_visible()
    expect(council.get_by_text("It is going well.")).to_have_count(0)

    # The round closes by itself, and its page says what stood.
    assert close_rounds(round_.answers_due_on + timedelta(days=1)).frozen == 1
    lead = browse(cast.lead, grid)
    expect(lead.get_by_text("what you see is what stood then")).to_be_visible()
    expect(lead.get_by_role("link", name=f"1 submitted, {bodies.trust}")).to_be_visible()
    expect(lead.get_by_role("link", name="Reopen")).to_be_visible()


def test_the_days_that_are_suggested_are_working_days(browse, promise, cast):
    page = browse(cast.lead, "/plans/WY/rounds/add/?cadence=monthly")
    closes = add_working_days(add_working_days(clock.today() - timedelta(days=1), 1), 10)
    expect(page.get_by_label("Last day", exact=True)).to_have_value(f"{closes:%d/%m/%Y}")
