"""A whole round with four people of three organisations: opened, reported, sent back, corrected,
disputed, agreed, and closed."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from commitments.dates import add_working_days
from commitments.models import Commitment, Dispute, Round, SnapshotRow
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
    """The programme lead opens a round that begins today, on a Sunday too."""
    page.get_by_label("Name").fill("Autumn")
    page.get_by_label("First day").fill(f"{clock.today():%d/%m/%Y}")
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
    updates = council.get_by_role("region", name="Latest update")
    expect(updates.get_by_text("Nine of nine places have signed.")).to_be_visible()
    expect(updates.get_by_text("It is going well.")).to_have_count(0)

    # The council disagrees, and both sides stand beside each other.
    council = browse(cast.council_reviewer, f"{address}reviews/")
    council.get_by_role("radio", name="Disagree").check()
    council.get_by_label("Why you disagree").fill("Two of the nine are ours and have not signed.")
    council.get_by_label("What would change your mind").fill("Their signatures.")
    council.get_by_role("button", name="Send", exact=True).click()
    expect(council.get_by_text("Leeds City Council disagrees.")).to_be_visible()
    council.goto(council.url.split("/commitments/")[0] + f"{address}reviews/")
    expect(council.get_by_role("heading", name="Disputed since")).to_be_visible()
    lead = browse(cast.lead, grid)
    expect(lead.get_by_role("link", name=f"1 disputed, {bodies.trust}")).to_be_visible()

    # A revised update ends the dispute, and the council is asked anew.
    trust = browse(cast.trust, f"{address}update/")
    say(trust, "Seven of nine have signed, the council's two by May.")
    assert Dispute.objects.get().end == Dispute.End.REVISED
    council = browse(cast.council_reviewer, f"{address}reviews/")
    expect(council.get_by_role("heading", name="Disputed since")).to_have_count(0)
    council.get_by_role("radio", name="Agree", exact=True).check()
    council.get_by_role("button", name="Send", exact=True).click()
    expect(council.get_by_text("Leeds City Council agrees.")).to_be_visible()
    assert promise.updates.standing().get().reviews.get(state="agreed")

    # The round closes by itself, and its page says what stood.
    assert close_rounds(round_.answers_due_on + timedelta(days=1)).frozen == 1
    lead = browse(cast.lead, grid)
    expect(lead.get_by_text("what you see is what stood then")).to_be_visible()
    # The association was silent, which is not agreement.
    expect(lead.get_by_role("link", name=f"1 submitted, {bodies.trust}")).to_be_visible()
    row = SnapshotRow.objects.get()
    assert (row.joint_state, row.heard, row.council_side_heard) == ("no_answer", 1, True)
    expect(lead.get_by_role("link", name="Reopen")).to_be_visible()


def answer(page: Page, promise: Commitment, choice: str, **words: str) -> None:
    """Find the commitment on the desk, and answer."""
    page.get_by_role("link", name=promise.title).click()
    page.get_by_label(choice, exact=True).check()
    for label, text in words.items():
        page.get_by_label(label.replace("_", " ")).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def test_a_dispute_and_its_end(browse, promise, cast, bodies):
    """Reported, disputed, revised, disputed again, and in the end agreed to differ."""
    reviews = f"{promise.get_absolute_url()}reviews/"
    trust = browse(cast.trust, f"{promise.get_absolute_url()}update/")
    say(trust, "Nine of nine places have signed.")

    # The council's reviewer disagrees, and has to say what would change their mind.
    council = browse(cast.council_reviewer, "/reviews/")
    expect(council.get_by_role("heading", level=1)).to_contain_text("awaiting Leeds City Council 1")
    answer(council, promise, "Disagree", Why_you_disagree="We have not signed.")
    expect(council.get_by_text("Say what would change your mind.").first).to_be_visible()
    council.get_by_label("What would change your mind").fill("Our name off the list.")
    council.get_by_role("button", name="Send", exact=True).click()
    expect(council.get_by_text("Leeds City Council disagrees.")).to_be_visible()
    expect(council.get_by_role("heading", name="Disputed since")).to_be_visible()

    # The association reads the council's own words beside the trust's on its desk, and agrees.
    lga = browse(cast.lga, "/reviews/")
    expect(lga.get_by_text("We have not signed.")).to_be_visible()
    answer(lga, promise, "Agree")
    expect(lga.get_by_text("Local Government Association agrees.")).to_be_visible()

    # The board sees what holds up agreement.
    lead = browse(cast.lead, "/reviews/waiting/")
    expect(lead.get_by_text("1 open dispute")).to_be_visible()

    # A revised update ends the dispute and asks again; the council still disagrees.
    trust = browse(cast.trust, f"{promise.get_absolute_url()}update/")
    say(trust, "Eight of nine places have signed.")
    council = browse(cast.council_reviewer, "/reviews/")
    words = {"Why_you_disagree": "It is seven.", "What_would_change_your_mind": "The list."}
    answer(council, promise, "Disagree", **words)
    expect(council.get_by_text("A revised update")).to_be_visible()

    # The trust proposes to differ, the council says yes, and both views stay.
    trust = browse(cast.trust, reviews)
    trust.get_by_text("Propose to agree to differ").click()
    trust.get_by_label("How both views stand").fill("We count letters, they count contracts.")
    trust.get_by_role("button", name="Propose", exact=True).click()
    expect(trust.get_by_text("It takes a yes from every side")).to_be_visible()
    council = browse(cast.council_reviewer, reviews)
    council.get_by_role("button", name="Yes, agree to differ like this").click()
    expect(council.get_by_text("Both sides agree to differ.")).to_be_visible()
    expect(council.get_by_text("It is seven.").first).to_be_visible()
    expect(council.get_by_text("Eight of nine places have signed.").first).to_be_visible()


def test_the_days_that_are_suggested_are_working_days(browse, promise, cast):
    page = browse(cast.lead, "/plans/WY/rounds/add/?cadence=monthly")
    closes = add_working_days(add_working_days(clock.today() - timedelta(days=1), 1), 10)
    expect(page.get_by_label("Last day", exact=True)).to_have_value(f"{closes:%d/%m/%Y}")
