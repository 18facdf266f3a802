"""Plan what is owed, then hand it to the mail server person by person: claim, send, stamp.

Each person is a transaction of their own. A reminder is marked sent only once the mail server has
taken the message; a crash between the two sends it again, under the same Message-ID.
"""

import logging
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from commitments.models import Reminder
from commitments.reminders import ledger
from commitments.reminders.ladder import LABELS
from commitments.reminders.messages import Digest, digest
from organisations.models import User

logger = logging.getLogger(__name__)

# After so many runs in which a message was refused, a person has to look at it.
MAX_ATTEMPTS = 5


@dataclass
class Outcome:
    """What a run did, counted in reminders; `messages` counts e-mails.

    `failed` are those not taken by the mail server in this run, given up or not. A dry run has
    `would_send`: who would get which message.
    """

    date: date
    dry_run: bool = False
    planned: int = 0
    sent: int = 0
    withheld: int = 0
    failed: int = 0
    messages: int = 0
    would_send: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        names = ("planned", "sent", "withheld", "failed", "messages")
        counts = {"date": self.date.isoformat(), "dry_run": self.dry_run}
        counts |= {name: getattr(self, name) for name in names}
        return counts | ({"would_send": self.would_send} if self.dry_run else {})


class MailServerDown(Exception):
    """No connection to the mail server: nobody else's message need be tried now."""


def run(today: date, *, dry_run: bool = False) -> Outcome:
    """Send everything that is owed by `today`. Safe to repeat, and to run twice at once.

    A dry run works out the same and leaves nothing behind.
    """
    outcome = Outcome(today, dry_run)
    with transaction.atomic():
        added = ledger.plan(today)
        outcome.planned, outcome.withheld = added.planned, added.withheld
        if dry_run:
            _foresee(outcome)
            transaction.set_rollback(True)
    if not dry_run:
        _deliver(outcome)
    return outcome


def _waiting(today: date) -> list[int]:
    """People for whom something waits."""
    rows = Reminder.objects.unsettled(today).order_by("person_id")
    return list(rows.values_list("person_id", flat=True).distinct())


def _deliver(outcome: Outcome) -> None:
    server = get_connection()
    try:
        for person_id in _waiting(outcome.date):
            try:
                with transaction.atomic():
                    _send_to(person_id, server, outcome)
            except MailServerDown as down:
                logger.error("Reminders wait: %s", down)
                _postpone(outcome, down)
                break
            except Exception as error:  # one person's fault never stops the others
                logger.exception("Reminders to person %s failed", person_id)
                planned = Reminder.objects.unsettled(outcome.date).exclude(cause="access")
                outcome.failed += _fail(planned.filter(person=person_id), error)
    finally:
        _hang_up(server)


def _send_to(person_id: int, server: BaseEmailBackend, outcome: Outcome) -> None:
    """Claim one person's reminders, send them as one message and stamp them."""
    claimed = _claim(person_id, outcome.date)
    if not claimed:
        return
    _dial(server)
    found = digest(User.objects.get(pk=person_id), claimed, outcome.date)
    outcome.withheld += _withhold_unseen(found)
    for reminder, error in found.faulty:
        logger.error("Reminder %s cannot be put into words", reminder.pk, exc_info=error)
        outcome.failed += _fail([reminder], error)
    if not found.items:
        return
    told = [item.reminder for item in found.items]
    try:
        # Whatever happens in here, the transaction outside still notes it.
        with transaction.atomic():
            if not found.message(server).send():
                raise smtplib.SMTPException("The mail server did not take the message.")
    except Exception as error:  # bad addresses, refusals, lost connections, templates
        logger.warning("Reminder message to person %s failed: %s", person_id, error)
        outcome.failed += _fail(told, error)
        _hang_up(server)
    else:
        outcome.sent += _stamp(told)
        outcome.messages += 1


def _claim(person_id: int, today: date) -> list[Reminder]:
    """A person's waiting reminders, locked until the transaction ends; none if another run has
    them. The person is claimed first, so that two runs cannot halve one message."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('reminders.send', %s))", [person_id]
        )
        if not cursor.fetchone()[0]:
            return []
    rows = Reminder.objects.unsettled(today).filter(person=person_id).order_by("pk")
    return list(rows.select_for_update(skip_locked=True, of=("self",)).select_related("through"))


def _withhold_unseen(found: Digest) -> int:
    """Keep back what the person may not see; counts those that were not kept back before."""
    rows = Reminder.objects.filter(
        pk__in=[reminder.pk for reminder in found.unseen], state=Reminder.State.PLANNED
    )
    cause = Reminder.Cause.ACCESS
    return rows.update(state=Reminder.State.WITHHELD, cause=cause, reason=cause.label)


def _stamp(reminders: list[Reminder]) -> int:
    return Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(
        state=Reminder.State.SENT,
        sent_at=timezone.now(),
        cause="",
        reason="",
        attempts=F("attempts") + 1,
    )


def _fail(reminders: Iterable[Reminder], error: Exception) -> int:
    """Note an attempt that did not succeed. The last of them gives the reminder up."""
    rows = Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders])
    count = rows.update(
        state=Reminder.State.PLANNED, cause="", reason=explain(error), attempts=F("attempts") + 1
    )
    rows.filter(attempts__gte=MAX_ATTEMPTS).update(state=Reminder.State.FAILED)
    return count


def _postpone(outcome: Outcome, down: MailServerDown) -> None:
    """Nobody's message was tried, so this is nobody's attempt: all of it waits for the next run."""
    planned = Reminder.objects.unsettled(outcome.date).filter(state=Reminder.State.PLANNED)
    outcome.failed += planned.update(reason=str(down)[:300])


def _dial(server: BaseEmailBackend) -> None:
    """Connect, unless that has been done."""
    try:
        server.open()
    except OSError as error:
        raise MailServerDown(f"The mail server cannot be reached: {explain(error)}") from error


def _hang_up(server: BaseEmailBackend) -> None:
    """Leave nothing half said on the connection; the next message opens another."""
    try:
        server.close()
    except OSError:
        logger.info("The mail server had already closed the connection")


def explain(error: Exception) -> str:
    """An error in one line, short enough to keep."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = [f"{code} {_text(words)}" for code, words in error.recipients.values()]
        text = f"The mail server refused the address: {'; '.join(answers)}"
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"The mail server answered {error.smtp_code} {_text(error.smtp_error)}"
    else:
        text = f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:300]


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words


def _foresee(outcome: Outcome) -> None:
    """What a run would send now, from the ledger as it has just been planned."""
    for person_id in _waiting(outcome.date):
        rows = Reminder.objects.unsettled(outcome.date).filter(person=person_id)
        person = User.objects.get(pk=person_id)
        found = digest(person, rows.select_related("through").order_by("pk"), outcome.date)
        outcome.withheld += sum(r.state == Reminder.State.PLANNED for r in found.unseen)
        outcome.failed += len(found.faulty)
        if found.items:
            outcome.would_send.append(_foreseen(found))


def _foreseen(found: Digest) -> dict[str, Any]:
    return {
        "to": found.person.email,
        "subject": found.heading,
        "milestones": [
            {
                "title": item.title,
                "commitment": item.commitment,
                "stage": LABELS[item.reminder.stage],
                "due_on": item.reminder.due_on.isoformat(),
                "urgency": item.urgency,
                "url": item.url,
            }
            for item in found.items
        ],
    }
