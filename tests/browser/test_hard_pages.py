"""Pages that no sweep meets at their hardest: before signing in, and a list of hundreds."""

import pytest
from django.urls import reverse

from tests import factories as make
from tests.browser.window import WIDTHS, complaints, widen
from workforce_tracker import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_pages_before_signing_in_are_accessible(browse, name):
    page = browse(None, reverse(name))
    found = []
    for width in WIDTHS:
        widen(page, width)
        found += complaints(page)
    assert found == []


def test_a_list_of_hundreds_with_long_names_is_accessible(browse, cast, bodies):
    plan = make.plan("LONG", title=make.LONG)
    for number in range(60):
        commitment = make.commitment(
            plan, bodies.trust, bodies.council, title=f"{make.LONG} {number}"
        )
        make.milestone(commitment, make.LONG, baseline=clock.today())
    page = browse(cast.lead, "/commitments/?show=all")
    found = []
    for width in WIDTHS:
        widen(page, width)
        found += complaints(page)
    assert found == []
