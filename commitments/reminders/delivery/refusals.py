"""Addresses that a mail server has refused for good: marked, left alone, told of once.

The mark is on the person and names the address, so a corrected address lifts it by itself; the next
planning then plans again what was withheld for it (commitments/sql/reminders/rearm.sql).
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from commitments.reminders.delivery.line import Line
from commitments.reminders.delivery.names import host
from commitments.reminders.delivery.troubles import AddressRefused, MailServerDown
from organisations.models import Role, User

logger = logging.getLogger(__name__)

# Names the messages of this room, so that a repetition has the Message-ID of the first.
NAMESPACE = uuid.UUID("5a1d5e0c-7a0e-4a4e-9d0b-6e8f3a1c2b47")
PATIENCE = timedelta(days=2)
TEMPLATE = "commitments/reminders/email/address_refused.txt"


def mark(person: User, reason: str, now: datetime) -> None:
    """Note that the address this person has now was refused for good, and why."""
    person.refused_email, person.refused_reason = person.email, reason[:300]
    person.refused_at, person.refused_told_at = now, None
    person.save(update_fields=["refused_email", "refused_reason", "refused_at", "refused_told_at"])


def lift(person: User) -> None:
    """Use the address again: somebody says that it works now."""
    person.refused_email = person.refused_reason = ""
    person.refused_at = person.refused_told_at = None
    person.save(update_fields=["refused_email", "refused_reason", "refused_at", "refused_told_at"])


def tell(line: Line, now: datetime) -> int:
    """Tell those who look after the people concerned, once each; returns how many messages went.

    A crash in between tells again under the same Message-ID. MailServerDown leaves it for later;
    so does it when none of several messages is taken, for as long as PATIENCE.
    """
    count = 0
    untold = User.objects.filter(refused_at__isnull=False, refused_told_at=None)
    for pk in untold.values_list("pk", flat=True):
        with transaction.atomic():
            person = untold.select_for_update(skip_locked=True).filter(pk=pk).first()
            if person is None:
                continue
            if person.is_refused and (others := keepers(person)):
                told = sum(_told(person, keeper, line, now) for keeper in others)
                if not told and not _is_over(person, others, now):
                    continue
                count += told
            person.refused_told_at = now
            person.save(update_fields=["refused_told_at"])
    return count


def keepers(person: User) -> list[User]:
    """Who looks after a person's account: the administrators of their organisations, or where there
    are none the platform's. Never the person."""
    others = User.objects.filter(is_active=True).exclude(pk=person.pk)
    bodies = person.memberships.filter(ended_at=None).values("organisation")
    administrators = others.filter(
        memberships__organisation__in=bodies,
        memberships__role=Role.ADMINISTRATOR,
        memberships__ended_at=None,
    ).distinct()
    return list(administrators) or list(others.filter(is_platform_administrator=True))


def _is_over(person: User, others: list[User], now: datetime) -> bool:
    """Whether trying once more is no use: nobody of them has an address that works, or it has been
    tried for long enough."""
    assert person.refused_at is not None
    return all(keeper.is_refused for keeper in others) or now - person.refused_at > PATIENCE


def _told(person: User, keeper: User, line: Line, now: datetime) -> bool:
    if keeper.is_refused:
        return False
    try:
        line.send(_message(person, keeper))
    except MailServerDown:
        raise
    except AddressRefused as error:
        mark(keeper, str(error), now)
        return False
    except Exception:
        logger.exception("Person %s was not told of a refused address", keeper.pk)
        return False
    return True


def _message(person: User, keeper: User) -> EmailMessage:
    name = uuid.uuid5(NAMESPACE, f"refused {person.pk} {person.refused_at} {keeper.pk}")
    link = settings.SITE_URL + reverse("undelivered")
    words = {"person": person, "keeper": keeper, "link": link}
    return EmailMessage(
        subject=" ".join(f"E-mail to {person} does not arrive".split()),
        body=render_to_string(TEMPLATE, words),
        to=[keeper.email],
        headers={"Message-ID": f"<{name}@{host()}>", "Auto-Submitted": "auto-generated"},
    )
