"""The ledger of reminders."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from commitments.models.commitment import Commitment
from organisations.models import Organisation


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Reminders by whether anything can still come of them."""

    def unsettled(self, today: date) -> "ReminderQuerySet":
        """Those whose day has come and which may yet be sent. One that is withheld only because
        the person may not see the commitment is among them: access may come back."""
        return self.filter(
            Q(state=Reminder.State.PLANNED) | Q(cause=Reminder.Cause.ACCESS), send_on__lte=today
        )


class Reminder(models.Model):
    """One message owed to one person about one thing at one stage. The constraint makes it once.

    `thing_id` is the primary key of what `kind` names (a milestone, and later other things). Moving
    the thing's date gives another `due_on`, hence another row: the reminder is armed again.
    `message_id` is made with the row, so that a message sent twice by a crash can be recognised.
    `through` is the organisation on whose behalf the person is reminded; empty for the owner.
    `cause` says what kept a withheld one back, `reason` the same in words, or the last error.
    """

    class Kind(models.TextChoices):
        MILESTONE = "milestone", "Milestone"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        SENT = "sent", "Sent"
        WITHHELD = "withheld", "Withheld"
        FAILED = "failed", "Failed"

    class Cause(models.TextChoices):
        OVERTAKEN = "overtaken", "Overtaken by the next reminder"
        COMPLETE = "complete", "The milestone is complete"
        CANCELLED = "cancelled", "The milestone was cancelled"
        MOVED = "moved", "The date was moved"
        REMOVED = "removed", "The milestone was removed"
        COMMITMENT = "commitment", "The commitment is a draft or was withdrawn"
        PERSON = "person", "This person no longer answers for it"
        ACCESS = "access", "This person may not see the commitment"
        LATE = "late", "Too long ago"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    thing_id = models.BigIntegerField()
    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="reminders")
    through = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stage = models.CharField(max_length=20)
    due_on = models.DateField()
    send_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    cause = models.CharField(max_length=20, choices=Cause, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    planned_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ("-send_on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "thing_id", "stage", "due_on"], name="reminder_once"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="reminder_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="withheld") & ~Q(cause="") | ~Q(state="withheld") & Q(cause=""),
                name="reminder_withheld_has_a_cause",
            ),
        ]
        indexes = [
            models.Index(
                "send_on",
                name="reminder_unsettled",
                condition=Q(state="planned") | Q(cause="access"),
            ),
            models.Index(fields=["commitment", "-send_on"], name="reminder_by_commitment"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing_id} to {self.person_id}, {self.stage}"
