"""A long list is taken away: asked for with the keyboard, waited for, downloaded, had again."""

import re

import pytest
from playwright.sync_api import expect

from commitments.models import Export
from commitments.uploads import jobs, making
from tests import factories as make
from tests.browser.test_every_page import WIDTHS, complaints
from tests.browser.window import widen
from workforce_tracker import clock
from workforce_tracker.celery import app

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plan(bodies, settings, tmp_path, monkeypatch):
    """A plan with more than is handed over at once, and nobody at work."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(making, "SMALL", 2)
    app.conf.task_always_eager = False
    made = make.plan("LTWP", owner=bodies.board)
    for _ in range(3):
        make.milestone(make.commitment(made, bodies.trust))
    return made


def work() -> None:
    """A worker makes the export that was asked for last."""
    export = Export.objects.latest("pk")
    jobs.run(export.pk, today=clock.today(), now=clock.now(), kind=Export)


def look(page) -> None:
    """Nothing for axe to find, wide and narrow."""
    for width in WIDTHS:
        widen(page, width)
        assert complaints(page) == []


def test_a_long_list_is_asked_for_waited_for_and_downloaded(browse, cast, plan):
    page = browse(cast.lead, "/commitments/?plan=LTWP")
    heading = page.get_by_role("heading", level=1)
    page.get_by_role("link", name="workbook to fill in (.xlsx)").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_text("Take away 3 commitments")
    look(page)
    page.get_by_role("button", name="Make the file").focus()
    page.keyboard.press("Enter")
    expect(heading).to_contain_text("is being made")
    expect(page.locator("main")).to_contain_text("Nobody is at work on files at the moment")
    look(page)
    # The page follows the work by itself.
    work()
    expect(heading).to_contain_text("Ready: commitments-")
    look(page)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download")).click()
    assert download.value.suggested_filename.endswith(".xlsx")

    page.get_by_role("link", name="Your exports").click()
    expect(page.get_by_role("row", name=re.compile("LTWP"))).to_contain_text("until ")
    look(page)
    making.delete_old(now=clock.now() + making.KEPT + making.KEPT)
    page.get_by_role("link", name=re.compile("commitments-")).click()
    expect(heading).to_contain_text("is no longer kept")
    look(page)
    page.get_by_role("button", name="Make it again").click()
    expect(heading).to_contain_text("is being made")
    work()
    expect(heading).to_contain_text("Ready: commitments-")


def test_without_javascript_the_page_is_loaded_again_by_itself(
    browser, browse, cast, plan, live_server
):
    known = browse(cast.lead).context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(known)
    page = context.new_page()
    page.goto(f"{live_server.url}/exports/commitments.csv")
    page.get_by_role("button", name="Make the file").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("is being made")
    work()
    expect(heading).to_contain_text("Ready: commitments-")
    context.close()
