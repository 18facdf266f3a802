"""Every page through axe, wide and narrow: nothing found, nothing wider than the screen."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.window import widen
from tests.conftest import enter, quickly, watch
from tests.permissions import matrix, sweep, world
from workforce_tracker import clock

pytestmark = pytest.mark.browser

WIDTHS = (1280, 390)
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then(results => results.violations)"
# Not pages: JSON, files, and parts of other pages.
NOT_PAGES = {
    "healthz", "robots", "upload_template", "upload_file", "people_invite_template",
    "milestone_calendar", "evidence_file", "discussion_people", "return_file", "return_original",
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


@dataclass
class Visit:
    """A browser in front of a world in which every page has something to show."""

    made: world.World
    url: str
    page: Page
    wrong: list[str]

    def look(self, path: str, width: int) -> list[str]:
        """Go there, and say what axe, the ruler and the browser itself complain of."""
        if self.page.viewport_size["width"] != width:
            widen(self.page, width)
        self.page.goto(self.url + path)
        found = complaints(self.page) + self.wrong
        self.wrong.clear()
        return found


@pytest.fixture(scope="module")
def visit(django_db_setup, django_db_blocker, browser, tmp_path_factory) -> Iterator[Visit]:
    """Made once for each process that shares these tests, and gone when it has done its part."""
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        media = tmp_path_factory.mktemp("media")
        stack.enter_context(quickly(MEDIA_ROOT=media, ALLOWED_HOSTS=["localhost", "testserver"]))
        stack.callback(call_command, "flush", interactive=False, verbosity=0)
        made = world.build()
        lengthen(made)
        server = LiveServer("localhost")
        stack.callback(server.stop)
        context = browser.new_context()
        stack.callback(context.close)
        # The browser is given axe once, and not with each question.
        context.add_init_script(Axe().axe_script)
        wrong = watch(context)
        enter(context, made.people["own programme_lead"], server.url)
        yield Visit(made, server.url, context.new_page(), wrong)


def lengthen(made: world.World) -> None:
    """Give it long words, and something that is late."""
    for commitment in (made.public, made.internal):
        type(commitment).objects.filter(pk=commitment.pk).update(title=LONG)
        make.update(commitment, made.people["own contributor"], made.bodies["own"], rating="red")
        for milestone in commitment.milestones.all():
            milestone.title = milestone.note = LONG
            milestone.forecast = make.fuzzy("2028")
            milestone.save()


def complaints(page: Page) -> list[str]:
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


# All pages at one width and then at the other: the window is not changed for each.
@pytest.mark.parametrize(("name", "about"), pages())
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_wide_and_narrow(visit, name, about, width):
    assert visit.look(sweep.address(name, about, visit.made), width) == []


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
@pytest.mark.django_db(transaction=True)
def test_pages_before_signing_in_are_accessible(browse, name):
    page = browse(None, reverse(name))
    found = []
    for width in WIDTHS:
        widen(page, width)
        found += complaints(page)
    assert found == []


@pytest.mark.django_db(transaction=True)
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
