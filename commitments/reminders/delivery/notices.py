"""What mail servers and GOV.UK Notify say later about a message that was taken, in one form.

Pure: reads delivery status notifications (RFC 3464) and Notify's receipts, and changes nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from typing import Any

from commitments.reminders.delivery.troubles import is_no_such_address


class Verdict(StrEnum):
    """What became of the message."""

    REFUSED = "refused"  # there will never be mail at this address
    LOST = "lost"  # this message did not arrive; the address may be good
    LATE = "late"  # still being tried
    ARRIVED = "arrived"


@dataclass(frozen=True)
class Notice:
    """What is said about one message to one address.

    `name` is the Message-ID that it was sent under, without brackets, or empty where nobody says
    so; `addresses`, in small letters, are all that it is known to have been sent to: as we wrote
    it, as the first server had it, and where it ended up.
    """

    name: str
    addresses: frozenset[str]
    verdict: Verdict
    answer: str


def read_report(data: bytes) -> list[Notice]:
    """The notices in a delivery status notification, one for each address; none in anything else
    (an answer by a person, an absence notice)."""
    parts = list(_parts(message_from_bytes(data)))
    returned = next(filter(None, map(_returned, parts)), Message())
    return [
        notice
        for part in parts
        if part.get_content_type() == "message/delivery-status" and part.is_multipart()
        # The first block is about the message, the others are about an address each.
        for block in part.get_payload()
        if isinstance(block, Message) and (notice := _notice(block, returned))
    ]


def read_receipt(receipt: dict[str, Any]) -> Notice:
    """GOV.UK Notify's delivery receipt for an e-mail. ValueError when it does not say which address
    or what became of it."""
    status, address = receipt.get("status"), receipt.get("to")
    if not isinstance(status, str) or not isinstance(address, str) or not address:
        raise ValueError("not a delivery receipt")
    verdicts = {
        "delivered": Verdict.ARRIVED,
        "permanent-failure": Verdict.REFUSED,
        "temporary-failure": Verdict.LOST,
        "technical-failure": Verdict.LOST,
    }
    return Notice(
        name=str(receipt.get("reference") or ""),
        addresses=frozenset([address.lower()]),
        verdict=verdicts.get(status, Verdict.LATE),
        answer=f"GOV.UK Notify reports {' '.join(status.split())[:60]}",
    )


def subject_of(data: bytes) -> str:
    """What a message that is no notification is called, for whoever has to look at it."""
    message = message_from_bytes(data)
    sender, subject = (" ".join(str(message[key] or "").split()) for key in ("From", "Subject"))
    return f"“{subject[:100] or 'without a subject'}” from {sender[:100] or 'nobody'}"


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a message, and not those of the messages within it."""
    yield message
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part)


def _returned(part: Message) -> Message | None:
    """The message that the report is about, where this part has it, or at least its headers."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        return inner if isinstance(inner, Message) else None
    if part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
        text = part.get_payload(decode=True)
        if isinstance(text, bytes):
            return message_from_string(text.decode(errors="replace"))
    return None


def _notice(block: Message, returned: Message) -> Notice | None:
    """What one block says; None for the block about the message as a whole."""
    named = {_address(block[key]) for key in ("Final-Recipient", "Original-Recipient")} - {""}
    action = str(block["Action"] or "").strip().lower()
    if not named or not action:
        return None
    to = getaddresses([str(value) for value in returned.get_all("To", [])])
    status = str(block["Status"] or "").strip()
    answer = _after_type(block["Diagnostic-Code"]) or f"status {status or 'unknown'}"
    return Notice(
        name=str(returned["Message-ID"] or "").strip().strip("<>"),
        addresses=frozenset(named | {address.lower() for _, address in to if address}),
        verdict=_verdict(action, status, answer),
        answer=answer[:250],
    )


def _verdict(action: str, status: str, answer: str) -> Verdict:
    if action == "failed":
        return Verdict.REFUSED if is_no_such_address(status, answer) else Verdict.LOST
    return Verdict.LATE if action == "delayed" else Verdict.ARRIVED


def _after_type(value: object) -> str:
    """A field of the form "type; value", without the type and on one line."""
    kind, _, rest = " ".join(str(value or "").split()).partition(";")
    return (rest or kind).strip()


def _address(value: object) -> str:
    return re.sub(r"[<>\s]", "", _after_type(value)).lower()
