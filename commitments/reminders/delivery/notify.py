"""GOV.UK Notify as a mail backend of Django: one template with a subject and a body.

Written to the published interface (POST /v2/notifications/email, a token signed with HS256). The
API key is "name-service-secret", the last two of them UUIDs. Notify sends text, so the HTML version
stays here; the Message-ID becomes its `reference`, by which a repetition can be found there.
"""

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from commitments.reminders.delivery.troubles import AddressRefused, MailServerDown

UUID_LENGTH = 36
PATH = "/v2/notifications/email"
# Answers about us and not about the message: who we are, and how much we have sent.
FOR_ALL = (401, 403, 429)


class NotifyError(Exception):
    """Notify did not take one message."""


class EmailBackend(BaseEmailBackend):
    """Sends each message to each of its recipients through Notify."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many messages Notify took. Raises AddressRefused, MailServerDown or NotifyError, or
        with `fail_silently` goes on."""
        count = 0
        for message in email_messages:
            try:
                for recipient in message.recipients():
                    self._post(message, parseaddr(recipient)[1])
            except (AddressRefused, MailServerDown, NotifyError):
                if not self.fail_silently:
                    raise
            else:
                count += 1
        return count

    def _post(self, message: EmailMessage, address: str) -> None:
        reference = str(message.extra_headers.get("Message-ID", "")).strip("<>")
        body = {
            "template_id": settings.NOTIFY_TEMPLATE_ID,
            "email_address": address,
            "personalisation": {"subject": message.subject, "body": message.body},
            **({"reference": reference} if reference else {}),
        }
        request = urllib.request.Request(
            settings.NOTIFY_URL.rstrip("/") + PATH,
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token(settings.NOTIFY_API_KEY)}",
                "Content-Type": "application/json",
            },
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=settings.EMAIL_TIMEOUT) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            raise _meaning(error.code, error.read()) from error
        except OSError as error:
            raise MailServerDown(f"GOV.UK Notify cannot be reached: {error}") from error


def token(key: str) -> str:
    """What proves who we are for the next half minute: a JSON Web Token (RFC 7519)."""
    secret, service = key[-UUID_LENGTH:], key[-2 * UUID_LENGTH - 1 : -UUID_LENGTH - 1]
    claims = {"iss": service, "iat": int(time.time())}
    signed = f"{_part({'typ': 'JWT', 'alg': 'HS256'})}.{_part(claims)}"
    seal = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_encoded(seal)}"


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _meaning(status: int, answer: bytes) -> Exception:
    """What an answer that is not a yes means."""
    try:
        errors: list[dict[str, Any]] = json.loads(answer).get("errors", [])
    except (ValueError, AttributeError):
        errors = []
    said = "; ".join(str(error.get("message", "")) for error in errors)
    words = f"GOV.UK Notify answered {status} {said}".strip()
    if status in FOR_ALL:
        return MailServerDown(words)
    if status == 400 and any(
        "email_address" in str(error.get("message", "")) and error.get("error") == "ValidationError"
        for error in errors
    ):
        return AddressRefused(words)
    return NotifyError(words)
