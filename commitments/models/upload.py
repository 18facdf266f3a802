"""Spreadsheets on their way in."""

import uuid
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from commitments.models.plan import Plan
from commitments.models.tracking import tracked
from organisations.models import Organisation
from organisations.permissions import Capability, grant

if TYPE_CHECKING:
    from organisations.models import User


def stored_name(upload: "Upload", filename: str) -> str:
    """Where a file is kept: a name nobody can guess, and nothing of the one it came with but what
    sort of file it is."""
    return f"uploads/{uuid.uuid4().hex}{PurePath(filename).suffix.lower()[:5]}"


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads by who may see them: whoever may import into their plan."""

    def visible_to(self, user: "User | AnonymousUser", today: date) -> "UploadQuerySet":
        """Uploads into plans of the organisations a person imports for. While its plan is still to
        be started, an upload belongs to the organisation that brought it."""
        held = grant(user, Capability.IMPORT, today)
        if held.everywhere:
            return self
        return self.filter(
            Q(plan__owner__in=held.organisations)
            | Q(plan__isnull=True, organisation__in=held.organisations)
        )


@tracked("result", "counts", "fingerprint")
class Upload(models.Model):
    """One workbook: kept as it came, checked, previewed, applied or put aside.

    It goes into `plan`, or starts a plan with `new_plan_code` and `new_plan_title` when it is
    applied. `result` is what the check found, in the shape of commitments.uploads.check.Checked;
    `counts` are its numbers, so that a list need not read all of it. `fingerprint` tells whether
    the same file would still do the same.
    """

    class State(models.TextChoices):
        CHECKED = "checked", "Ready to apply"
        FAULTY = "faulty", "Has problems"
        APPLIED = "applied", "Applied"
        DISCARDED = "discarded", "Put aside"

    plan = models.ForeignKey(
        Plan, null=True, blank=True, on_delete=models.CASCADE, related_name="uploads"
    )
    new_plan_code = models.CharField(max_length=20, blank=True)
    new_plan_title = models.CharField(max_length=300, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="uploads"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads"
    )
    file = models.FileField(upload_to=stored_name)
    filename = models.CharField(max_length=255)
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State)
    counts = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="applied", applied_at__isnull=False)
                | (~Q(state="applied") & Q(applied_at__isnull=True)),
                name="upload_applied_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(plan__isnull=False) | ~Q(new_plan_code="") & ~Q(state="applied"),
                name="upload_has_a_plan",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def plan_title(self) -> str:
        """The plan it goes into, by name, whether or not it exists yet."""
        return self.plan.title if self.plan else self.new_plan_title

    @property
    def is_open(self) -> bool:
        """Whether it can still be applied, mended or put aside."""
        return self.state in (self.State.CHECKED, self.State.FAULTY)
