"""The discussion in a real browser, with the keyboard only."""

import re

import pytest
from playwright.sync_api import expect

from commitments.models import Comment
from tests import factories as make
from tests.browser.window import settled

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def promise(bodies):
    return make.commitment(
        make.plan("LTWP", owner=bodies.board), bodies.trust, bodies.council, reference="LTWP-1",
        title="One bank",
    )  # fmt: skip


def test_name_somebody_with_the_keyboard_and_have_it_resolved(browse, cast, promise, context):
    page = browse(cast.trust, promise.get_absolute_url())
    tabs = page.get_by_role("navigation", name="This commitment")
    tabs.get_by_role("link", name="Discussion").focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Your comment")
    expect(box).to_be_visible()
    settled(page)  # what is typed before names are offered is offered none
    box.focus()
    page.keyboard.type("Who signs? @cor")
    offer = page.get_by_role("button", name=re.compile("Cora Council.*Leeds City Council"))
    expect(offer).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(offer).to_be_focused()
    page.keyboard.press("Enter")
    expect(box).to_have_value("Who signs? @Cora Council ")
    expect(box).to_be_focused()
    expect(offer).to_have_count(0)
    page.keyboard.type("by Friday?")
    page.get_by_role("button", name="Add comment").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_contain_text("Who signs? @Cora Council by Friday?")

    context.clear_cookies()
    page = browse(cast.council, "/")
    expect(page.get_by_role("heading", name="Said to you")).to_be_visible()
    page.get_by_role("link", name="Who signs?").click()
    page.get_by_role("link", name="Answer").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Your comment").focus()
    page.keyboard.type("Our chief officer does.")
    page.get_by_role("button", name="Add answer").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_contain_text("Our chief officer does.")
    page.get_by_role("button", name="Resolve").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Resolved: Who signs?")).to_be_visible()
    assert Comment.objects.get(answers=None).resolved_by == cast.council
    page.goto(page.url.split("/commitments")[0] + "/")
    expect(page.get_by_role("heading", name="Said to you")).to_have_count(0)


def test_a_name_that_cannot_be_used_loses_nothing_typed(browse, cast, promise):
    page = browse(cast.trust, "/commitments/LTWP/LTWP-1/discussion/")
    box = page.get_by_label("Your comment")
    box.fill("Ask @Nobody Such about it")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("alert")).to_contain_text("“@Nobody Such” is nobody who can be named")
    expect(box).to_have_value("Ask @Nobody Such about it")
    settled(page)
    box.press("Control+End")
    page.keyboard.type(" @Lena")
    expect(page.get_by_role("button", name="Lena Lead")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Lena Lead")).to_have_count(0)
    expect(box).to_be_focused()
