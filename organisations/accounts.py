"""How django-allauth is fitted to this product."""

import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation; nobody can sign up by themselves."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": (
            "No account has this email address and password. Check both, or reset your password."
        ),
        "incorrect_password": "That is not your password. Try again, or reset it.",
        "enter_current_password": "Give the password you have now.",
        "too_many_login_attempts": (
            "There were too many tries. Wait five minutes, or reset your password."
        ),
        "rate_limited": "There were too many tries in a short time. Wait five minutes.",
    }

    def is_reauthentication_required(self, *, app: str | None = None) -> bool:
        """Whether one has to show again who one is: not within 15 minutes of signing in, so that
        setting up a second factor does not begin with the password just given."""
        request = context.request
        records = get_authentication_records(request, request.user)
        newest = max((record["at"] for record in records), default=0)
        if time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app))

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a person comes in through an organisation."""
        return False
