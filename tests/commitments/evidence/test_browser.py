"""Evidence in a real browser: given by one organisation, verified by another."""

import pytest
from playwright.sync_api import expect

from commitments.models import Evidence
from tests import factories as make
from tests.commitments.evidence import files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_evidence_is_given_and_another_organisation_verifies_it(browse, cast, promise, context):
    step = make.milestone(promise, "Terms agreed with all partners")
    page = browse(cast.trust, promise.get_absolute_url())
    page.get_by_role("navigation", name="This commitment").get_by_role(
        "link", name="Evidence"
    ).click()
    page.get_by_role("link", name="Add evidence").first.click()
    minutes = {"name": "minutes.png", "mimeType": "image/png", "buffer": files.HTML}
    page.get_by_label("File", exact=False).first.set_input_files(minutes)
    page.get_by_role("button", name="Add evidence").click()
    expect(page.get_by_role("alert")).to_contain_text("This file is not a PNG picture")

    minutes = {"name": "minutes.pdf", "mimeType": "application/pdf", "buffer": files.PDF}
    page.get_by_label("What it is about").select_option(label=f"Milestone: {step.title}")
    page.get_by_label("File", exact=False).first.set_input_files(minutes)
    page.get_by_label("Title").fill("Minutes of May")
    page.get_by_role("button", name="Add evidence").click()
    row = page.get_by_role("row", name="Minutes of May")
    expect(row).to_contain_text("Terms agreed with all partners")
    expect(row).to_contain_text("Not scanned")
    expect(row.get_by_role("button", name="Verify")).to_have_count(0)
    with page.expect_download() as download:
        row.get_by_role("link", name="Minutes of May", exact=True).click()
    assert download.value.suggested_filename == "minutes.pdf"

    context.clear_cookies()
    page = browse(cast.council, "/")
    page.get_by_role("link", name="Minutes of May").click()
    row = page.get_by_role("row", name="Minutes of May")
    row.get_by_role("button", name="Verify for Leeds City Council").click()
    expect(page.get_by_role("row", name="Minutes of May")).to_contain_text(
        "Verified by another organisation"
    )
    assert Evidence.objects.get().verified_by == cast.council


def test_a_link_is_given_and_removed_with_the_keyboard_only(browse, cast, promise):
    page = browse(cast.trust, "/commitments/LTWP/LTWP-1/evidence/add/")

    def type_into(label: str, words: str) -> None:
        page.get_by_label(label).focus()
        page.keyboard.type(words)

    def press(role: str, name: str, key: str = "Enter") -> None:
        page.get_by_role(role, name=name).first.focus()
        page.keyboard.press(key)

    type_into("Or a link", "https://example.org/report")
    press("button", "Add evidence")
    expect(page.get_by_role("alert")).to_contain_text("Say what the link leads to")
    type_into("Title", "The report")
    press("radio", "What we say ourselves", "Space")
    press("button", "Add evidence")
    expect(page.get_by_role("row", name="The report")).to_contain_text("Self-declared")

    press("link", "Remove The report")
    type_into("Why it is removed", "It was withdrawn by its publisher")
    press("button", "Remove it")
    row = page.get_by_role("row", name="The report")
    expect(row).to_contain_text("It was withdrawn by its publisher")
    expect(row.get_by_role("link", name="The report", exact=True)).to_have_count(0)
