"""The ledger of reminders."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from commitments.models.commitment import Commitment


class Reminder(models.Model):
    """One message owed to one person about one thing at one stage. The constraint makes it once.

    `thing_id` is the primary key of what `kind` names (a milestone, and later other things). Moving
    the thing's date gives another `due_on`, hence another row: the reminder is armed again.
    `message_id` is made with the row, so that a message sent twice by a crash can be recognised.
    """

    class Kind(models.TextChoices):
        MILESTONE = "milestone", "Milestone"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        SENT = "sent", "Sent"
        WITHHELD = "withheld", "Withheld"
        FAILED = "failed", "Failed"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    thing_id = models.BigIntegerField()
    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="reminders")
    stage = models.CharField(max_length=20)
    due_on = models.DateField()
    send_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    planned_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

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
        ]
        indexes = [
            models.Index("send_on", name="reminder_to_send", condition=Q(state="planned")),
            models.Index(fields=["commitment", "-send_on"], name="reminder_by_commitment"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing_id} to {self.person_id}, {self.stage}"
