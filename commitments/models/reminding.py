"""What people decide about reminders: a plan's ladder, their own choices, their calendar feeds."""

import secrets
from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from commitments.models.plan import Plan
from commitments.models.reminder import Reminder
from commitments.models.tracking import tracked

MILESTONE_DAYS = [-30, -7, -1, 0, 1, 7, 14]
UPDATE_DAYS = [-5, -1, 0, 1, 5]
# The days around a date between which a stage may lie. What was later than the last of them before
# the ledger first saw it is not mailed, so a later stage would never come.
EARLIEST, LATEST = -60, 30
DEFAULT_HOUR = 7


def milestone_days() -> list[int]:
    """Working days around a milestone's date on which its people are reminded, unless a plan says
    otherwise."""
    return list(MILESTONE_DAYS)


def update_days() -> list[int]:
    """The same around the last day of a reporting round."""
    return list(UPDATE_DAYS)


@tracked()
class Ladder(models.Model):
    """When a plan reminds of its milestones and of the updates owed in its rounds.

    Days are working days of England, negative before the date. `..._escalation` is the day after
    it on which those who can step in are told: the programme leads of the body that answers, and
    `senior_owner`, the senior responsible owner where that is somebody with an account. A plan
    without a row has the defaults.
    """

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="ladder")
    milestone_days = ArrayField(models.SmallIntegerField(), default=milestone_days)
    milestone_escalation = models.PositiveSmallIntegerField(default=15)
    update_days = ArrayField(models.SmallIntegerField(), default=update_days)
    update_escalation = models.PositiveSmallIntegerField(default=10)
    senior_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(milestone_escalation__range=(1, LATEST))
                & Q(update_escalation__range=(1, LATEST)),
                name="ladder_escalation_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"Ladder of {self.plan_id}"


class ReminderChoices(models.Model):
    """How one person wants to be reminded. Without a row: everything, by e-mail and in the product,
    at seven in the morning of working days.

    `no_email` and `no_inbox` are kinds of reminder. Away up to and including `away_until`,
    `stand_in` gets theirs, as far as they may see the commitments. Escalations go by e-mail
    whatever is chosen here.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="reminder_choices",
    )
    no_email = ArrayField(
        models.CharField(max_length=20, choices=Reminder.Kind), default=list, blank=True
    )
    no_inbox = ArrayField(
        models.CharField(max_length=20, choices=Reminder.Kind), default=list, blank=True
    )
    digest_hour = models.PositiveSmallIntegerField(
        default=DEFAULT_HOUR, validators=[MinValueValidator(0), MaxValueValidator(23)]
    )
    weekly = models.BooleanField(default=False)
    away_until = models.DateField(null=True, blank=True)
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(digest_hour__lte=23), name="choices_hour_of_the_day"
            ),
            models.CheckConstraint(
                condition=Q(stand_in__isnull=True) | ~Q(stand_in=F("person")),
                name="choices_stand_in_is_another",
                violation_error_message="Name somebody else to stand in for you.",
            ),
        ]

    def __str__(self) -> str:
        return f"Reminder choices of {self.person_id}"

    def is_away(self, today: date) -> bool:
        """Whether the person has said that they are away on a day."""
        return self.away_until is not None and self.away_until >= today


def new_token() -> str:
    """Something that cannot be guessed, for an address."""
    return secrets.token_urlsafe(32)


class CalendarFeed(models.Model):
    """A private address at which a calendar program fetches a person's dates, or those of a plan.
    Whoever knows the address can read it, so it can be revoked: the row is deleted."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    plan = models.ForeignKey(
        Plan, null=True, blank=True, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["person", "plan"], nulls_distinct=False, name="calendar_feed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Calendar feed of {self.person_id}"
