"""In a real browser: from an invitation to a sign-in with a code, and passkeys."""

import re
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from organisations.models import User
from tests import factories
from tests.conftest import Bodies, Cast
from tests.organisations.people import oidc_provider
from tests.organisations.people.conftest import links
from tests.organisations.people.test_second_factor import code_of
from tests.organisations.people.test_single_sign_on import configured

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHRASE = "a long and different phrase"


@pytest.fixture(autouse=True)
def required(settings) -> None:
    """As on a server of one's own, but a code stays right while a slow machine types it."""
    settings.SECOND_FACTOR_REQUIRED = True
    settings.MFA_TOTP_TOLERANCE = 2


@pytest.fixture
def refusals(page: Page) -> Iterator[list[str]]:
    """What the content policy refused, or a script broke on: nothing, by the end of each test."""
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


@pytest.fixture
def authenticator(page: Page) -> Iterator[None]:
    """A virtual key in the browser, with a finger on it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield
    session.send("WebAuthn.disable")


def sign_in(page: Page, server: str, email: str, password: str = factories.PASSWORD) -> None:
    page.goto(f"{server}/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Password", exact=True)).to_have_count(0)


def sign_out(page: Page) -> None:
    button = page.get_by_role("button", name="Sign out").first
    button.click()
    expect(button).to_have_count(0)


def test_from_an_invitation_to_a_sign_in_with_a_code(
    live_server, page: Page, cast: Cast, bodies: Bodies, mailoutbox, refusals
) -> None:
    server = live_server.url
    Authenticator.objects.create(user=cast.administrator, type="totp", data={})
    lead_role = cast.lead.memberships.get()
    lead_role.role = "administrator"
    lead_role.save()
    User.objects.filter(pk=cast.lead.pk).update(is_demonstration=True)  # signs in without a code

    sign_in(page, server, cast.lead.email)
    page.goto(f"{server}/organisations/QWO/people/")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Name").fill("Ines New")
    page.get_by_label("Email address").fill("ines@test.example")
    page.get_by_label(re.compile("^Administrator")).check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("An invitation is on its way to ines@test.example.")).to_be_visible()
    sign_out(page)

    page.goto(server + links(mailoutbox[-1].body)[0])
    page.get_by_label("Password", exact=True).fill(PHRASE)
    page.get_by_label("The same password again").fill(PHRASE)
    page.get_by_role("button", name="Accept and make the account").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Email").fill("ines@test.example")
    page.get_by_label("Password", exact=True).fill(PHRASE)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()

    page.get_by_role("link", name="Set up an app").click()
    picture = page.get_by_role("img", name=re.compile("^A square code"))
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth > 0")
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("link", name="Ines New").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    sign_out(page)

    sign_in(page, server, "ines@test.example", PHRASE)
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Code")).to_have_count(0)
    page.goto(f"{server}/account/")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_alone(
    live_server, page: Page, cast: Cast, authenticator, refusals
) -> None:
    server = live_server.url
    sign_in(page, server, cast.administrator.email)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What to call it").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.goto(f"{server}/accounts/2fa/webauthn/")
    expect(page.get_by_text("Work laptop").first).to_be_visible()
    expect(page.get_by_text("signs you in alone")).to_be_visible()
    sign_out(page)

    page.goto(f"{server}/accounts/login/?next=/account/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_text("You have one, with 1 passkey.")).to_be_visible()


def test_a_security_key_is_the_second_factor_after_the_password(
    live_server, page: Page, cast: Cast, authenticator, refusals
) -> None:
    server = live_server.url
    sign_in(page, server, cast.administrator.email)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Sign in with it alone").uncheck()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    sign_out(page)

    sign_in(page, server, cast.administrator.email)
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("heading", name="Your second factor")).not_to_be_visible()
    page.goto(f"{server}/account/")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_a_passkey_that_nobody_knows_says_what_to_do(
    live_server, page: Page, db, authenticator
) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("That did not work, or it was stopped.")).to_be_visible()


def test_single_sign_on_passes_the_content_policy(
    live_server, page: Page, cast: Cast, settings, refusals
) -> None:
    with oidc_provider.running() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = configured(provider)
        provider.person(cast.lead.email)
        page.goto(f"{live_server.url}/accounts/login/?next=/account/")
        page.get_by_role("button", name="Sign in with Board sign-in").click()
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
