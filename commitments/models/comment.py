"""What people say to each other about a commitment or an update."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from commitments.models.commitment import Commitment
from commitments.models.progress import ProgressUpdate
from commitments.models.tracking import bump_version, tracked
from organisations.models import Organisation


@tracked()
class Comment(models.Model):
    """One remark, in answer to another (`answers`) or the first of its thread.

    Seen by everybody who has signed in and may see the commitment. Edits stay visible: the history
    keeps every wording. A thread is resolved on its first remark. What was taken back keeps its
    place, without its words.
    """

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="comments")
    update = models.ForeignKey(
        ProgressUpdate, null=True, blank=True, on_delete=models.CASCADE, related_name="comments"
    )
    answers = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField(blank=True)
    mentions = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Mention", related_name="mentioned_in"
    )
    written_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_demonstration = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ("written_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") | Q(removed_at__isnull=False), name="comment_says_something"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="comment_resolved_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["commitment", "written_at"], name="comment_by_commitment")]
        triggers = [bump_version]

    def __str__(self) -> str:
        return f"Comment on {self.commitment_id}"


class Mention(models.Model):
    """A person whom a comment names. `seen_at` is when they opened the page it stands on."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentioned")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions"
    )
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "person"], name="mention_once"),
        ]
        indexes = [
            # What somebody has not seen yet, for their home page.
            models.Index(fields=["person"], name="mention_unseen", condition=Q(seen_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.comment_id}"
