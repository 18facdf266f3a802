"""docs/people.md says what the rules say."""

import re

from django.conf import settings

from organisations.models import Role
from organisations.people.rules import GIVES


def test_the_page_lists_who_gives_which_role() -> None:
    page = (settings.BASE_DIR / "docs" / "people.md").read_text()
    rows = dict(re.findall(r"^\| ([a-z ]+) \| ([a-z, ]+) \|", page, re.MULTILINE))
    said = {who: roles.split(", ") for who, roles in rows.items() if who != "who"}
    table = {Role(role).label.lower(): given for role, given in GIVES.items()}
    table |= {"platform administrator": tuple(Role)}
    assert said == {who: [r.label.lower() for r in roles] for who, roles in table.items()}
