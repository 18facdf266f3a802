"""Signing in through an organisation's own provider: who comes in, and who does not."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest

from organisations.models import Invitation, User
from organisations.people.actions.invitations import accept_all
from workforce_tracker import clock


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Lets in the people who exist, and those who have been invited, by a checked e-mail address.

    Nobody else gets an account: that a provider knows somebody says nothing about what they may do
    here. An address that the provider has not checked counts for nothing.
    """

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": "Set a password first: without one you could not sign in any more.",
        "no_verified_email": "Confirm your email address first.",
        "connected_other": "That sign-in belongs to another account.",
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whether a person without an account may come in: with an open invitation only."""
        email = _checked_address(sociallogin)
        return bool(email) and _invitations(email).exists()

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """The account that would be made: its address and name as the provider gives them."""
        user = sociallogin.user
        user.email = (data.get("email") or "").lower()
        user.name = (data.get("name") or "")[: User._meta.get_field("name").max_length]
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Make the account, and accept the invitations that opened the door to it."""
        email = _checked_address(sociallogin)
        if not sociallogin.user.name and (invitation := _invitations(email).first()):
            sociallogin.user.name = invitation.name
        user: User = super().save_user(request, sociallogin, form)
        accept_all(by=user, email=email, now=clock.now())
        return user


def provider_name() -> str:
    """What the provider is called on a button; "" when there is none."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return apps[0]["name"] if apps else ""


def _checked_address(sociallogin: SocialLogin) -> str:
    """The address the provider vouches for, or ""."""
    return next((a.email.lower() for a in sociallogin.email_addresses if a.verified), "")


def _invitations(email: str) -> Any:
    return Invitation.objects.open_at(clock.now()).filter(email__iexact=email)
