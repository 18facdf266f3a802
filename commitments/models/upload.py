"""Spreadsheets on their way in."""

from django.conf import settings
from django.db import models

from commitments.models.plan import Plan
from commitments.models.tracking import tracked
from organisations.models import Organisation


@tracked("result")
class Upload(models.Model):
    """One workbook: kept as it came, checked, previewed, applied or put aside.

    `result` is what the check found and, once applied, what was done: a JSON object whose shape is
    described in commitments.uploads.check. `plan_fingerprint` tells whether the plan has changed
    between the preview and the apply.
    """

    class State(models.TextChoices):
        CHECKED = "checked", "Ready to apply"
        FAULTY = "faulty", "Has errors"
        APPLIED = "applied", "Applied"
        DISCARDED = "discarded", "Put aside"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="uploads")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="uploads"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads"
    )
    file = models.FileField(upload_to="uploads/%Y/%m/")
    filename = models.CharField(max_length=255)
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State)
    result = models.JSONField(default=dict)
    plan_fingerprint = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="applied", applied_at__isnull=False)
                | (~models.Q(state="applied") & models.Q(applied_at__isnull=True)),
                name="upload_applied_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.filename
