"""Ways into an organisation: invitations from inside it, requests from outside."""

import hashlib
from datetime import datetime

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from organisations.models.membership import Role
from organisations.models.organisation import Organisation
from organisations.models.user import User


def digest(token: str) -> str:
    """What is stored of a link's secret: enough to recognise it, not enough to make the link."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by whether they can still be accepted."""

    def unanswered(self) -> "InvitationQuerySet":
        """Neither accepted nor taken back; some may have expired."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    def open_at(self, now: datetime) -> "InvitationQuerySet":
        """Those that can be accepted at a moment."""
        return self.unanswered().filter(expires_at__gt=now)

    def with_token(self, token: str) -> "InvitationQuerySet":
        """The one that a link belongs to."""
        return self.filter(token_digest=digest(token))


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["token_digest"],
)
class Invitation(models.Model):
    """One e-mail address asked into one organisation with one role, by a link that works once.

    Only a digest of the link's secret is kept. `sent_at` is when a mail server took the message:
    empty means that it has to be sent again.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="invitations"
    )
    email = models.EmailField("e-mail address", max_length=254)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations_sent")
    invited_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations_accepted"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("name", "email")
        constraints = [
            models.UniqueConstraint(
                F("organisation"),
                Lower("email"),
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once",
                violation_error_message="This address has been invited already.",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, revoked_at__isnull=True),
                name="invitation_ends_one_way",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")), name="invitation_expires_later"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role"),
        ]
        indexes = [models.Index(Lower("email"), name="invitation_by_address")]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_role_display().lower()} in {self.organisation}"

    def has_expired(self, now: datetime) -> bool:
        """Whether its link is too old to be accepted."""
        return self.expires_at <= now


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    """Requests by state."""

    def open(self) -> "JoinRequestQuerySet":
        """Those nobody has decided yet."""
        return self.filter(state=JoinRequest.State.OPEN)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class JoinRequest(models.Model):
    """Somebody asks to belong to an organisation.

    `person` is empty for somebody without an account: they have shown that the address is theirs
    by opening a link sent to it, and saying yes sends them an invitation.
    """

    class State(models.TextChoices):
        OPEN = "open", "Waiting for an answer"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="join_requests"
    )
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="join_requests"
    )
    email = models.EmailField("e-mail address", max_length=254)
    name = models.CharField(max_length=200)
    reason = models.TextField()
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="join_requests_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        ordering = ("asked_at",)
        constraints = [
            models.UniqueConstraint(
                F("organisation"),
                Lower("email"),
                condition=Q(state="open"),
                name="join_request_open_once",
                violation_error_message="You have asked this organisation already.",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="join_request_decided_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "approved", "refused", "withdrawn"]),
                name="join_request_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} asks to join {self.organisation}"
