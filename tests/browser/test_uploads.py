"""The wizard from a strange workbook to an undo, as somebody does it."""

import io
import os
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from commitments.models import Upload
from commitments.uploads import jobs
from tests import factories as make
from tests.browser.test_every_page import WIDTHS, complaints
from tests.browser.window import widen
from tests.commitments.uploads.workbooks import workbook
from workforce_tracker import clock
from workforce_tracker.celery import app

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plan(bodies, settings, tmp_path):
    """A plan of our board with two commitments."""
    settings.MEDIA_ROOT = tmp_path / "media"
    made = make.plan("WY", title="Our plan", owner=bodies.board)
    for number, title in ((1, "One staff bank for all trusts"), (2, "A passport for every nurse")):
        promise = make.commitment(
            made, bodies.trust, reference=f"WY-{number}", title=title, target="2028/29"
        )
        make.milestone(promise, "Agreed", "2027-01-31")
    return made


def look(page, name: str) -> None:
    """Nothing wrong for anybody, wide or narrow; a picture, for whoever asks for one."""
    for width in WIDTHS:
        widen(page, width)
        assert complaints(page) == [], f"{name} at {width}"
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    widen(page, WIDTHS[0])


def choose(page, content: bytes, name: str = "workbook.xlsx") -> None:
    """Put a file into the box, and have it checked."""
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_label("Spreadsheet").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()


def test_a_strange_workbook_goes_in_step_by_step(browse, cast, plan):
    page = browse(cast.lead, "/uploads/add/")
    page.get_by_label("Plan", exact=True).select_option(label="Our plan")
    look(page, "choose")
    choose(page, workbook(
        ["West Yorkshire: our actions"],
        [],
        ["What we shall do", "Who", "By when"],
        ["One staff bank for all trusts", "Leeds Community Healthcare NHS Trust", "2029/30"],
        ["More nurses on every ward", "Leeds Community Helthcare Trust", "2031/32"],
    ))  # fmt: skip
    heading = page.get_by_role("heading", level=1)

    expect(heading).to_have_text("What the columns hold")
    look(page, "columns")
    page.get_by_label("What column A holds").select_option(label="Commitment")
    page.get_by_label("What column B holds").select_option(label="Lead organisation")
    page.get_by_label("What column C holds").select_option(label="By when")
    page.get_by_role("button", name="These are the columns").click()

    expect(heading).to_have_text("1 name to look at")
    look(page, "names")
    page.get_by_label("Leeds Community Healthcare NHS Trust").check()
    page.get_by_role("button", name="Check the file").click()

    expect(page.locator("main")).to_contain_text("probably the same as WY-1")
    look(page, "same")
    page.get_by_label("The same as WY-1").check()
    page.get_by_role("button", name="Keep these answers").click()

    expect(heading).to_have_text("Ready to apply: 1 new, 1 changed")
    # There is a way back: the columns, and from them to the check again.
    page.get_by_role("link", name="Columns").click()
    page.get_by_role("button", name="These are the columns").click()
    page.get_by_label("The same as WY-1").check()
    page.get_by_role("button", name="Keep these answers").click()
    page.get_by_role("link", name="Not in the file").click()
    expect(page.locator("main")).to_contain_text("A passport for every nurse")
    look(page, "check")
    page.get_by_label("I have looked at these").check()
    page.get_by_role("button", name="Apply").click()
    expect(heading).to_have_text("Applied: 1 new, 1 changed")
    look(page, "applied")
    assert plan.commitments.get(reference="WY-1").target.text == "2029/30"
    assert plan.commitments.get(reference="WY-3").parties.get().organisation.code == "RY6"


def test_problems_are_marked_in_the_workbook_mended_and_sent_back(browse, cast, plan):
    page = browse(cast.lead, "/uploads/add/?plan=WY")
    choose(page, workbook(
        ["Reference", "Commitment", "By when"],
        ["WY-1", "One staff bank", "31/02/2027"],
        ["WY-7", None, "2027"],
    ))  # fmt: skip
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("2 problems to mend")
    look(page, "problems")
    with page.expect_download() as download:
        page.get_by_role("link", name="with the problems marked").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    sheet = book.active
    assert "is not a date" in sheet["D2"].value
    sheet["C2"], sheet["B3"] = "28/02/2027", "More nurses"
    stream = io.BytesIO()
    book.save(stream)
    choose(page, stream.getvalue(), download.value.suggested_filename)
    expect(heading).to_have_text("Ready to apply: 1 new, 1 changed")
    page.get_by_role("button", name="Apply").click()
    expect(heading).to_have_text("Applied: 1 new, 1 changed")


def test_an_upload_is_undone_but_for_what_somebody_edited(browse, cast, plan):
    page = browse(cast.lead, "/uploads/add/?plan=WY")
    choose(page, workbook(
        ["Reference", "Commitment", "By when", "Milestone 1", "Milestone 1 date"],
        ["WY-1", "", "2030/31", "Agreed", "31/05/2031"],
        ["WY-2", "", "2031/32", "", ""],
        ["WY-3", "More nurses", "2032", "", ""],
    ))  # fmt: skip
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Ready to apply: 1 new, 2 changed")
    page.get_by_role("link", name="See which").click()
    expect(page.locator("main")).to_contain_text("One staff bank for all trusts")
    look(page, "ratings")
    # Nobody is at work yet: the page waits, and follows the work by itself.
    app.conf.task_always_eager = False
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("main")).to_contain_text("Nobody is at work on files at the moment")
    look(page, "waiting")
    jobs.run(Upload.objects.get().pk, today=clock.today(), now=clock.now())
    expect(heading).to_have_text("Applied: 1 new, 2 changed")
    app.conf.task_always_eager = True

    edited = plan.commitments.get(reference="WY-2")
    type(edited).objects.filter(pk=edited.pk).update(title="A passport for every doctor")
    page.get_by_role("link", name="Undo").click()
    expect(page.locator("main")).to_contain_text("1 commitment was changed since")
    look(page, "undo")
    page.get_by_role("button", name="Undo the upload").click()
    expect(heading).to_have_text("Undone: workbook.xlsx")
    expect(page.locator("main")).to_contain_text("A passport for every doctor")
    look(page, "undone")
    rows = dict(plan.commitments.values_list("reference", "target_text"))
    assert rows == {"WY-1": "2028/29", "WY-2": "2031/32"}

    page.get_by_role("link", name="Undo the rest").click()
    page.get_by_label("Put back A passport for every doctor").check()
    page.get_by_role("button", name="Undo the upload").click()
    expect(page.locator("main")).not_to_contain_text("Changed since, so left")
    edited.refresh_from_db()
    assert (edited.target.text, edited.title) == ("2028/29", "A passport for every doctor")
