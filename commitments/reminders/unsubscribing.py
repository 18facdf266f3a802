"""The address that ends a person's reminders without signing in (RFC 8058).

It holds a signature, so it cannot be guessed or made for somebody else; it does not run out, since
old messages have to keep working.
"""

from django.core import signing
from django.urls import reverse

from organisations.models import User

SALT = "commitments.reminders.unsubscribe"


def address(person: User) -> str:
    """The address within the product that ends this person's reminders."""
    return reverse("reminders_unsubscribe", args=[signing.Signer(salt=SALT).sign(str(person.pk))])


def person_of(token: str) -> User | None:
    """Whose address this is; None when nobody made it or the person has gone."""
    try:
        key = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=key, is_active=True).first()
