"""How django-allauth is fitted to this product."""

from allauth.account.adapter import DefaultAccountAdapter
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

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a person comes in through an organisation."""
        return False
