"""The public pages as somebody meets them who has no account: wide, on a phone, and by axe."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.window import settled, widen
from tests.conftest import TODAY

PAGES = ("/plans/", "/plans/LTWP/", "/commitments/LTWP/LTWP-2/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_public_pages_are_accessible_and_fit_a_phone(bodies, cast, browse):
    plan = make.plan("LTWP", title="A long term workforce plan", publisher="NHS England")
    promise = make.commitment(
        plan, bodies.trust, bodies.council, reference="LTWP-2", target="2031/32",
        title="15,000 medical school places a year", pillar=make.pillar(plan),
    )  # fmt: skip
    make.milestone(promise, "Regional plan agreed", "30/09/2026", "09/11/2026")
    measure = make.measure(promise, 15000, name="Places", unit="places", baseline_value=7500)
    make.figure(measure, 8000, TODAY)
    make.update(promise, cast.trust, bodies.trust)
    page = browse(None, "/plans/")
    for width in (1280, 390):
        widen(page, width)
        for path in PAGES:
            page.goto(page.url.split("/plans")[0].split("/commitments")[0] + path)
            settled(page)
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert page.evaluate(fits), (path, width)
    page.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(re.compile("next=%2Fcommitments%2FLTWP%2FLTWP-2%2F"))
