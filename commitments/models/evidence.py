"""Evidence: the files and links that show what was said."""

import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from commitments.models.commitment import Commitment
from commitments.models.milestone import Milestone
from commitments.models.progress import ProgressUpdate
from commitments.models.tracking import tracked
from organisations.models import Organisation


def stored_name(evidence: "Evidence", filename: str) -> str:
    """Where a file is kept: under a name nobody can guess, with nothing of its own but its sort."""
    return f"evidence/{uuid.uuid4().hex}{PurePath(filename).suffix.lower()[:6]}"


@tracked()
class Evidence(models.Model):
    """A file or a link on a milestone, an update, or the commitment as a whole.

    What was removed, or found to be harmful, keeps its row and loses its file, so that the history
    can say what there was. A file that is still named here is still there: it is deleted first.
    `content_type` is what the content is, whatever the name says. `verified_by` belongs to another
    organisation than the one that gave the evidence (`verified_for`).
    """

    class Strength(models.TextChoices):
        NONE = "none", "Not said"
        SELF_DECLARED = "self_declared", "Self-declared"
        DOCUMENT = "document", "Document"
        VERIFIED = "verified", "Verified by another organisation"

    class Scan(models.TextChoices):
        NOT_SCANNED = "not_scanned", "Not scanned"
        CLEAN = "clean", "Nothing found"
        INFECTED = "infected", "Harmful"

    commitment = models.ForeignKey(
        Commitment, on_delete=models.CASCADE, related_name="evidence_items"
    )
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.SET_NULL, related_name="evidence_items"
    )
    update = models.ForeignKey(
        ProgressUpdate,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="evidence_items",
    )
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=1000, blank=True)
    file = models.FileField(upload_to=stored_name, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    size = models.PositiveIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    strength = models.CharField(max_length=15, choices=Strength, default=Strength.NONE)
    scan = models.CharField(max_length=15, choices=Scan, default=Scan.NOT_SCANNED)
    scanned_at = models.DateTimeField(null=True, blank=True)
    scan_found = models.CharField(max_length=200, blank=True, help_text="What the scanner named")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="evidence_items"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_for = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_reason = models.TextField(blank=True)
    is_demonstration = models.BooleanField(default=False)

    class Meta:
        ordering = ("-added_at", "-id")
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=~Q(url="") & Q(sha256="") | Q(url="") & ~Q(sha256=""),
                name="evidence_is_a_file_or_a_link",
            ),
            models.UniqueConstraint(
                fields=["commitment", "milestone", "update", "sha256"],
                condition=Q(removed_at__isnull=True) & ~Q(sha256=""),
                nulls_distinct=False,
                name="evidence_file_once",
                violation_error_message="This file is there already.",
            ),
            models.CheckConstraint(
                condition=Q(strength="verified", verified_by__isnull=False)
                & Q(verified_for__isnull=False, verified_at__isnull=False)
                | ~Q(strength="verified") & Q(verified_by__isnull=True),
                name="evidence_verified_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True, removed_reason="")
                | Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removed_reason=""),
                name="evidence_removed_with_reason",
                violation_error_message="Say why it is removed.",
            ),
            models.CheckConstraint(
                condition=Q(verified_for__isnull=True) | ~Q(verified_for=models.F("organisation")),
                name="evidence_verified_by_another",
                violation_error_message="Another organisation has to verify it.",
            ),
        ]
        indexes = [
            # Files that nobody has looked at yet, for the sweep.
            models.Index(
                fields=["added_at"], name="evidence_to_scan", condition=Q(scan="not_scanned")
            ),
        ]

    def __str__(self) -> str:
        return self.title
