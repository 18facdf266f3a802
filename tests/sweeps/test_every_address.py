"""Every address of the product, as everybody of the cast, against the expected matrix.

An address that is added without a row in the matrix fails here.
"""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from organisations.people import urls as people
from tests.sweeps import matrix, world

ARGUMENTS = {
    "commitment": ("plan", "reference"),
    "commitment_history": ("plan", "reference"),
    "commitment_reminders": ("plan", "reference"),
    "commitment_change": ("plan", "reference"),
    "milestone_add": ("plan", "reference"),
    "milestone_change": ("plan", "reference", "milestone"),
    "milestone_complete": ("plan", "reference", "milestone"),
    "figure_add": ("plan", "reference", "measure"),
    "progress_add": ("plan", "reference"),
    "plan": ("code",),
    "round_add": ("code",),
    "saved_view_remove": ("view",),
    "upload": ("upload",),
    "upload_file": ("upload",),
    "upload_apply": ("upload",),
    "upload_discard": ("upload",),
}
FIXED = {
    "organisation": ["QWO"],
    "outbox_message": ["unknown"],
    "outbox_html": ["unknown"],
}


def names(patterns=None, within: str = "") -> set[str]:
    """The names of all addresses, whatever is included from where, but those of libraries (some of
    which have no name: they only redirect)."""
    found = set()
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            found.add(pattern.name or within)
        else:
            found |= names(pattern.url_patterns, within + str(pattern.pattern))
    return {name for name in found if not name.startswith((*matrix.LIBRARIES, "accounts/"))}


def names_of_people_s_pages() -> set[str]:
    """Swept in the same way beside their other tests (tests/organisations/people)."""
    return names(people.urlpatterns)


def test_every_address_has_a_row_in_the_matrix():
    swept = {name for name, *_ in matrix.rows()} | names_of_people_s_pages()
    assert names() == swept


@pytest.mark.parametrize(
    ("name", "which", "method", "expected"),
    matrix.rows(),
    ids=[f"{name}-{which}" for name, which, *_ in matrix.rows()],
)
def test_everybody_gets_what_the_matrix_says(
    name, which, method, expected, cast, bodies, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    made = world.build(cast, bodies)
    arguments = made.names(which)
    address = reverse(name, args=FIXED.get(name) or [arguments[a] for a in ARGUMENTS.get(name, ())])
    data = {"name": "A view", "organisation": bodies.board.pk, "next": "/", "accepted": "on"}
    got = {}
    for person in matrix.PEOPLE:
        client = Client()
        if person != "anonymous":
            client.force_login(getattr(cast, person))
        # What one person does must not change what the next one meets.
        with transaction.atomic():
            response = client.post(address, data) if method == "POST" else client.get(address)
            transaction.set_rollback(True)
        got[person] = response.status_code
        if person == "anonymous" and response.status_code == 302:
            assert response.url.startswith("/accounts/login/")
        if response.status_code == 404:
            assert str(made.internal.title) not in response.content.decode()
    assert got == expected
