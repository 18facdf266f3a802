"""Which updates an organisation owes. Read by the update page, the home page and the reminders."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q, Subquery

from commitments.models import Commitment, Party, Round
from commitments.models.commitment import CommitmentQuerySet
from commitments.models.progress import RoundQuerySet
from organisations.models import Succession
from organisations.permissions import Capability

if TYPE_CHECKING:
    from organisations.models import User


def due_updates(user: "User", organisation_ids: Iterable[int], today: date) -> CommitmentQuerySet:
    """Active commitments of plans with an open round in which one of these bodies, or one whose
    commitments it inherited, is a lead, and on which the person may report.

    Each has `round_id`, `round_name`, `round_opens_on` and `round_closes_on`; the first to close
    come first.
    """
    # The database allows one open round of a plan at a time.
    return _due(user, organisation_ids, Round.objects.open_on(today), today)


def late_updates(user: "User", organisation_ids: Iterable[int], today: date) -> CommitmentQuerySet:
    """The same of rounds that have closed and still take updates, where nobody has reported. A plan
    whose next round is open owes in that one."""
    closed = Round.objects.taking(today).filter(closes_on__lt=today)
    reopened = Round.objects.open_on(today).filter(plan=OuterRef("plan"))
    late = _due(user, organisation_ids, closed, today).filter(~Exists(reopened))
    return late.filter(_silent())


def _due(
    user: "User", organisation_ids: Iterable[int], rounds: RoundQuerySet, today: date
) -> CommitmentQuerySet:
    bodies = Succession.objects.predecessors_of(organisation_ids, today)
    leads = Party.objects.filter(
        commitment=OuterRef("pk"), role=Party.Role.LEAD, answering__in=bodies
    )
    round_ = rounds.filter(plan=OuterRef("plan"))
    return (
        Commitment.objects.allowing(user, Capability.REPORT, today)
        .filter(Exists(leads), state=Commitment.State.ACTIVE)
        .annotate(
            round_id=Subquery(round_.values("pk")[:1]),
            round_name=Subquery(round_.values("name")[:1]),
            round_opens_on=Subquery(round_.values("opens_on")[:1]),
            round_closes_on=Subquery(round_.values("closes_on")[:1]),
        )
        .filter(round_id__isnull=False)
        .order_by("round_closes_on", "reference", "pk")
    )


def _silent() -> Q:
    return Q(standing__reported_on__isnull=True) | Q(standing__reported_on__lt=F("round_opens_on"))


def round_for(plan_id: int, today: date) -> Round | None:
    """The round that an update given today belongs to: the open one, else the last to close, as
    long as it is not frozen (then the update is late)."""
    return Round.objects.taking(today).filter(plan=plan_id).first()


def owed_updates(user: "User", organisation_ids: Iterable[int], today: date) -> CommitmentQuerySet:
    """Those of `due_updates` on which nobody has reported since their round opened."""
    return due_updates(user, organisation_ids, today).filter(_silent())
