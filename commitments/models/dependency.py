"""A milestone that waits on another one, of whichever organisation."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from commitments.models.milestone import Milestone
from commitments.models.tracking import tracked


@tracked()
class Dependency(models.Model):
    """`milestone` cannot be reached before `waits_on`. Never in a circle: the action that adds one
    looks, under a lock that all additions share."""

    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="dependencies")
    waits_on = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="dependents")
    note = models.TextField(blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now)
    is_demonstration = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "dependencies"
        constraints = [
            models.UniqueConstraint(
                fields=["milestone", "waits_on"],
                name="dependency_once",
                violation_error_message="It waits on this milestone already.",
            ),
            models.CheckConstraint(
                condition=~Q(milestone=F("waits_on")),
                name="dependency_not_on_itself",
                violation_error_message="A milestone cannot wait on itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} waits on {self.waits_on_id}"
