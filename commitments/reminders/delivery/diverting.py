"""For a copy that is only tried out: every message goes to one address, whoever it was for.

EMAIL_DIVERT_TO turns it on, for reminders and for all other mail; DIVERTED_BACKEND, which settings
work out, is how the messages go.
"""

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Hands diverted messages to the backend that would have sent them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(fail_silently=options.get("fail_silently", False))
        self.backend = get_connection(settings.DIVERTED_BACKEND, **options)

    def open(self) -> bool | None:
        """Connect as the real one does."""
        return self.backend.open()

    def close(self) -> None:
        """Hang up as the real one does."""
        self.backend.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send each to EMAIL_DIVERT_TO; its subject says whom it was for."""
        return self.backend.send_messages([divert(message) for message in email_messages]) or 0


def divert(message: EmailMessage) -> EmailMessage:
    """The message, changed so that it can reach nobody but EMAIL_DIVERT_TO."""
    # Without their names: those that are not in ASCII are encoded already, for nobody to read.
    meant = [parseaddr(recipient)[1] for recipient in message.recipients()]
    message.subject = f"[for {', '.join(meant)}] {message.subject}"
    message.to, message.cc, message.bcc = [settings.EMAIL_DIVERT_TO], [], []
    for name in list(message.extra_headers):
        if name.lower() in ("to", "cc", "bcc"):
            del message.extra_headers[name]
    return message
