"""How django-allauth is fitted to this product."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation; nobody can sign up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a person comes in through an organisation."""
        return False
