"""What is done about a message that was taken and then did not arrive.

Where there will never be mail at its address, it is as if the mail server had said so at once: the
address is marked (refusals.py) and the reminders in the message are kept back, to be planned again
when the address is mended. Anything else is noted at the reminders and changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from commitments.models import Reminder
from commitments.reminders.delivery import refusals
from commitments.reminders.delivery.names import message_name
from commitments.reminders.delivery.notices import Notice, Verdict
from organisations.models import User

# Mail servers try for five days as a rule.
REMEMBERED = timedelta(days=30)


class Taken(StrEnum):
    """What was done about a notice."""

    REFUSED = "the address is marked and left alone from now on"
    NOTED = "noted at its reminders"
    ARRIVED = "nothing to do, it arrived"
    UNKNOWN = "no reminder that was sent there, so it is left alone"


WORDS = {Verdict.LOST: "It did not arrive", Verdict.LATE: "It is late on its way"}


@transaction.atomic
def take(notice: Notice, now: datetime, *, vouched: bool = False) -> Taken:
    """Do what follows from a notice. Repeating it does no harm.

    Anybody can write a message that says that an address is wrong, so a notice counts only with the
    name of a reminder that was sent to the person who has this address now: the name cannot be
    guessed. `vouched`: whoever brought it has proved who they are, so that the address is enough.
    """
    people = User.objects.filter(_any_of(notice.addresses))
    for person in people:
        rows = _of_message(person, notice.name, now)
        if not rows and not vouched:
            continue
        if notice.verdict == Verdict.ARRIVED:
            return Taken.ARRIVED
        if notice.verdict == Verdict.REFUSED:
            return _refused(person, rows, notice.answer, now)
        noted = Reminder.objects.filter(pk__in=rows, state=Reminder.State.SENT).update(
            reason=f"{WORDS[notice.verdict]}: {notice.answer}"
        )
        return Taken.NOTED if noted else Taken.UNKNOWN
    return Taken.UNKNOWN


def _refused(person: User, rows: list[int], answer: str, now: datetime) -> Taken:
    reason = f"It came back: {answer}"
    Reminder.objects.filter(pk__in=rows, state=Reminder.State.SENT).update(
        state=Reminder.State.WITHHELD,
        cause=Reminder.Cause.ADDRESS,
        reason=reason,
        sent_at=None,
    )
    if not person.is_refused:  # those who look after the account are told once
        refusals.mark(person, reason, now)
    return Taken.REFUSED


def _any_of(addresses: Iterable[str]) -> Q:
    found = Q(pk=None)
    for address in addresses:
        found |= Q(email__iexact=address)
    return found


def _of_message(person: User, name: str, now: datetime) -> list[int]:
    """The keys of the reminders that this person was sent in the message with a name."""
    if not name:
        return []
    sent = Reminder.objects.filter(
        person=person, state=Reminder.State.SENT, sent_at__gte=now - REMEMBERED
    )
    messages: dict[datetime | None, list[Reminder]] = defaultdict(list)
    for row in sent.order_by("pk"):
        messages[row.sent_at].append(row)
    return [
        row.pk
        for rows in messages.values()
        if message_name(rows).lower() == name.lower()
        for row in rows
    ]
