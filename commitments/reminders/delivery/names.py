"""The Message-ID of a message with reminders, made from theirs."""

import uuid
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from commitments.models import Reminder


def host() -> str:
    """The right-hand side of our Message-IDs."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def message_name(reminders: Iterable[Reminder]) -> str:
    """The Message-ID, without its brackets, that a message with these reminders always gets and no
    other ever: a repetition is recognised, and what has something new in it is not taken for one.
    """
    first, *others = sorted(reminders, key=lambda reminder: reminder.pk)
    name = first.message_id
    if others:
        name = uuid.uuid5(name, " ".join(str(reminder.message_id) for reminder in others))
    return f"{name}@{host()}"
