"""Roles that people hold in organisations."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone

from organisations.models.organisation import Organisation
from organisations.models.user import User


class Role(models.TextChoices):
    """What somebody does in an organisation; organisations.permissions says what each allows."""

    VIEWER = "viewer", "Viewer"
    CONTRIBUTOR = "contributor", "Contributor"
    PROGRAMME_LEAD = "programme_lead", "Programme lead"
    REVIEWER = "reviewer", "Reviewer"
    ADMINISTRATOR = "administrator", "Administrator"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by whether they still hold."""

    def current(self) -> "MembershipQuerySet":
        """Those that have not ended, of people who can still sign in."""
        return self.filter(ended_at__isnull=True, user__is_active=True)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Membership(models.Model):
    """One person's role in one organisation. Ended, never deleted, so that history can name it.

    A person may hold several roles in one organisation, and roles in several organisations.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The closed body in which the role was given, on a copy that stands for the role in its
    # successor (organisations.permissions.roles_of). Not a column.
    came_from: Organisation | None = None

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("organisation__name", "role")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ended_at__isnull=True),
                name="membership_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()} in {self.organisation}"
