"""Plan what is owed, then hand it to the mail server person by person: claim, send, stamp.

Each person is a transaction of their own. A reminder is marked sent only once the mail server has
taken the message; a crash between the two sends it again, under the same Message-ID.
"""

import logging
import random
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from commitments.models import Reminder
from commitments.reminders import ledger, preferences
from commitments.reminders.claiming import TOGETHER, Ahead, Claim, waiting
from commitments.reminders.delivery import refusals
from commitments.reminders.delivery.line import Line
from commitments.reminders.delivery.troubles import (
    BACK_OFF,
    MAX_ATTEMPTS,
    AddressRefused,
    MailServerDown,
    explain,
)
from commitments.reminders.ladder import label
from commitments.reminders.messages import Digest
from organisations.writing import undone
from workforce_tracker.templatetags.words import plural

__all__ = ["MAX_ATTEMPTS", "Outcome", "run"]

logger = logging.getLogger(__name__)

# So many messages not taken one after the other, and it is the server: the next run goes on.
TROUBLE_LIMIT = 20
STAMP = """
UPDATE commitments_reminder
SET state = 'sent', sent_at = %s, cause = '', reason = '', next_try_at = NULL,
    attempts = attempts + 1
WHERE id = ANY(%s)
"""


@dataclass
class Outcome:
    """What a run did, counted in reminders; `messages` counts e-mails to the people reminded.

    `failed` are those not taken by the mail server in this run, given up or not. A dry run has
    `would_send`: who would get which message. `began` is when the run did, and `now()` goes on
    from there, so that waiting and stamps agree with the clock of whoever started it. `at_hours`:
    each person's message waits for the hour and day that they chose.
    """

    date: date
    dry_run: bool = False
    planned: int = 0
    sent: int = 0
    withheld: int = 0
    failed: int = 0
    messages: int = 0
    would_send: list[dict[str, Any]] = field(default_factory=list)
    began: datetime = field(default_factory=timezone.now)
    at_hours: bool = False
    started: float = field(default_factory=time.monotonic)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        names = ("planned", "sent", "withheld", "failed", "messages")
        counts = {"date": self.date.isoformat(), "dry_run": self.dry_run}
        counts |= {name: getattr(self, name) for name in names}
        return counts | ({"would_send": self.would_send} if self.dry_run else {})

    def now(self) -> datetime:
        """The moment it is in this run."""
        return self.began + timedelta(seconds=time.monotonic() - self.started)

    def ready(self) -> QuerySet[Reminder]:
        """The reminders that may be sent in this run."""
        if self.at_hours:
            return preferences.ready(self.began).ready(self.began)
        return Reminder.objects.unsettled(self.date).ready(self.began)


def run(
    today: date,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
    seconds: float | None = None,
    kinds: Collection[str] = Reminder.Kind.values,
) -> Outcome:
    """Send everything that is owed by `today`. Safe to repeat, and to run twice at once.

    A dry run works out the same and leaves nothing behind. With `now`, the moment it is, people get
    theirs at the hours that they chose; without it all of it goes at once, whatever the hour.
    `seconds` bounds the sending: what is left then waits for the next run. Of `kinds` alone it is
    worked out what is owed; what of others waits in the ledger goes as well.
    """
    outcome = Outcome(today, dry_run, began=now or timezone.now(), at_hours=now is not None)
    with undone() if dry_run else transaction.atomic():
        added = ledger.plan(today, kinds)
        outcome.planned, outcome.withheld = added.planned, added.withheld
        if dry_run:
            _foresee(outcome)
    if not dry_run:
        _deliver(outcome, seconds)
    return outcome


def _deliver(outcome: Outcome, seconds: float | None) -> None:
    people = waiting(outcome.ready())
    if people:
        # Several runs at once begin at different places, and so rarely ask for the same person.
        first = random.randrange(len(people))  # not for secrets
        people = people[first:] + people[:first]
    with Line() as line:
        try:
            _serve(people, line, outcome, seconds)
            refusals.tell(line, outcome.now())
        except MailServerDown as down:
            logger.error("Reminders wait: %s", down)
            _postpone(outcome, down)


def _serve(people: Sequence[int], line: Line, outcome: Outcome, seconds: float | None) -> None:
    """Person by person, until all are served, the time is over or nothing is taken any more."""
    troubles, ahead = 0, Ahead(outcome.date)
    for position, person_id in enumerate(people):
        if seconds is not None and time.monotonic() - outcome.started > seconds:
            logger.warning("Reminders wait: the time for one run is over")
            return
        try:
            ahead = _look_ahead(people[position : position + TOGETHER], ahead, outcome)
            if person_id not in ahead.rows:  # another run was there
                continue
            with transaction.atomic():
                taken = _send_to(person_id, ahead, line, outcome)
        except MailServerDown:
            raise
        except Exception as error:  # one person's fault never stops the others
            logger.exception("Reminders to person %s failed", person_id)
            planned = outcome.ready().filter(person=person_id, state=Reminder.State.PLANNED)
            outcome.failed += _fail(planned, error, outcome)
            taken = False
        if taken is not None:
            troubles = 0 if taken else troubles + 1
        if troubles == TROUBLE_LIMIT:
            logger.error("Reminders wait: %d messages in a row were not taken", troubles)
            return


def _look_ahead(people: Sequence[int], ahead: Ahead, outcome: Outcome) -> Ahead:
    """What the first of these people is to be told, and with it the others. One of them may spoil
    that for the rest, so then it is looked up person by person."""
    if ahead.covers(people[0]):
        return ahead
    try:
        return ahead.to(people, outcome.ready())
    except Exception:
        logger.exception("What is to be sent next cannot be looked up together")
        return ahead.to(people[:1], outcome.ready())


