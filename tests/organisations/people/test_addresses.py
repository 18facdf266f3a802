"""What everybody gets at every address about people. An address without a row fails.

The organisation is the board; the member, the invitation and the request are of others than those
who ask. 302 is the sign-in page for `anon`, else "done".
"""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse

from organisations.models import Role
from organisations.people import urls
from organisations.people.actions.invitations import Draft, invite
from organisations.people.actions.requests import ask_to_join
from tests import factories
from tests.conftest import Bodies, Cast
from workforce_tracker import clock

PEOPLE = (
    "anonymous", "nobody", "viewer", "other_lead", "trust", "council", "lga", "member", "lead",
    "administrator", "platform",
)  # fmt: skip

EXPECTED = """
address                         anon nobody viewer other trust council lga member lead admin platf
people                           302   404   404   404   404   404   404   200   200   200   200
people_former                    302   404   404   404   404   404   404   403   200   200   200
people_invite                    302   404   404   404   404   404   404   403   200   200   200
people_invite_many               302   404   404   404   404   404   404   403   200   200   200
people_invite_many_send POST     302   404   404   404   404   404   404   403   302   302   302
people_invite_template           302   404   404   404   404   404   404   403   200   200   200
people_invitation_resend POST    302   404   404   404   404   404   404   403   302   302   302
people_invitation_revoke POST    302   404   404   404   404   404   404   403   302   302   302
join_request                     302   404   404   404   404   404   404   403   200   200   200
people_member                    302   404   404   404   404   404   404   403   200   200   200
people_member_end                302   404   404   404   404   404   404   403   200   200   200
people_member_switch_off         302   404   404   404   404   404   404   403   200   200   200
people_member_reset_factor POST  302   404   404   404   404   404   404   403   302   302   302
people_second_factor POST        302   404   404   404   404   404   404   403   403   302   302
join                             200   200   200   200   200   200   200   200   200   200   200
join_asked                       200   200   200   200   200   200   200   200   200   200   200
join_with_link                   404   404   404   404   404   404   404   404   404   404   404
invitation                       404   404   404   404   404   404   404   404   404   404   404
single_sign_on                   404   404   404   404   404   404   404   404   404   404   404
account                          302   200   200   200   200   200   200   200   200   200   200
invitation_accept POST           302   404   404   404   404   404   404   404   404   404   404
leave                            302   404   404   404   404   404   404   404   404   404   404
session_end POST                 302   404   404   404   404   404   404   404   404   404   404
join_request_withdraw POST       302   302   404   404   404   404   404   404   404   404   404
"""


def rows() -> list[tuple[str, bool, list[int]]]:
    """The table as (address, whether it is posted to, statuses)."""
    found = []
    for line in EXPECTED.strip().splitlines()[1:]:
        name, *rest = line.split()
        found.append((name, "POST" in rest, [int(word) for word in rest if word.isdigit()]))
    return found


@pytest.fixture
def arguments(cast: Cast, bodies: Bodies) -> dict[str, list]:
    """What each address is about."""
    cast.member = factories.person("Mel Member", (Role.CONTRIBUTOR, bodies.board))
    other = factories.person("Olu Other", (Role.VIEWER, bodies.board))
    now, code = clock.now(), bodies.board.code
    draft = Draft("Ines New", "ines@test.example", "viewer")
    (invitation,) = invite(by=cast.lead, organisation=bodies.board, drafts=[draft], now=now)
    request = ask_to_join(
        by=cast.nobody,
        email=cast.nobody.email,
        name="Nora",
        organisation=bodies.board,
        reason="Work",
        now=now,
    )
    membership = other.memberships.get()
    about = {
        "people_invitation": [code, invitation.pk],
        "people_member": [code, membership.pk],
        "people": [code],
        "join_request_withdraw": [request.pk],
        "join_request": [code, request.pk],
        "join_with_link": ["unknown"],
        "invitation_accept": [invitation.pk],
        "invitation": ["unknown"],
        "single_sign_on": ["unknown"],
        "leave": [membership.pk],
        "session_end": [1],
    }
    return {
        name: next((about[start] for start in about if name.startswith(start)), [])
        for name, *_ in rows()
    }


def test_every_address_has_a_row() -> None:
    found = set()
    for pattern in urls.urlpatterns:
        inner = [pattern] if isinstance(pattern, URLPattern) else pattern.url_patterns
        found |= {one.name for one in inner}
    assert found == {name for name, *_ in rows()}


@pytest.mark.parametrize(("name", "is_post", "expected"), rows(), ids=[row[0] for row in rows()])
def test_everybody_gets_what_the_table_says(
    name: str, is_post: bool, expected: list[int], cast: Cast, arguments: dict[str, list]
) -> None:
    address = reverse(name, args=arguments[name])
    got = []
    for person in PEOPLE:
        client = Client()
        if person != "anonymous":
            client.force_login(getattr(cast, person))
        # What one person does must not change what the next one meets.
        with transaction.atomic():
            answer = client.post(address) if is_post else client.get(address)
            transaction.set_rollback(True)
        got.append(answer.status_code)
        if person == "anonymous" and answer.status_code == 302:
            assert answer.url.startswith("/accounts/login/")
    assert got == expected
