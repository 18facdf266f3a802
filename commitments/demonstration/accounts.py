"""The demonstration accounts: one password for all, made once and kept beside the data."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from allauth.account.models import EmailAddress

from organisations.models import Membership, Organisation, Role, User

PASSWORD_FILE = "demo-password.txt"
# No letter or digit that can be taken for another one: it is read from a screen and typed.
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Account:
    """Somebody to sign in as. `code` is the organisation in which they hold the role."""

    email: str
    name: str
    role: Role | None = None
    code: str = ""

    @property
    def is_platform_administrator(self) -> bool:
        return self.role is None


ACCOUNTS = (
    Account("lead@demo.example", "Lee Demonstration", Role.PROGRAMME_LEAD, "QWO"),
    Account("council@demo.example", "Chris Demonstration", Role.CONTRIBUTOR, "E08000035"),
    Account("trust@demo.example", "Terry Demonstration", Role.CONTRIBUTOR, "RY6"),
    Account("lga@demo.example", "Gale Demonstration", Role.REVIEWER, "NAT-LGA"),
    Account("viewer@demo.example", "Vic Demonstration", Role.VIEWER, "QOQ"),
    Account("admin@demo.example", "Alex Demonstration"),
)


def make_accounts(folder: Path, bodies: dict[str, Organisation]) -> list[str]:
    """Make the accounts that are missing; returns their addresses.

    The password is kept in `folder`, readable by this account of the machine alone. Where the file
    is gone a new password is made for everybody. A role that somebody has ended stays ended.
    """
    password, is_new = _password(folder / PASSWORD_FILE)
    made = []
    for account in ACCOUNTS:
        user = User.objects.filter(email__iexact=account.email).first()
        if user is None:
            made.append(account.email)
            user = User.objects.create_user(
                account.email,
                password,
                name=account.name,
                is_demonstration=True,
                is_platform_administrator=account.is_platform_administrator,
            )
        elif is_new:
            user.set_password(password)
            user.save(update_fields=["password"])
        EmailAddress.objects.get_or_create(
            user=user, email=account.email, defaults={"verified": True, "primary": True}
        )
        if account.role:
            Membership.objects.get_or_create(
                user=user, organisation=bodies[account.code], role=account.role
            )
    return made


def _password(file: Path) -> tuple[str, bool]:
    if file.exists() and (kept := file.read_text().strip()):
        return kept, False
    groups = ("".join(secrets.choice(SIGNS) for _ in range(5)) for _ in range(4))
    password = "-".join(groups)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(password + "\n")
    return password, True