def _send_to(person_id: int, ahead: Ahead, line: Line, outcome: Outcome) -> bool | None:
    """Claim one person's reminders, send them as one message and stamp them.

    True when a message was taken, False when the mail server did not take it, None when there was
    nothing to hand over.
    """
    claim = Claim.of(
        ahead.rows[person_id], outcome.date, now=outcome.now(), midnight=_midnight(outcome)
    )
    if not claim.rows or _is_kept_back(claim, outcome):
        return None
    # Before anything is written: with nobody to talk to, nothing is an attempt.
    line.dial()
    found = ahead.digest(claim.rows)
    outcome.withheld += _withhold_unseen(found)
    for reminder, error in found.faulty:
        logger.error("Reminder %s cannot be put into words", reminder.pk, exc_info=error)
        outcome.failed += _fail([reminder], error, outcome)
    if not found.items:
        return None
    told = [item.reminder for item in found.items]
    try:
        line.send(found.message(line.server))
    except MailServerDown:
        raise
    except AddressRefused as refusal:
        logger.warning("The address of person %s was refused: %s", found.person.pk, refusal)
        refusals.mark(found.person, str(refusal), outcome.now())
        outcome.failed += _withhold_refused(told, str(refusal))
        return None
    except Exception as error:  # refusals for now, lost connections, templates
        logger.warning("Reminder message to person %s failed: %s", found.person.pk, error)
        outcome.failed += _fail(told, error, outcome)
        return False
    outcome.sent += _stamp(told, outcome)
    outcome.messages += 1
    return True


def _is_kept_back(claim: Claim, outcome: Outcome) -> bool:
    """Whether nothing may go to this person now: their address was refused, or they have had as
    many messages today as anybody gets. The reminders are marked so."""
    person = claim.rows[0].person
    if person.is_refused:
        outcome.withheld += _withhold_refused(claim.rows, person.refused_reason)
        return True
    limit = settings.REMINDERS_PER_PERSON_A_DAY
    if claim.messages_today < limit:
        return False
    _rows(claim.rows).filter(state=Reminder.State.PLANNED).update(
        next_try_at=_midnight(outcome) + timedelta(days=1),
        reason=f"They have had {plural(limit, 'message')} today, the most that anybody gets",
    )
    return True


def _midnight(outcome: Outcome) -> datetime:
    return timezone.localtime(outcome.began).replace(hour=0, minute=0, second=0, microsecond=0)


def _withhold_unseen(found: Digest) -> int:
    """Keep back what the person may not see; counts those that were not kept back before."""
    if not found.unseen:
        return 0
    cause = Reminder.Cause.ACCESS
    return (
        _rows(found.unseen)
        .filter(state=Reminder.State.PLANNED)
        .update(state=Reminder.State.WITHHELD, cause=cause, reason=cause.label)
    )


def _withhold_refused(reminders: list[Reminder], answer: str) -> int:
    """Keep back what cannot arrive; another address plans it again."""
    return _rows(reminders).update(
        state=Reminder.State.WITHHELD, cause=Reminder.Cause.ADDRESS, reason=answer
    )


def _stamp(reminders: list[Reminder], outcome: Outcome) -> int:
    # In SQL, as is what claims them: Django takes longer to write it than PostgreSQL to do it.
    with database.cursor() as cursor:
        cursor.execute(STAMP, [outcome.now(), [reminder.pk for reminder in reminders]])
        return cursor.rowcount


def _fail(reminders: Iterable[Reminder], error: Exception, outcome: Outcome) -> int:
    """Note an attempt that did not succeed, and when the next may be. The last of them gives the
    reminder up."""
    rows = list(reminders)
    for reminder in rows:
        reminder.attempts += 1
        given_up = reminder.attempts >= MAX_ATTEMPTS
        reminder.state = Reminder.State.FAILED if given_up else Reminder.State.PLANNED
        reminder.cause, reminder.reason = "", explain(error)
        wait = None if given_up else BACK_OFF[reminder.attempts - 1]
        reminder.next_try_at = outcome.now() + wait if wait else None
    Reminder.objects.bulk_update(rows, ["attempts", "state", "cause", "reason", "next_try_at"])
    return len(rows)


def _postpone(outcome: Outcome, down: MailServerDown) -> None:
    """Nobody's message was tried, so this is nobody's attempt: all of it waits for the next run.
    What another run holds at this moment is left to it."""
    planned = outcome.ready().filter(state=Reminder.State.PLANNED)
    with transaction.atomic():
        rows = planned.order_by("pk").select_for_update(skip_locked=True)
        keys = list(rows.values_list("pk", flat=True))
        Reminder.objects.filter(pk__in=keys).exclude(reason=str(down)).update(reason=str(down))
    outcome.failed += len(keys)


def _rows(reminders: Iterable[Reminder]) -> QuerySet[Reminder]:
    return Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders])


def _foresee(outcome: Outcome) -> None:
    """What a run would send now, from the ledger as it has just been planned."""
    people, ahead = waiting(outcome.ready()), Ahead(outcome.date)
    for position, person_id in enumerate(people):
        ahead = _look_ahead(people[position : position + TOGETHER], ahead, outcome)
        found = ahead.digest(ahead.rows[person_id])
        if found.person.is_refused:
            outcome.withheld += len(ahead.rows[person_id])
            continue
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
                "stage": label(item.reminder.stage),
                "due_on": item.reminder.due_on.isoformat(),
                "urgency": item.urgency,
                "url": item.url,
            }
            for item in found.items
        ],
    }
