"""Sessions, and how often one may try."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from organisations.people.queries import browser
from tests import factories
from tests.conftest import Cast
from tests.organisations.people.conftest import words


def sign_in(email: str, browser: str = "Firefox on Windows", **more) -> Client:
    client = Client(HTTP_USER_AGENT=browser, **more)
    data = {"login": email, "password": factories.PASSWORD}
    client.post("/accounts/login/", data)
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_sessions_are_listed_and_can_be_ended_one_by_one(cast: Cast) -> None:
    office, phone = sign_in(cast.lead.email), sign_in(cast.lead.email, "Safari on a phone")
    shown = words(office.get("/account/"))
    assert "Firefox on Windows" in shown and "Safari on a phone" in shown
    theirs = UserSession.objects.get(user_agent="Safari on a phone")
    office.post(f"/account/sessions/{theirs.pk}/end/")
    assert is_in(office) and not is_in(phone)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Version/18 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("curl/8", "curl/8"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_as_its_owner_would(user_agent: str, words: str) -> None:
    assert browser(user_agent) == words


def test_all_other_sessions_can_be_ended_at_once(cast: Cast) -> None:
    clients = [sign_in(cast.lead.email) for _ in range(3)]
    assert "Where you are signed in 3" in words(clients[0].get("/accounts/sessions/"))
    clients[0].post("/accounts/sessions/")
    assert [is_in(client) for client in clients] == [True, False, False]


def test_nobody_ends_the_session_of_somebody_else(cast: Cast) -> None:
    mine, theirs = sign_in(cast.other_lead.email), sign_in(cast.lead.email)
    foreign = UserSession.objects.get(user=cast.lead)
    assert mine.post(f"/account/sessions/{foreign.pk}/end/").status_code == 404
    assert is_in(theirs)


def test_a_changed_password_ends_the_other_sessions(cast: Cast, mailoutbox) -> None:
    here, elsewhere = sign_in(cast.lead.email), sign_in(cast.lead.email)
    fresh = "a long and different phrase"
    here.post(
        "/accounts/password/change/",
        {"oldpassword": factories.PASSWORD, "password1": fresh, "password2": fresh},
    )
    assert is_in(here) and not is_in(elsewhere)
    assert [m.subject for m in mailoutbox] == ["Your password was changed"]


def wrong(client: Client, email: str) -> str:
    return words(client.post("/accounts/login/", {"login": email, "password": "not this"}))


def test_an_account_is_limited_from_wherever_one_tries(cast: Cast) -> None:
    for number in range(10):
        wrong(Client(REMOTE_ADDR=f"10.0.0.{number}"), cast.lead.email)
    assert "too many tries" in wrong(Client(REMOTE_ADDR="10.9.9.9"), cast.lead.email)
    assert not is_in(sign_in(cast.lead.email))  # not even with the right password
    assert is_in(sign_in(cast.other_lead.email))  # others are not held up


def test_an_account_that_does_not_exist_is_limited_the_same(cast: Cast) -> None:
    said = []
    for email in (cast.lead.email, "nobody@test.example"):
        said.append([wrong(Client(), email).replace(email, "…") for _ in range(11)])
    assert said[0] == said[1]


def test_an_office_behind_one_address_is_not_locked_by_one_person(cast: Cast) -> None:
    office = {"REMOTE_ADDR": "192.0.2.1"}
    for _ in range(12):
        wrong(Client(**office), cast.lead.email)
    assert is_in(sign_in(cast.other_lead.email, **office))


@pytest.mark.parametrize("trusted", [0, 1])
def test_an_address_is_limited_too_and_a_made_up_one_does_not_count(
    cast: Cast, settings, trusted: int
) -> None:
    limits = {"login": "100/m/ip", "login_failed": "5/m/ip,10/5m/key"}
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | limits
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = trusted
    said = ""
    for number in range(7):
        # The last proxy adds who it saw; whatever stands before that anybody can write.
        chain = f"10.1.1.{number}" + (", 198.51.100.7" if trusted else "")
        said = wrong(Client(HTTP_X_FORWARDED_FOR=chain), f"person{number}@test.example")
    assert "too many tries" in said
