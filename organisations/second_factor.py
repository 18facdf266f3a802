"""Who needs a second factor to sign in, and what keeps those who have none from going on."""

import base64
import hashlib
from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.encoding import force_bytes

from organisations.models import Role, User
from organisations.permissions import memberships_of, roles_of
from workforce_tracker import clock

# What can be done without: setting one up, looking at one's own account, signing out.
OPEN_PAGES = frozenset({"healthz", "account", "session_end"})
OPEN_PARTS = ("account_", "mfa_", "usersessions_")

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def needs_second_factor(user: User) -> bool:
    """Whether a person's roles, or one of their organisations, ask for a second factor.

    Demonstration accounts are shared and never need one.
    """
    if user.is_demonstration:
        return False
    return user.is_platform_administrator or any(
        membership.role == Role.ADMINISTRATOR or membership.organisation.second_factor_required
        # Also by the bodies that theirs have become.
        for membership in (*memberships_of(user), *roles_of(user, clock.today()))
    )


def has_second_factor(user: User) -> bool:
    """Whether a person has an app or a key; recovery codes alone are none."""
    return is_mfa_enabled(user, FACTORS)


class SecondFactorMiddleware:
    """Sends whoever needs a second factor and has none to set one up, before anything else.

    Whoever has one was asked for it on signing in. Only where SECOND_FACTOR_REQUIRED is on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        """The page to set one up, or None to go on."""
        user = request.user
        if not settings.SECOND_FACTOR_REQUIRED or not isinstance(user, User):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN_PAGES or name.startswith(OPEN_PARTS) or not needs_second_factor(user):
            return None
        if has_second_factor(user) or _provider_asked_for_one(request):
            return None
        messages.warning(request, "Your role needs a second factor. Set one up to go on.")
        return redirect(reverse("mfa_index"))


def _provider_asked_for_one(request: HttpRequest) -> bool:
    """Whether this session came through a provider that is trusted to ask for a second factor."""
    return settings.OIDC_SECOND_FACTOR and any(
        record.get("method") == "socialaccount"
        for record in get_authentication_records(request, request.user)
    )


class SecondFactorAdapter(DefaultMFAAdapter):
    """django-allauth's second factors with our words, and with their secrets encrypted at rest."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": "Your account has a second factor, so its address stays as it is.",
        "cannot_delete_authenticator": "This second factor cannot be removed.",
        "cannot_generate_recovery_codes": "Set up an app or a passkey first.",
        "incorrect_code": "That code is not right, or too old. Give the one that is shown now.",
        "unverified_email": "Confirm all your email addresses first.",
    }

    def encrypt(self, text: str) -> str:
        """The secret of an app or of recovery codes, as it is stored."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Back again, with the secret key or one of its predecessors (SECRET_KEY_FALLBACKS)."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """What a new key is called unless its owner says otherwise."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What a browser says the passkey is for."""
        return super().get_public_key_credential_rp_entity() | {"name": settings.MFA_TOTP_ISSUER}


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(key)) for key in keys])


def _key(secret: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(
        hashlib.sha256(b"second factor:" + force_bytes(secret)).digest()
    )
