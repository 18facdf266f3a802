"""The main jobs in a real browser, as the people who have them do them."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from commitments.models import Commitment, Plan, ProgressUpdate
from organisations.kinds import Kind
from organisations.models import Role, Succession
from tests import factories as make
from workforce_tracker import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def day(offset: int) -> date:
    """A day counted from the real today: a browser's clock cannot be stopped with ours."""
    return clock.today() + timedelta(days=offset)


def written(when: date) -> str:
    return when.strftime("%d/%m/%Y")


def test_find_a_commitment_by_three_filters_and_a_misspelt_word(browse, cast, bodies):
    train = make.pillar(make.plan("LTWP"), "Train", "train")
    wanted = make.commitment(
        train.plan,
        bodies.trust,
        bodies.council,
        title="Midwifery places in every system",
        pillar=train,
    )
    make.milestone(wanted, baseline=day(-3))
    for number in range(30):
        other = make.commitment(train.plan, bodies.other_trust, title=f"Something else {number}")
        make.milestone(other, baseline=day(90))
    page = browse(cast.lead, "/commitments/?show=all")
    results = page.locator("#results")

    page.get_by_label("Plan", exact=True).select_option("LTWP")
    page.get_by_label("Theme").select_option("train")
    page.get_by_label("Evidence rating").select_option("amber")
    page.get_by_role("searchbox", name="Words").fill("midwifry plases")

    expect(results.get_by_role("link", name="Midwifery places in every system")).to_be_visible()
    expect(results.get_by_text("Something else")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"rating=amber"))
    expect(page).to_have_url(re.compile(r"theme=train"))
    page.reload()  # the filters live in the address
    expect(page.locator("#results tbody tr")).to_have_count(1)


def test_report_progress_with_the_keyboard_only(browse, cast, bodies):
    commitment = make.commitment(make.plan("WY"), bodies.trust, title="Occupational health")
    page = browse(cast.trust, commitment.get_absolute_url())
    page.get_by_role("link", name="progress").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Occupational health")

    page.get_by_role("radio", name="Amber").focus()
    page.keyboard.press("Space")
    page.get_by_role("radio", name="Medium").focus()
    page.keyboard.press("Space")
    page.get_by_label("How it is going").focus()
    page.keyboard.type("Two of five places have signed.")
    page.get_by_role("button", name="Submit").first.focus()
    page.keyboard.press("Enter")
    # Amber without a reason: said so, and nothing typed is lost.
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("How it is going")).to_have_value("Two of five places have signed.")

    page.get_by_label("Why it is").focus()
    page.keyboard.type("Three places are short of staff.")
    page.get_by_label("Path to green").focus()
    page.keyboard.type("Cover agreed from January.")
    page.get_by_role("button", name="Submit").first.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Two of five places have signed.").first).to_be_visible()
    update = ProgressUpdate.objects.get()
    assert (update.rating, update.organisation, update.author) == (
        "amber",
        bodies.trust,
        cast.trust,
    )


def test_moving_a_milestone_changes_the_rating_and_says_why(browse, cast, bodies):
    commitment = make.commitment(make.plan("WY"), bodies.trust, target=day(60))
    make.milestone(commitment, "Contract signed", baseline=day(30))
    page = browse(cast.lead, commitment.get_absolute_url())
    expect(page.locator("aside, .app-side, main").get_by_text("Green").first).to_be_visible()

    page.get_by_role("link", name="Update Contract signed").click()
    page.get_by_label("Now expected").fill(written(day(90)))
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(commitment.title)
    expect(page.get_by_text("Red", exact=True).first).to_be_visible()
    expect(page.get_by_text("Contract signed").first).to_be_visible()
    expect(page.get_by_text("after", exact=False).first).to_be_visible()


