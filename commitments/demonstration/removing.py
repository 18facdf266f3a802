"""Take the demonstration away: everything that bears the mark, then the accounts."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from commitments.demonstration.accounts import PASSWORD_FILE
from commitments.models import (
    BaselineChange,
    Comment,
    Commitment,
    Dependency,
    Evidence,
    Figure,
    Milestone,
    Plan,
    ProgressUpdate,
    Round,
)
from organisations.models import Membership, User

# Children first, so that no commitment is gone before what was said of it.
MARKED = (
    Comment, Evidence, BaselineChange, Dependency, ProgressUpdate, Figure, Milestone, Round,
    Commitment, Plan,
)  # fmt: skip


@dataclass
class Removed:
    """How many of each kind went; accounts that stay because of what was done with them."""

    counts: dict[str, int] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)


def remove(folder: Path) -> Removed:
    """Remove all that is marked, with everything inside the demonstration plan, and the accounts.

    An account with which something was done that stays (an update on a published plan, an upload)
    is closed instead: nobody can sign in with it, and the record still says who it was. History
    keeps what was removed.
    """
    done = Removed()
    with transaction.atomic():
        _delete_files()
        # What people added to the demonstration plan goes with it, marked or not.
        Commitment.objects.filter(plan__is_demonstration=True).update(is_demonstration=True)
        for model in MARKED:
            rows = model._default_manager.filter(is_demonstration=True)
            done.counts[str(model._meta.verbose_name_plural)] = rows.count()
            rows.delete()
        users = User.objects.filter(is_demonstration=True)
        done.counts["accounts"] = users.count()
        for user in users:
            if not _delete(user):
                _close(user)
                done.closed.append(user.email)
        done.counts["accounts"] -= len(done.closed)
    (folder / PASSWORD_FILE).unlink(missing_ok=True)
    return done


def _delete_files() -> None:
    """Files that people gave as evidence go with their rows, once those have gone for good."""
    made_up = Q(is_demonstration=True) | Q(commitment__plan__is_demonstration=True)
    names = list(Evidence.objects.filter(made_up).exclude(file="").values_list("file", flat=True))
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name))


def _delete(user: User) -> bool:
    try:
        with transaction.atomic():
            user.memberships.all().delete()
            # What was still being written is no record of anything.
            user.update_drafts.all().delete()
            user.delete()
    except ProtectedError:
        return False
    return True


def _close(user: User) -> None:
    user.is_active = False
    user.is_platform_administrator = False
    user.set_unusable_password()
    user.save()
    Membership.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())
