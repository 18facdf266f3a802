"""What it means when a message is not taken: for this address, for this message, or for all.

Pure: sorts what SMTP (RFC 5321, with the status codes of RFC 3463) and GOV.UK Notify answer.
"""

import re
import smtplib
from datetime import timedelta

# How long to leave a reminder alone after each try that did not succeed. One more, and a person has
# to look at it.
BACK_OFF = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3), timedelta(hours=12))
MAX_ATTEMPTS = len(BACK_OFF) + 1

# "No such mailbox", "not here" and "that is no mailbox". A full mailbox (552) empties again.
NO_SUCH_ADDRESS = {550, 551, 553}
# Answers about us and not about one message.
FOR_ALL = (
    smtplib.SMTPSenderRefused,
    smtplib.SMTPConnectError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPHeloError,
)
POLICY = b"5.7."  # the server's rules about us, which say nothing about the address
# The same in status codes: no such mailbox, host or form of address, moved, takes no mail, switched
# off, no way to the host.
NO_SUCH_STATUS = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}
# What is wrong is the sender, a full mailbox or the size: nothing about the address.
OTHER_STATUS = {"5.1.7", "5.1.8", "5.2.2", "5.2.3", "5.3.4"}


class MailServerDown(Exception):
    """The server serves nobody now: nobody else's message need be tried, and none was."""


class AddressRefused(Exception):
    """There will never be mail at this address."""


def understand(error: Exception) -> Exception:
    """The same trouble as MailServerDown or AddressRefused where it is one of them, else itself."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = [(code, _bytes(words)) for code, words in error.recipients.values()]
        if all(code in NO_SUCH_ADDRESS and POLICY not in words for code, words in answers):
            return AddressRefused(explain(error))
    elif isinstance(error, FOR_ALL):
        return MailServerDown(explain(error))
    return error


def is_no_such_address(status: str, answer: str) -> bool:
    """Whether a message that came back means that there will never be mail at its address: the
    status (RFC 3463) that is given, and the answer of the mail server with its own."""
    codes = set(re.findall(r"\b5\.\d{1,3}\.\d{1,3}\b", f"{status} {answer}"))
    if not status.startswith("5") or codes & OTHER_STATUS:
        return False
    if any(code.startswith(POLICY.decode()) for code in codes):
        return False
    said = re.match(r"\d{3}\b", answer)
    return bool(codes & NO_SUCH_STATUS) or bool(said and int(said[0]) in NO_SUCH_ADDRESS)


def explain(error: Exception) -> str:
    """An error in one line, short enough to keep."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = [f"{code} {_text(words)}" for code, words in error.recipients.values()]
        text = f"The mail server refused the address: {'; '.join(answers)}"
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"The mail server answered {error.smtp_code} {_text(error.smtp_error)}"
    elif isinstance(error, MailServerDown | AddressRefused):
        text = str(error)
    else:
        text = f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:300]


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
