"""The ledger of reminders."""

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from commitments.models.commitment import Commitment
from organisations.models import Organisation

if TYPE_CHECKING:
    from organisations.models import User


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Reminders by whether anything can still come of them, and by where they are seen."""

    def unsettled(self, today: date) -> "ReminderQuerySet":
        """Those whose day has come and which may yet be sent. One that is withheld only because
        the person may not see the commitment is among them: access may come back."""
        return self.filter(
            Q(state=Reminder.State.PLANNED) | Q(cause=Reminder.Cause.ACCESS), send_on__lte=today
        )

    def ready(self, now: datetime) -> "ReminderQuerySet":
        """Those that need not wait any longer after a try that did not succeed."""
        return self.filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=now))

    def in_inbox(self, person: "User") -> "ReminderQuerySet":
        """What a person finds in the product: all that was or is to be mailed to them, and what is
        kept from the mail because they chose so, are away, or their address was refused."""
        return self.filter(SHOWN, person=person, in_inbox=True)

    def unread(self, person: "User") -> "ReminderQuerySet":
        """Those of their inbox that they have not read; counted from an index alone."""
        return self.in_inbox(person).filter(read_at__isnull=True)


# Withheld reminders stand in the inbox only where the person is still to know of the thing: they
# chose not to get mail, or it does not reach them.
SHOWN = Q(state__in=["planned", "sent", "failed"]) | Q(cause__in=["choice", "away", "address"])


class Reminder(models.Model):
    """One message owed to one person about one thing at one stage. The constraint makes it once.

    `thing_id` is the primary key of what `kind` names: a milestone, a commitment that owes an
    update (due when its round closes), an upload (counted from the day it was brought), an answer
    to a joint review, a nudge, and so on: the table in docs/reminders.md. Moving the thing's date
    gives another `due_on`, hence another row: the reminder is armed again.
    `message_id` is made with the row, so that a message sent twice by a crash can be recognised.
    `through` is the organisation on whose behalf the person is reminded; empty for the owner.
    `standing_in_for` is whom they stand in for, who is away.
    `cause` says what kept a withheld one back, `reason` the same in words, or the last error.
    """

    class Kind(models.TextChoices):
        MILESTONE = "milestone", "Milestones"
        UPDATE = "update", "Updates owed in a reporting round"
        UPLOAD = "upload", "Uploads that wait to be applied"
        REVIEW_ASKED = "review_asked", "Answers asked of your organisation (at once)"
        REVIEW = "review", "Answers still awaited from your organisation"
        NUDGE = "nudge", "Somebody asks again for what your organisation owes (at once)"
        BASELINE = "baseline", "Changes of a promise to decide"
        DISPUTE = "dispute", "Disputes about what your organisation reported (at once)"
        PASSED_ON = "passed_on", "Disputes passed on to you (at once)"
        RETURNED = "returned", "Updates that were sent back (at once)"
        MENTION = "mention", "Comments that name you"
        EVIDENCE = "evidence", "Evidence that you can verify"
        ACTUAL = "actual", "Figures due of measures"

    # What cannot wait for the daily message. Choices of channel hold for it all the same.
    URGENT = (
        Kind.REVIEW_ASKED, Kind.NUDGE, Kind.DISPUTE, Kind.PASSED_ON, Kind.RETURNED,
    )  # fmt: skip

    # The stage that goes to those who can step in, at once, and that nobody can switch off.
    ESCALATION = "escalation"

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
        REMOVED = "removed", "It was removed"
        COMMITMENT = "commitment", "The commitment is a draft or was withdrawn"
        REPORTED = "reported", "An update was given"
        SETTLED = "settled", "The upload was applied or put aside"
        ANSWERED = "answered", "It was answered, or is no longer asked"
        DECIDED = "decided", "It was decided or taken back"
        OVER = "over", "The dispute has ended"
        RESENT = "resent", "A new version was given, or the update was withdrawn"
        SEEN = "seen", "They have seen it, or it was taken back"
        VERIFIED = "verified", "It was verified or removed"
        FIGURE = "figure", "A figure was given"
        PERSON = "person", "This person no longer answers for it"
        ACCESS = "access", "This person may not see the commitment"
        LATE = "late", "Too long ago"
        ADDRESS = "address", "This person's e-mail address was refused"
        CHOICE = "choice", "They chose not to get these by email"
        AWAY = "away", "They are away"

    # Foreign keys have no index of their own where one below begins with them, or where most rows
    # are without them: each index is written with each row, by the hundred thousand.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="reminders",
        db_index=False,
    )
    kind = models.CharField(max_length=20, choices=Kind)
    thing_id = models.BigIntegerField()
    commitment = models.ForeignKey(
        Commitment,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="reminders",
        db_index=False,
    )
    through = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    standing_in_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    stage = models.CharField(max_length=20)
    due_on = models.DateField()
    send_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    cause = models.CharField(max_length=20, choices=Cause, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # After a try that did not succeed: not before then.
    next_try_at = models.DateTimeField(null=True, blank=True)
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    planned_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    in_inbox = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)

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
            models.CheckConstraint(
                condition=Q(commitment__isnull=False) | Q(kind__in=["upload", "nudge"]),
                name="reminder_is_about_something",
            ),
        ]
        indexes = [
            models.Index(
                "send_on",
                name="reminder_unsettled",
                condition=Q(state="planned") | Q(cause="access"),
            ),
            models.Index(fields=["commitment", "-send_on"], name="reminder_by_commitment"),
            models.Index(fields=["person", "-send_on", "-id"], name="reminder_by_person"),
            models.Index(
                fields=["through"],
                name="reminder_through",
                condition=Q(through__isnull=False),
            ),
            models.Index(
                fields=["standing_in_for"],
                name="reminder_standing_in_for",
                condition=Q(standing_in_for__isnull=False),
            ),
            # Whether somebody has had their message today.
            models.Index(
                fields=["person", "sent_at"], name="reminder_sent", condition=Q(state="sent")
            ),
            models.Index(
                fields=["person"],
                name="reminder_unread",
                condition=SHOWN & Q(in_inbox=True, read_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing_id} to {self.person_id}, {self.stage}"
