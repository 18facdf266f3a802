"""What calls for one person: mentions they have not seen, evidence that waits to be verified. Read
by their home page."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from commitments.models import Commitment, Evidence, Mention, Party
from commitments.models.commitment import CommitmentQuerySet
from commitments.speaking import own_bodies
from organisations.models import User
from organisations.permissions import Capability


def unseen_mentions(user: User, visible: CommitmentQuerySet, limit: int) -> list[Mention]:
    """Comments that name a person and whose page they have not opened since, the latest first; of
    commitments that they may see now, whatever they could see then. One query."""
    found = Mention.objects.filter(
        person=user,
        seen_at__isnull=True,
        comment__removed_at__isnull=True,
        comment__commitment__in=visible.values("pk"),
    )
    in_order = found.order_by("-comment__written_at", "-comment_id")
    return list(in_order.select_related("comment__author", "comment__commitment__plan")[:limit])


def evidence_to_verify(
    user: User, bodies: set[int], sector: bool, today: date, limit: int
) -> list[Evidence]:
    """Documents of others that wait to be verified by a party among these bodies (`sector`: by the
    Local Government Association, on joint commitments), the latest first. Two queries."""
    parties = Party.objects.filter(answering__in=bodies, commitment=OuterRef("commitment"))
    involved = Q(Exists(parties))
    if sector:
        involved |= Q(commitment__standing__is_joint=True)
    may = Q()
    for capability in (Capability.REVIEW, Capability.REPORT):
        allowed = Commitment.objects.allowing(user, capability, today)
        may |= Q(Exists(allowed.filter(pk=OuterRef("commitment"))))
    found = Evidence.objects.filter(
        involved,
        may,
        strength=Evidence.Strength.DOCUMENT,
        removed_at__isnull=True,
        commitment__state=Commitment.State.ACTIVE,
    ).exclude(
        Q(scan=Evidence.Scan.INFECTED)
        | Q(organisation__in=own_bodies(user, today))
        | Q(added_by=user)
    )
    return list(found.select_related("commitment__plan", "organisation")[:limit])
