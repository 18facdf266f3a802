"""When a person's message may go: their hour, their days, and what cannot wait for either."""

from datetime import datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q

from commitments.dates import is_working_day
from commitments.models import Reminder, ReminderChoices
from commitments.models.reminder import ReminderQuerySet
from commitments.models.reminding import DEFAULT_HOUR
from workforce_tracker.clock import LONDON


def ready(now: datetime) -> ReminderQuerySet:
    """The unsettled reminders that may be sent at this moment (aware; counted in London's time).

    Only on working days of England. Urgent kinds at once, and escalations from seven on: nothing
    has happened at the midnight that makes them due. The rest of a person's from their hour on,
    when they have had no such message today, or this week where they chose weekly. "Had" is read
    from the ledger, so that an hour in which nothing ran is made up for in the next.
    """
    local = now.astimezone(LONDON)
    today = local.date()
    waiting = Reminder.objects.unsettled(today).ready(now)
    if not is_working_day(today):
        return waiting.none()
    morning = datetime.combine(today, time.min, LONDON)
    monday = morning - timedelta(days=today.weekday())
    at_once = Q(stage=Reminder.ESCALATION) | Q(kind__in=Reminder.URGENT)
    had = Reminder.objects.filter(person=OuterRef("person"), state=Reminder.State.SENT).exclude(
        at_once
    )
    choices = ReminderChoices.objects.filter(person=OuterRef("person"))
    too_early = Q(Exists(choices.filter(digest_hour__gt=local.hour)))
    if local.hour < DEFAULT_HOUR:
        too_early |= ~Q(Exists(choices))
    had_theirs = Q(Exists(had.filter(sent_at__gte=morning))) | (
        Q(Exists(choices.filter(weekly=True))) & Q(Exists(had.filter(sent_at__gte=monday)))
    )
    if local.hour < DEFAULT_HOUR:
        at_once = Q(kind__in=Reminder.URGENT)
    return waiting.filter(at_once | ~too_early & ~had_theirs)
