"""Every page through axe, wide and narrow: nothing found, nothing wider than the screen."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.window import AXE, PATIENCE, WIDTHS, complaints, widen
from tests.conftest import enter, quickly, watch
from tests.permissions import matrix, sweep, world

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

LEAD = "own programme_lead"
# Not pages: JSON, files, and parts of other pages.
NOT_PAGES = {
    "healthz", "robots", "upload_template", "upload_file", "people_invite_template",
    "milestone_calendar", "evidence_file", "discussion_people", "return_file", "return_original",
    "return_marked",
    "upload_progress", "return_progress", "export_progress", "export_file",
}  # fmt: skip


def pages() -> list[tuple[str, str, str]]:
    """Every address that shows a page, what it is about, and to whom: our programme lead, or else
    the first in the matrix who gets it."""
    found = []
    for name, about, method, expected in matrix.rows():
        if method == "GET" and name not in NOT_PAGES and not name.endswith("_export"):
            shown_to = [person for person in (LEAD, *expected) if expected[person] == "2"]
            found += [(name, about, person) for person in shown_to[:1]]
    return found


@dataclass
class Visit:
    """A browser in front of a world in which every page has something to show."""

    made: world.World
    url: str
    page: Page
    wrong: list[str]
    person: str = ""

    def look(self, person: str, path: str, width: int) -> list[str]:
        """Go there, and say what axe, the ruler and the browser itself complain of."""
        if self.person != person:
            enter(self.page.context, self.made.clients[person], self.url)
            self.person = person
        if self.page.viewport_size["width"] != width:
            widen(self.page, width)
        self.page.goto(self.url + path)
        found = complaints(self.page) + self.wrong
        self.wrong.clear()
        return found


@pytest.fixture(scope="module")
def visit(django_db_setup, django_db_blocker, browser, tmp_path_factory) -> Iterator[Visit]:
    """Made once for each process that shares these tests, and gone when it has done its part. The
    tests themselves write nothing: what they wrote would stay in transactions of their own."""
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
        context.set_default_timeout(PATIENCE)
        # The browser is given axe once, and not with each question.
        context.add_init_script(AXE)
        wrong = watch(context)
        yield Visit(made, server.url, context.new_page(), wrong)


def lengthen(made: world.World) -> None:
    """Give it long words, and something that is late."""
    for commitment in (made.public, made.internal):
        type(commitment).objects.filter(pk=commitment.pk).update(title=make.LONG)
        make.update(commitment, made.people["own contributor"], made.bodies["own"], rating="red")
        for milestone in commitment.milestones.all():
            milestone.title = milestone.note = make.LONG
            milestone.forecast = make.fuzzy("2028")
            milestone.save()


# All pages at one width and then at the other: the window is not changed for each.
@pytest.mark.parametrize(("name", "about", "person"), pages())
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_wide_and_narrow(visit, name, about, person, width):
    assert visit.look(person, sweep.address(name, about, visit.made), width) == []