def workbook(*rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["Reference", "Commitment", "Lead organisation", "By when"])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def test_a_workbook_with_two_errors_is_mended_and_applied(browse, cast, bodies):
    make.plan("WY", title="Our plan", owner=bodies.board)
    lead = {"Lead organisation": "Leeds Community Healthcare NHS Trust"}
    good = {"Reference": "WY-1", "Commitment": "One bank", "By when": "2026/27", **lead}
    bad = {"Reference": "WY-2", "Commitment": "", "By when": "31/02/2027", **lead}
    page = browse(cast.lead, "/uploads/add/")

    def send(content: bytes) -> None:
        file = {"name": "actions.csv", "mimeType": "text/csv", "buffer": content}
        page.get_by_label("Spreadsheet").set_input_files(file)

    page.get_by_label("Plan", exact=True).select_option(label="Our plan")
    send(workbook(good, bad))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 problems to mend")
    expect(page.get_by_role("alert")).to_contain_text('"31/02/2027" is not a date')
    assert not Commitment.objects.exists()

    send(workbook(good, bad | {"Commitment": "One contract", "By when": "28/02/2027"}))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 new")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Applied")
    assert list(Commitment.objects.values_list("reference", "title")) == [
        ("WY-1", "One bank"),
        ("WY-2", "One contract"),
    ]


def test_a_reminder_lies_in_the_outbox(browse, cast, bodies, settings, tmp_path):
    settings.OUTBOX_DIR = tmp_path
    settings.EMAIL_BACKEND = "commitments.reminders.outbox.EmailBackend"
    today = clock.today()
    commitment = make.commitment(make.plan("WY"), bodies.trust, title="Staff passport")
    make.milestone(commitment, "Pilot begun", baseline=today, owner=cast.trust)
    call_command("send_reminders", date=str(today + timedelta(days=3)), verbosity=0)

    page = browse(cast.trust, "/outbox/")
    page.locator("main").get_by_role("link").filter(has_text="late").or_(
        page.locator("main tbody").get_by_role("link")
    ).first.click()
    expect(page.locator("main")).to_contain_text("Pilot begun")
    expect(page.locator("main")).to_contain_text(commitment.get_absolute_url())


def test_an_organisation_shows_what_it_inherited(browse, cast, bodies):
    closed = make.organisation("NHS Vale Integrated Care Board", Kind.ICB, closed=date(2026, 3, 31))
    Succession.objects.create(
        predecessor=closed, successor=bodies.board, on=date(2026, 4, 1), kind="merger"
    )
    make.commitment(make.plan("VALE"), closed, title="Share rosters across the vale")
    page = browse(cast.viewer, f"/organisations/{bodies.board.code}/")
    main = page.locator("main")
    expect(main.get_by_role("link", name="Share rosters across the vale").first).to_be_visible()
    expect(main.get_by_text("NHS Vale", exact=False).first).to_be_visible()


def test_the_main_jobs_work_without_javascript(browser, live_server, cast, bodies, client):
    make.commitment(
        make.plan("PUB", visibility=Plan.Visibility.PUBLIC), bodies.trust, title="Plain page"
    )
    client.force_login(cast.lead)
    context = browser.new_context(java_script_enabled=False)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context.add_cookies([session | {"url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/commitments/?show=all")
    page.get_by_role("searchbox", name="Words").fill("plain")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#results").get_by_role("link", name="Plain page")).to_be_visible()
    context.close()


def test_switch_to_another_of_ones_organisations(browse, cast, bodies):
    both = make.person(
        "Bea Both", (Role.PROGRAMME_LEAD, bodies.board), (Role.CONTRIBUTOR, bodies.council)
    )
    page = browse(both, "/")
    header = page.get_by_role("banner")
    expect(page.locator("main")).to_contain_text("Leeds City Council")

    header.locator("summary").first.click()
    header.get_by_role("button", name="NHS West Yorkshire").click()

    expect(page.locator("main")).to_contain_text("NHS West Yorkshire Integrated Care Board")
    page.goto(page.url.split("?")[0] + "commitments/?show=all")
    expect(header).to_contain_text("programme lead")
