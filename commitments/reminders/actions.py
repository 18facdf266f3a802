"""Everything that people decide about reminders: a plan's ladder, their own choices, what they have
read, their calendar feeds. Keyword arguments, `by=` the person, all or nothing."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from commitments.models import CalendarFeed, Ladder, Plan, Reminder, ReminderChoices
from commitments.models.reminding import EARLIEST, LATEST
from organisations.models import User
from organisations.permissions import Capability


@transaction.atomic
def save_ladder(*, by: User, plan: Plan, today: date, **values: Any) -> Ladder:
    """Set when a plan reminds; `values` are fields of Ladder.

    Raises PermissionDenied, and ValidationError by field.
    """
    if not Plan.objects.allowing(by, Capability.EDIT, today).filter(pk=plan.pk).exists():
        raise PermissionDenied
    Plan.objects.select_for_update().get(pk=plan.pk)
    ladder = Ladder.objects.filter(plan=plan).first() or Ladder(plan=plan)
    for name, value in values.items():
        setattr(ladder, name, value)
    problems = {}
    for kind in ("milestone", "update"):
        days: list[int] = sorted(set(getattr(ladder, f"{kind}_days")))
        after: int = getattr(ladder, f"{kind}_escalation")
        setattr(ladder, f"{kind}_days", days)
        # The escalation comes after the last of them, and within LATEST too.
        if days and (days[0] < EARLIEST or days[-1] >= LATEST):
            problems[f"{kind}_days"] = (
                f"Use at most {-EARLIEST} working days before and {LATEST - 1} after."
            )
        if not 1 <= after <= LATEST:
            problems[f"{kind}_escalation"] = f"Use a number from 1 to {LATEST}."
        elif days and after <= days[-1] < LATEST:
            problems[f"{kind}_escalation"] = (
                f"Escalation comes after the last reminder, so use more than {days[-1]}."
            )
    if problems:
        raise ValidationError(problems)
    ladder.save()
    return ladder


@transaction.atomic
def save_choices(*, by: User, **values: Any) -> ReminderChoices:
    """Set how one wants to be reminded oneself. Raises ValidationError."""
    # Made first, so that a mail program that posts twice at once makes one row.
    choices, _ = ReminderChoices.objects.select_for_update().get_or_create(person=by)
    for name, value in values.items():
        setattr(choices, name, value)
    choices.full_clean()
    choices.save()
    return choices


def stop_emails(*, person: User) -> ReminderChoices:
    """End every e-mail reminder that may be ended, for somebody who followed their own address."""
    return save_choices(by=person, no_email=[kind.value for kind in Reminder.Kind])


def mark_read(*, by: User, now: datetime, only: Collection[int] | None = None) -> int:
    """Note that one has read what is in one's inbox, or some of it; how many were unread."""
    rows = Reminder.objects.unread(by)
    if only is not None:
        rows = rows.filter(pk__in=only)
    return rows.update(read_at=now)


@transaction.atomic
def add_feed(*, by: User, today: date, plan: Plan | None = None) -> CalendarFeed:
    """Make a private calendar address: of one's own dates, or of a plan that one may see. There is
    one of each; another call gives the same."""
    if plan and not Plan.objects.visible_to(by, today).filter(pk=plan.pk).exists():
        raise PermissionDenied
    User.objects.select_for_update().get(pk=by.pk)
    feed = CalendarFeed.objects.filter(person=by, plan=plan).first()
    return feed or CalendarFeed.objects.create(person=by, plan=plan)


def revoke_feed(*, by: User, feed: CalendarFeed) -> None:
    """End an address of one's own for good."""
    if feed.person_id != by.pk:
        raise PermissionDenied
    feed.delete()
