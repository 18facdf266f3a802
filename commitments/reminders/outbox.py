"""Mail that stays on the machine: the embedded default keeps each message as a file.

A message is one `.eml` file in `settings.OUTBOX_DIR`, named so that names sort by time. Nothing is
ever half there: a file appears under its name once it is whole.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage as ParsedMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class EmailBackend(BaseEmailBackend):
    """Django's way of sending, into the folder."""

    def open(self) -> bool:
        """Make the folder; only its owner may look into it."""
        Path(settings.OUTBOX_DIR).mkdir(parents=True, exist_ok=True, mode=0o700)
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep each message that is for anybody; returns how many that were."""
        addressed = [message for message in email_messages if message.recipients()]
        if addressed:
            self.open()
        for message in addressed:
            name = f"{timezone.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
            unfinished = Path(settings.OUTBOX_DIR) / f"{name}.part"
            unfinished.write_bytes(message.message().as_bytes())
            os.replace(unfinished, unfinished.with_suffix(".eml"))
        return len(addressed)


@dataclass(frozen=True)
class Kept:
    """A message as the outbox shows it. `html` is the part as it was sent, to be shown only where
    nothing in it can run."""

    name: str
    to: str
    subject: str
    at: datetime | None
    text: str
    html: str


def names() -> list[str]:
    """The names of all messages, the newest first."""
    folder = Path(settings.OUTBOX_DIR)
    return sorted((path.stem for path in folder.glob("*.eml")), reverse=True)


def read(name: str) -> Kept | None:
    """The message of that name; None when there is none. Never raises for odd content."""
    path = Path(settings.OUTBOX_DIR) / f"{name}.eml"
    try:
        message = message_from_bytes(path.read_bytes(), policy=default)
    except FileNotFoundError:
        return None
    return Kept(
        name=name,
        to=str(message.get("To", "")),
        subject=str(message.get("Subject", "")) or "No subject",
        at=_sent_at(message),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _sent_at(message: ParsedMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return None
    # Mail in UTC that does not say where it was written ("-0000") is read without a zone.
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _part(message: ParsedMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
