"""A list taken away, filled in offline, and sent back after somebody else changed the same."""

from datetime import timedelta

import openpyxl
import pytest
from playwright.sync_api import expect

from commitments.models import Commitment
from commitments.register.actions import change_milestone
from tests import factories as make
from tests.browser.test_every_page import WIDTHS, complaints
from tests.browser.window import widen
from workforce_tracker import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fill_in(path, sheet: str, **values: str) -> None:
    """Write into the first row of a sheet of a workbook, by heading."""
    book = openpyxl.load_workbook(path)
    places = {str(cell.value).replace(" ", "_"): cell.column for cell in book[sheet][1]}
    for heading, value in values.items():
        book[sheet].cell(2, places[heading]).value = value
    book.save(path)


def test_a_return_is_filled_in_and_sent_though_somebody_moved_the_same_date(
    browse, cast, bodies, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "media"
    today = clock.today()
    plan = make.plan("LTWP", owner=bodies.board)
    promise = make.commitment(plan, bodies.trust, reference="LTWP-001", title="More places")
    step = make.milestone(promise, "Plan agreed", baseline=today + timedelta(days=30))
    make.round_(plan, today - timedelta(days=9), today + timedelta(days=15), name="Round 3")

    # Taken from home, where it is owed.
    page = browse(cast.trust, "/")
    with page.expect_download() as download:
        page.get_by_role("link", name="LTWP, Round 3 (.xlsx)").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    fill_in(
        path, "Commitments", Your_rating="Green", How_sure_are_you="High",
        How_it_is_going="The plan is written.", Why_your_rating_differs="A month more is fine.",
    )  # fmt: skip
    fill_in(path, "Milestones", Now_expected="March 2027", Note="Written, to be agreed")

    change_milestone(
        by=cast.lead, milestone=step, base_version=1, today=today,
        changes={"forecast": make.fuzzy("January 2027")},
    )  # fmt: skip

    page.get_by_role("link", name="send it back").click()
    page.get_by_label("Spreadsheet").set_input_files(path)
    page.get_by_role("button", name="See what it does").click()
    expect(page.locator("h1")).to_contain_text("1 choice to make")
    clash = page.get_by_role("group", name="Plan agreed: now expected")
    expect(clash).to_contain_text("As it was when the workbook was taken: empty")
    expect(clash).to_contain_text("Lena Lead")
    expect(clash).to_contain_text("January 2027")
    expect(clash).to_contain_text("Yours: March 2027")
    for width in WIDTHS:
        widen(page, width)
        assert complaints(page) == []

    # Nothing goes out before a choice is made.
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("link", name="Choose which to keep: Plan agreed").click()
    page.get_by_label("Yours: March 2027").check()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("heading", level=1, name="Sent: ").wait_for()
    expect(page.locator("main")).to_contain_text("The plan is written.")
    assert complaints(page) == []

    promise = Commitment.objects.get()
    assert promise.updates.get().narrative == "The plan is written."
    step.refresh_from_db()
    assert (step.forecast.text, step.note) == ("March 2027", "Written, to be agreed")


def test_a_filtered_list_is_taken_away_from_its_page(browse, cast, bodies, tmp_path):
    plan = make.plan("LTWP", owner=bodies.board)
    make.commitment(plan, bodies.trust, reference="LTWP-001", title="More places")
    make.commitment(plan, bodies.council, reference="LTWP-002", title="Digital passport")
    page = browse(cast.lead, "/commitments/?q=passport")
    for form in ("workbook to fill in (.xlsx)", ".ods", ".csv"):
        with page.expect_download() as download:
            page.get_by_role("link", name=form, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        if path.suffix == ".xlsx":
            sheet = openpyxl.load_workbook(path)["Commitments"]
            assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["LTWP-002"]
