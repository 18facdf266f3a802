"""Every page through axe, wide and narrow: nothing found, nothing wider than the screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests import factories as make
from tests.browser.window import widen
from tests.permissions import matrix, sweep, world
from workforce_tracker import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (1280, 390)
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then(results => results.violations)"
# Not pages: JSON, files, and parts of other pages.
NOT_PAGES = {
    "healthz", "robots", "upload_template", "upload_file", "people_invite_template",
    "milestone_calendar", "evidence_file", "discussion_people", "return_file", "return_original",
    "return_marked",
    "upload_progress", "return_progress", "export_progress", "export_file",
}  # fmt: skip
LONG = (
    "Agree one occupational health and wellbeing contract across all providers in the system, "
    "councils and the independent care sector included"
)


def pages() -> list[tuple[str, str]]:
    """Every address that shows a page to our programme lead, and what it is about."""
    return [
        (name, about)
        for name, about, method, expected in matrix.rows()
        if method == "GET"
        and expected["own programme_lead"] == "2"
        and name not in NOT_PAGES
        and not name.endswith("_export")
    ]


@pytest.fixture(autouse=True)
def axe_on_every_page(context) -> None:
    """The browser is given axe once, and not with each question."""
    context.add_init_script(Axe().axe_script)


def complaints(page) -> list[str]:
    """What axe and the ruler find on the page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = [
        f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:160]}"
        for violation in page.evaluate(VIOLATIONS)
    ]
    width = page.evaluate("document.documentElement.scrollWidth")
    shown = page.viewport_size["width"]
    return found + ([f"{width} wide on a screen of {shown}"] if width > shown else [])


def test_every_page_is_accessible_wide_and_narrow(browse, live_server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    made = world.build()
    for commitment in (made.public, made.internal):
        type(commitment).objects.filter(pk=commitment.pk).update(title=LONG)
        make.update(commitment, made.people["own contributor"], made.bodies["own"], rating="red")
        for milestone in commitment.milestones.all():
            milestone.title = milestone.note = LONG
            milestone.forecast = make.fuzzy("2028")
            milestone.save()
    page = browse(made.people["own programme_lead"])
    found = {}
    for width in WIDTHS:
        widen(page, width)
        for name, about in pages():
            page.goto(live_server.url + sweep.address(name, about, made))
            if problems := complaints(page):
                found[f"{name} {about} at {width}"] = problems
    assert found == {}


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_pages_before_signing_in_are_accessible(browse, db, name):
    page = browse(None, reverse(name))
    found = []
    for width in WIDTHS:
        widen(page, width)
        found += complaints(page)
    assert found == []


def test_a_list_of_hundreds_with_long_names_is_accessible(browse, cast, bodies):
    plan = make.plan("LONG", title=LONG)
    for number in range(60):
        commitment = make.commitment(plan, bodies.trust, bodies.council, title=f"{LONG} {number}")
        make.milestone(commitment, LONG, baseline=clock.today())
    page = browse(cast.lead, "/commitments/?show=all")
    found = []
    for width in WIDTHS:
        widen(page, width)
        found += complaints(page)
    assert found == []
