"""Joint review: what each partner of a joint commitment answers to an update, and disputes."""

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from commitments.models.commitment import Commitment
from commitments.models.progress import ProgressUpdate
from commitments.models.tracking import bump_version, tracked
from organisations.models import Organisation
from organisations.permissions import Capability, grant

if TYPE_CHECKING:
    from organisations.models import User


class ReviewQuerySet(models.QuerySet["Review"]):
    """Answers by state, and by who may give them."""

    def awaited(self) -> "ReviewQuerySet":
        """Those that somebody still has to give."""
        return self.filter(state=Review.State.AWAITED)

    def answerable_by(self, user: "User | AnonymousUser", today: date) -> "ReviewQuerySet":
        """Those that a person may give: of an organisation in which they review, on an update that
        they did not write."""
        held = grant(user, Capability.REVIEW, today)
        return self.filter(organisation__in=held.organisations).exclude(update__author=user.pk)


@tracked()
class Review(models.Model):
    """One organisation's own answer to one update of a joint commitment.

    Made when the update is submitted, for every partner that can be asked and for the Local
    Government Association, which answers for the sector (`for_sector`). Another organisation can
    never answer in its place. An answer may be changed until the round is frozen; the history keeps
    each. Silence after `due_on` is NO_ANSWER, never agreement. States and moves:
    commitments.review.states.
    """

    class State(models.TextChoices):
        AWAITED = "awaited", "Awaited"
        AGREED = "agreed", "Agrees"
        COMMENTED = "commented", "Agrees, with a comment"
        DISAGREED = "disagreed", "Disagrees"
        NO_ANSWER = "no_answer", "No answer"
        DROPPED = "dropped", "No longer asked"

    GIVEN = (State.AGREED, State.COMMENTED, State.DISAGREED)

    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="reviews")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reviews")
    for_sector = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.AWAITED)
    comment = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why they disagree")
    would_change = models.TextField(blank=True, help_text="What would change their mind")
    asked_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    is_late = models.BooleanField(default=False, help_text="It came after the day it was due")
    dropped_reason = models.TextField(blank=True)
    # Who said for this organisation that both views stand side by side, where it disagrees.
    differs_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    differs_at = models.DateTimeField(null=True, blank=True)
    is_demonstration = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ("for_sector", "organisation__name")
        constraints = [
            models.UniqueConstraint(fields=["update", "organisation"], name="review_one_each"),
            models.CheckConstraint(
                condition=Q(state__in=["agreed", "commented", "disagreed"])
                & Q(answered_by__isnull=False, answered_at__isnull=False)
                | Q(state__in=["awaited", "no_answer", "dropped"])
                & Q(answered_by__isnull=True, answered_at__isnull=True),
                name="review_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="disagreed") | ~Q(reason="") & ~Q(would_change=""),
                name="review_disagreement_explained",
                violation_error_message="Say why, and what would change your mind.",
            ),
            models.CheckConstraint(
                condition=~Q(state="commented") | ~Q(comment=""),
                name="review_comment_given",
                violation_error_message="Write the comment.",
            ),
            models.CheckConstraint(
                condition=Q(differs_by__isnull=True, differs_at__isnull=True)
                | Q(state="disagreed", differs_by__isnull=False, differs_at__isnull=False),
                name="review_differs_where_it_disagrees",
            ),
            models.CheckConstraint(
                condition=~Q(state="dropped") | ~Q(dropped_reason=""),
                name="review_dropped_with_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "due_on"],
                name="review_awaited",
                condition=Q(state="awaited"),
            ),
        ]
        triggers = [bump_version]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.organisation_id}"


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes by whether they go on."""

    def open(self) -> "DisputeQuerySet":
        """Those that have not ended."""
        return self.filter(end=Dispute.End.OPEN)


@tracked()
class Dispute(models.Model):
    """A disagreement about a commitment: opened by the first partner that disagrees, ended by a
    revised update, by agreeing to differ, or by passing it on to named people. One at a time.

    Agreeing to differ takes everybody: whoever proposes it writes the note, and it ends when the
    reporting organisation (`differs_by`) and each that disagrees (Review.differs_by) have said yes
    to that note. States and moves: commitments.review.states.
    """

    class End(models.TextChoices):
        OPEN = "", "Open"
        REVISED = "revised", "A revised update"
        DIFFER = "differ", "Agreed to differ"
        ESCALATED = "escalated", "Passed on to named people"
        WITHDRAWN = "withdrawn", "The update was withdrawn"
        DROPPED = "dropped", "Nobody disagrees any more"

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="disputes")
    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="disputes")
    opened_at = models.DateTimeField(default=timezone.now)
    end = models.CharField(max_length=10, choices=End, default=End.OPEN, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.TextField(blank=True)
    differ_note = models.TextField(blank=True, help_text="What is proposed: how both views stand")
    differs_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    differs_at = models.DateTimeField(null=True, blank=True)
    escalated_to = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="escalated_disputes"
    )
    is_demonstration = models.BooleanField(default=False)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["commitment"], condition=Q(end=""), name="dispute_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(end="", ended_at__isnull=True) | ~Q(end="") & Q(ended_at__isnull=False),
                name="dispute_end_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(end__in=["differ", "escalated"]) | ~Q(note=""),
                name="dispute_end_explained",
                violation_error_message="Write a note on how it ends.",
            ),
        ]

    def __str__(self) -> str:
        return f"Dispute on {self.commitment_id}"


@tracked()
class SectorComment(models.Model):
    """Words that an organisation uses again in its answers to several commitments."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="sector_comments"
    )
    title = models.CharField(max_length=100)
    text = models.TextField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("title",)
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "title"],
                name="sector_comment_once",
                violation_error_message="There is a comment with this title already.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
