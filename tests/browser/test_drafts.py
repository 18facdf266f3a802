"""A draft keeps itself while somebody types, and two colleagues do not lose each other's words."""

import pytest
from playwright.sync_api import expect

from commitments.models import UpdateDraft
from organisations.models import Role
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_draft_keeps_itself_and_a_colleague_is_told(browse, cast, bodies):
    promise = make.commitment(make.plan("WY"), bodies.trust, reference="WY-1", title="Passport")
    address = f"{promise.get_absolute_url()}update/"
    first = browse(cast.trust, address)
    first.get_by_label("How it is going").fill("Two of five places have signed.")
    first.get_by_label("Path to green").focus()  # leaving the box keeps it
    expect(first.locator("#draft")).to_contain_text("Draft kept")
    first.get_by_label("Path to green").press_sequentially("Cover from January")
    expect(first.locator("#draft input")).to_have_value("2")
    assert UpdateDraft.objects.get().boxes["path_to_green"] == ["Cover from January"]

    colleague = make.person("Tess Trust", (Role.CONTRIBUTOR, bodies.trust))
    second = browse(colleague, address)
    expect(second.get_by_label("How it is going")).to_have_value("Two of five places have signed.")
    second.get_by_label("How it is going").fill("Three of five.")
    second.get_by_label("Next steps").focus()
    expect(second.locator("#draft")).to_contain_text("Draft kept")

    # The browser is signed in as the colleague now; what the first page holds is of another person.
    draft = UpdateDraft.objects.get()
    assert draft.boxes["narrative"] == ["Three of five."]
    first.get_by_label("Next steps").fill("Meet in May")
    first.get_by_label("Path to green").focus()
    expect(first.get_by_role("button", name="Go on with mine")).to_be_visible()
    first.get_by_role("button", name="Go on with mine").click()
    expect(first.get_by_label("How it is going")).to_have_value("Two of five places have signed.")
    expect(first.locator("#draft")).to_contain_text("had written on")
    first.get_by_text("What Tess Trust had written").click()
    expect(first.get_by_text("Three of five.")).to_be_visible()
