"""People: one account an e-mail address."""

from typing import ClassVar

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Finds and makes people by e-mail address, whatever its capitals."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Make a person; without a password they can only come in by a link."""
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Make a platform administrator: what `manage.py createsuperuser` asks for."""
        return self.create_user(email, password, is_platform_administrator=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    fields=["email", "name", "is_active", "is_platform_administrator", "second_factor_reset_at"],
    model_name="UserEvent",
)
class User(AbstractBaseUser):
    """A person. What they may do comes from their memberships, never from the account itself;
    the one exception is the platform administrator, who keeps the register of organisations.
    """

    email = models.EmailField("e-mail address", max_length=254)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    is_platform_administrator = models.BooleanField(default=False)
    is_demonstration = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)
    # When somebody else last took away a second factor that was lost: in the history with by whom.
    second_factor_reset_at = models.DateTimeField(null=True, blank=True)
    # When this person last opened their home page: "changed since" counts from here.
    home_seen_at = models.DateTimeField(null=True, blank=True)

    # The address that a mail server refused for good, why and when. It counts for as long as it is
    # this person's address, so a new address needs no further step; administrators are told once.
    refused_email = models.EmailField(max_length=254, blank=True)
    refused_reason = models.CharField(max_length=300, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_told_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        ordering = ("name", "email")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_refused(self) -> bool:
        """Whether a mail server has refused the address that this person has now."""
        return bool(self.refused_email) and self.refused_email.lower() == self.email.lower()
