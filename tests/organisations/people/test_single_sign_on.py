"""Signing in through an organisation's own provider, with a real provider on loopback."""

import html
import re
from collections.abc import Iterator

import pytest
import requests
from allauth.account.models import EmailAddress
from django.test import Client

from organisations.models import Invitation, Role, User
from tests import factories
from tests.conftest import Bodies, Cast
from tests.organisations.people import oidc_provider
from tests.organisations.people.conftest import address, words
from tests.organisations.people.oidc_provider import CLIENT, SECRET, Provider
from workforce_tracker.single_sign_on import single_sign_on

LOGIN = "/accounts/oidc/board/login/"


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    """A provider, configured as the environment would."""
    with oidc_provider.running() as running:
        settings.SOCIALACCOUNT_PROVIDERS = configured(running)
        yield running


def configured(provider: Provider, **more) -> dict:
    return single_sign_on(
        provider_id="board",
        name="Board sign-in",
        client_id=CLIENT,
        secret=SECRET,
        server_url=provider.address,
        **more,
    )


def through(client: Client):
    """Go to the provider and come back; the page where it ends."""
    return client.get(return_address(client), follow=True)


def return_address(client: Client) -> str:
    """Where the provider sends a browser that has signed in there."""
    start = client.post(LOGIN)
    (there,) = re.findall(r"url='([^']+)'", html.unescape(start.content.decode()), re.I)
    away = requests.get(there, allow_redirects=False, timeout=60)
    return re.sub(r"^https?://[^/]+", "", away.headers["Location"])


def who(client: Client) -> User | None:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


def test_the_button_is_there_only_with_a_provider(db, settings) -> None:
    assert "Sign in with" not in words(Client().get("/accounts/login/")).replace(
        "Sign in with a passkey", ""
    )
    with oidc_provider.running() as running:
        settings.SOCIALACCOUNT_PROVIDERS = configured(running)
        assert "Sign in with Board sign-in" in words(Client().get("/accounts/login/"))


def test_without_the_environment_there_is_no_provider() -> None:
    nothing = {"provider_id": "sso", "name": "x", "client_id": "", "secret": "", "server_url": ""}
    assert single_sign_on(**nothing) == {}


def test_an_existing_person_comes_in_by_a_checked_address(
    cast: Cast, provider: Provider, mailoutbox
) -> None:
    provider.person(cast.lead.email.upper())
    client = Client()
    through(client)
    assert who(client) == cast.lead
    assert cast.lead.has_usable_password()
    assert any("connected to your account" in message.subject for message in mailoutbox)
    # And again, even when the address at the provider has changed since.
    provider.claims = provider.claims | {"email": "renamed@test.example"}
    again = Client()
    through(again)
    assert who(again) == cast.lead


@pytest.mark.parametrize("verified", [False, None])
def test_an_address_that_the_provider_has_not_checked_opens_nothing(
    cast: Cast, provider: Provider, verified
) -> None:
    provider.person(cast.lead.email, verified=verified)
    client = Client()
    page = through(client)
    assert who(client) is None and "Accounts are by invitation" in words(page)
    assert not cast.lead.socialaccount_set.exists()


def test_addresses_of_domains_that_we_vouch_for_count_as_checked(
    cast: Cast, provider: Provider, settings
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = configured(provider, verified_domains=["test.example"])
    provider.person(cast.lead.email, verified=None)
    client = Client()
    through(client)
    assert who(client) == cast.lead
    provider.person("lena.lead@elsewhere.example", verified=None)
    stranger = Client()
    through(stranger)
    assert who(stranger) is None


def test_a_stranger_gets_no_account(cast: Cast, provider: Provider) -> None:
    before = User.objects.count()
    provider.person("stranger@test.example")
    client = Client()
    page = through(client)
    assert who(client) is None and "Accounts are by invitation" in words(page)
    assert User.objects.count() == before


def test_an_invited_person_comes_in_and_has_the_role(
    cast: Cast, bodies: Bodies, provider: Provider, signed_in, post
) -> None:
    draft = {"name": "Ines New", "email": "ines@test.example", "role": "contributor"}
    post(signed_in(cast.lead), address(bodies.board, "invite/"), **draft)
    provider.person("ines@test.example", verified=False)
    unchecked = Client()
    through(unchecked)
    assert who(unchecked) is None
    provider.person("Ines@test.example")
    client = Client()
    through(client)
    ines = who(client)
    assert ines and (ines.email, ines.name) == ("ines@test.example", "Ana Provider")
    assert not ines.has_usable_password()
    assert EmailAddress.objects.get(user=ines).verified
    membership = ines.memberships.get(ended_at=None)
    assert (membership.organisation, membership.role) == (bodies.board, Role.CONTRIBUTOR)
    assert Invitation.objects.get().accepted_by == ines


def test_an_invitation_taken_back_opens_nothing(
    cast: Cast, bodies: Bodies, provider: Provider, signed_in, post
) -> None:
    client = signed_in(cast.lead)
    draft = {"name": "Ines New", "email": "ines@test.example", "role": "contributor"}
    post(client, address(bodies.board, "invite/"), **draft)
    pk = Invitation.objects.get().pk
    post(client, address(bodies.board, f"invitations/{pk}/revoke/"))
    provider.person("ines@test.example")
    new = Client()
    through(new)
    assert who(new) is None and not User.objects.filter(email="ines@test.example").exists()


def test_an_account_that_is_switched_off_stays_out(cast: Cast, provider: Provider) -> None:
    User.objects.filter(pk=cast.lead.pk).update(is_active=False)
    provider.person(cast.lead.email)
    client = Client()
    through(client)
    assert who(client) is None


def test_a_state_that_we_did_not_give_is_refused(cast: Cast, provider: Provider) -> None:
    provider.person(cast.lead.email)
    back = return_address(Client())
    victim = Client()  # somebody else's browser opens my return address
    page = victim.get(back, follow=True)
    assert who(victim) is None and "Signing in did not work" in words(page)


def test_a_provider_that_cannot_be_reached_says_so(db, settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = configured(Provider("http://127.0.0.1:9"))
    answer = Client().post(LOGIN)
    assert answer.status_code == 503 and "Signing in did not work" in words(answer)


def test_stopping_at_the_provider_says_so(cast: Cast, provider: Provider) -> None:
    provider.refuses = True
    client = Client()
    assert "You did not sign in" in words(through(client))
    assert who(client) is None


def test_a_provider_that_asks_for_a_second_factor_itself_can_be_trusted_to(
    cast: Cast, provider: Provider, settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    provider.person(cast.administrator.email)
    client = Client()
    assert "Your second factor" in words(through(client))
    settings.OIDC_SECOND_FACTOR = True
    assert client.get("/people/join/").status_code == 200
    # The password is no way round it.
    other = Client()
    other.post(
        "/accounts/login/", {"login": cast.administrator.email, "password": factories.PASSWORD}
    )
    assert other.get("/people/join/").status_code == 302


def test_the_account_page_leads_to_the_connection_and_removes_it(
    cast: Cast, provider: Provider
) -> None:
    provider.person(cast.lead.email)
    client = Client()
    through(client)
    assert "Sign-in with Board sign-in" in words(client.get("/account/"))
    page = client.get("/accounts/3rdparty/")
    assert "Board sign-in" in words(page)
    account = cast.lead.socialaccount_set.get()
    client.post("/accounts/3rdparty/", {"account": account.pk})
    assert not cast.lead.socialaccount_set.exists()
