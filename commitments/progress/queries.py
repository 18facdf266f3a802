"""What the update page reads."""

from dataclasses import dataclass
from datetime import date

from commitments.models import Commitment
from commitments.owed import due_updates, owed_updates
from organisations.models import Organisation, User

__all__ = ["Sitting", "owed_updates", "sitting"]


@dataclass(frozen=True)
class Sitting:
    """Where somebody is in the updates that their organisation gives in the open rounds: this is
    the `number`th of `total`; `next` is the one owed after it."""

    number: int
    total: int
    next: Commitment | None


def sitting(
    user: User, organisation: Organisation, commitment: Commitment, today: date
) -> Sitting | None:
    """The place of one commitment among the updates owed; None when it is not one of them.

    Those already given count as done, so "3 of 11" stays true however often one comes back.
    """
    owed = list(
        owed_updates(user, [organisation.pk], today)
        .select_related("plan")
        .only("reference", "plan__code")
    )
    place = next((n for n, row in enumerate(owed) if row.pk == commitment.pk), None)
    if place is None:
        return None
    total = due_updates(user, [organisation.pk], today).count()
    following = [*owed[place + 1 :], *owed[:place]]
    return Sitting(total - len(owed) + place + 1, total, following[0] if following else None)
