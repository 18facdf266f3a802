"""Second factors: who needs one, what happens without, and signing in with one."""

import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client
from django.utils import timezone

from organisations.models import User
from tests import factories
from tests.conftest import Bodies, Cast
from tests.organisations.people.conftest import address, words

# A code is right for half a minute, so the clock stands still while a test types it.
pytestmark = pytest.mark.usefixtures("today")
SETUP = "/accounts/2fa/"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def required(settings) -> None:
    """As on a server of one's own; off in the embedded default."""
    settings.SECOND_FACTOR_REQUIRED = True


def code_of(secret: str, at: float | None = None) -> str:
    return format_hotp_value(hotp_value(secret, int(at or time.time()) // 30))


def give_app(user: User) -> None:
    TOTP.activate(user, SECRET)


def sign_in(client: Client, user: User):
    data = {"login": user.email, "password": factories.PASSWORD}
    return client.post("/accounts/login/", data)


@pytest.mark.parametrize("who", ["administrator", "platform"])
def test_who_needs_one_and_has_none_is_sent_to_set_one_up(
    required, cast: Cast, signed_in, who: str
) -> None:
    client = signed_in(getattr(cast, who))
    for page in ("/", "/people/join/", "/organisations/QWO/people/"):
        answer = client.get(page)
        assert answer.status_code == 302 and answer.url == SETUP
    assert client.post("/organisations/QWO/people/invite/", {}).status_code == 302
    shown = words(client.get(SETUP))
    assert "Your role needs a second factor" in shown and "Set up an app" in shown


def test_what_can_be_done_without_one(required, cast: Cast, signed_in) -> None:
    client = signed_in(cast.administrator)
    for page in ("/account/", "/accounts/password/change/", "/accounts/sessions/"):
        assert client.get(page).status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("who", ["lead", "trust", "council", "lga", "viewer", "nobody"])
def test_others_go_on_without(required, cast: Cast, signed_in, who: str) -> None:
    assert signed_in(getattr(cast, who)).get("/people/join/").status_code == 200


def test_it_is_asked_only_where_the_setting_says_so(cast: Cast, signed_in, settings) -> None:
    assert settings.SECOND_FACTOR_REQUIRED is False  # the embedded default
    assert signed_in(cast.administrator).get("/people/join/").status_code == 200


def test_demonstration_accounts_never_need_one(required, cast: Cast, signed_in) -> None:
    User.objects.filter(pk=cast.platform.pk).update(is_demonstration=True)
    cast.platform.refresh_from_db()
    assert signed_in(cast.platform).get("/people/join/").status_code == 200


def test_an_organisation_can_ask_everybody_for_one(
    required, cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    lead = signed_in(cast.lead)
    setting = address(bodies.board, "second-factor/")
    assert post(lead, setting, required="yes").status_code == 403  # a programme lead does not
    give_app(cast.administrator)
    administrator = signed_in(cast.administrator)
    post(administrator, setting, required="yes")
    assert lead.get("/people/join/").url == SETUP
    assert [m.to for m in mailoutbox if "second factor" in m.subject] == [[cast.lead.email]]
    assert "Everybody here needs a second factor" in words(administrator.get(address(bodies.board)))
    post(administrator, setting, required="no")
    assert lead.get("/people/join/").status_code == 200
    events = type(bodies.board).pgh_event_model.objects.filter(code="QWO").order_by("pgh_id")
    assert [event.second_factor_required for event in events] == [False, True, False]


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_gives_recovery_codes_and_opens_the_rest(
    required, cast: Cast, mailoutbox
) -> None:
    client = Client()
    sign_in(client, cast.administrator)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = client.session["mfa.totp.secret"]
    assert f'<strong id="secret">{secret}</strong>' in page
    assert 'src="data:image/svg+xml;base64,' in page
    wrong = words(client.post("/accounts/2fa/totp/activate/", {"code": "000000"}))
    assert "That code is not right, or too old" in wrong
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
    assert "Your recovery codes" in words(done) and "10 of 10 are left" in words(done)
    assert client.get("/people/join/").status_code == 200
    assert "Codes from an app are on" in {message.subject for message in mailoutbox}
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored  # encrypted at rest


def test_signing_in_asks_for_the_code_and_takes_each_once(required, cast: Cast) -> None:
    give_app(cast.administrator)
    client = Client()
    assert sign_in(client, cast.administrator).url == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session
    assert client.get("/account/").status_code == 302
    refused = client.post("/accounts/2fa/authenticate/", {"code": "123"})
    assert "That code is not right" in words(refused)
    code = code_of(SECRET)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.session["_auth_user_id"] == str(cast.administrator.pk)
    assert client.get("/people/join/").status_code == 200
    other = Client()
    sign_in(other, cast.administrator)
    other.post("/accounts/2fa/authenticate/", {"code": code})
    assert "_auth_user_id" not in other.session


def test_a_recovery_code_signs_in_once(required, cast: Cast) -> None:
    give_app(cast.administrator)
    code = RecoveryCodes.activate(cast.administrator).get_unused_codes()[0]
    for expected in (True, False):
        client = Client()
        sign_in(client, cast.administrator)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert ("_auth_user_id" in client.session) is expected


def test_guessing_codes_stops_after_ten(required, cast: Cast) -> None:
    give_app(cast.administrator)
    client = Client()
    sign_in(client, cast.administrator)
    for _ in range(10):
        client.post("/accounts/2fa/authenticate/", {"code": "1"})
    page = client.post("/accounts/2fa/authenticate/", {"code": code_of(SECRET)})
    assert "There were too many tries" in words(page)


def test_who_turns_theirs_off_is_sent_to_set_one_up_again(required, cast: Cast) -> None:
    give_app(cast.administrator)
    client = Client()
    sign_in(client, cast.administrator)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(SECRET)})
    assert "Turn off codes from an app?" in words(client.get("/accounts/2fa/totp/deactivate/"))
    client.post("/accounts/2fa/totp/deactivate/")
    assert client.get("/people/join/").url == SETUP


def test_recovery_codes_alone_are_no_second_factor(required, cast: Cast, signed_in) -> None:
    RecoveryCodes.activate(cast.administrator)
    assert signed_in(cast.administrator).get("/people/join/").url == SETUP


def test_a_lost_second_factor_is_removed_by_who_could_end_every_role(
    required, cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    give_app(cast.lead)
    RecoveryCodes.activate(cast.lead)
    give_app(cast.administrator)
    mine = cast.lead.memberships.get().pk
    post(signed_in(cast.administrator), address(bodies.board, f"{mine}/second-factor/"))
    assert not Authenticator.objects.filter(user=cast.lead).exists()
    event = User.pgh_event_model.objects.filter(pgh_obj=cast.lead).latest("pgh_id")
    assert event.second_factor_reset_at
    assert event.pgh_context.metadata["user"] == cast.administrator.pk
    assert mailoutbox[-1].to == [cast.lead.email]
    assert mailoutbox[-1].subject == "Your second factor was removed"
    client = Client()
    sign_in(client, cast.lead)
    assert client.session["_auth_user_id"] == str(cast.lead.pk)


def test_a_changed_secret_key_keeps_apps_working_while_the_old_one_is_known(
    cast: Cast, settings
) -> None:
    give_app(cast.lead)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert Authenticator.objects.get().wrap().validate_code(code_of(SECRET))


PAGES = [
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/sessions/",
    "/accounts/3rdparty/",
    "/account/",
    "/people/join/",
]


def test_what_guards_the_account_is_changed_only_by_who_has_lately_shown_who_they_are(
    cast: Cast,
) -> None:
    client = Client()
    sign_in(client, cast.lead)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        asked = client.get("/accounts/2fa/totp/activate/")
        assert asked.url.startswith("/accounts/reauthenticate/")
        client.post(asked.url, {"password": factories.PASSWORD})
        assert client.get("/accounts/2fa/totp/activate/").status_code == 200


@pytest.mark.parametrize("has_app", [True, False])
def test_every_page_stands_in_our_frame_and_words(cast: Cast, has_app: bool) -> None:
    client = Client()
    if has_app:
        give_app(cast.lead)
        RecoveryCodes.activate(cast.lead)
    sign_in(client, cast.lead)
    if has_app:
        client.post("/accounts/2fa/authenticate/", {"code": code_of(SECRET)})
    for page in PAGES:
        answer = client.get(page, follow=True)
        html = answer.content.decode()
        if answer.status_code == 404:  # no recovery codes without a factor
            assert not has_app
            continue
        assert html.count("<h1") == 1 and "Lena Lead" in html, page
        shown = words(answer).lower()
        for word in ("please", "invalid", "authenticator app activated", "two-factor"):
            assert word not in shown, (page, word)
