"""Who has a say in a dispute, and who may be named to decide it. Nothing is written."""

from dataclasses import dataclass
from datetime import date

from commitments.answering import answers
from commitments.models import Commitment, Dispute, Review
from commitments.review.asking import SECTOR_KINDS
from organisations.models import Membership, Organisation, Role, Succession, User
from organisations.permissions import Capability, grant

# Whose word settles something between organisations.
DECIDING = (Role.PROGRAMME_LEAD, Role.REVIEWER, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class Sides:
    """For whom one person may speak in a dispute: the organisation that reported, and the keys of
    the answers in which their organisations disagree."""

    reports: bool
    reviews: tuple[int, ...]

    def __bool__(self) -> bool:
        return self.reports or bool(self.reviews)


def sides_of(user: User, dispute: Dispute, today: date) -> Sides:
    """For whom somebody may speak: who reports for the reporting organisation, and reviewers of
    those that disagree, as long as they may see the commitment."""
    visible = Commitment.objects.visible_to(user, today).filter(pk=dispute.commitment_id)
    if not visible.exists():
        return Sides(False, ())
    reports = grant(user, Capability.REPORT, today).covers(dispute.update.organisation_id)
    mine = Review.objects.filter(update=dispute.update_id, state=Review.State.DISAGREED)
    reviews = mine.answerable_by(user, today).values_list("pk", flat=True)
    return Sides(reports, tuple(reviews))


def may_be_told(commitment: Commitment, today: date) -> list[User]:
    """Whom a dispute may be passed on to: programme leads, reviewers and administrators of the
    bodies that answer for its parties, of the one that keeps the plan, and of the body that speaks
    for all councils. All of them may see it: that is checked person by person for plans that not
    everybody may see. With `.bodies`, the organisations in which they hold those roles."""
    parties = commitment.parties.select_related("organisation", "assigned_to")
    bodies = {body.pk for answer in answers(parties, today) for body in answer.now}
    bodies |= set(
        Organisation.objects.open_on(today)
        .filter(kind__in=SECTOR_KINDS)
        .values_list("pk", flat=True)
    )
    if owner := commitment.plan.owner_id:
        bodies.add(owner)
    held = Membership.objects.filter(
        organisation__in=Succession.objects.predecessors_of(bodies, today),
        role__in=DECIDING,
        ended_at=None,
        user__is_active=True,
    ).select_related("user", "organisation")
    people: dict[int, User] = {}
    names: dict[int, list[str]] = {}
    for membership in held.order_by("user__name", "user", "organisation__name"):
        person = people.setdefault(membership.user_id, membership.user)
        name = membership.organisation.short_name or membership.organisation.name
        if name not in names.setdefault(person.pk, []):
            names[person.pk].append(name)
    for key, person in people.items():
        person.bodies = ", ".join(names[key])  # type: ignore[attr-defined]
    one = Commitment.objects.filter(pk=commitment.pk)
    if commitment.plan.visibility == commitment.plan.Visibility.INTERNAL:
        return [p for p in people.values() if one.visible_to(p, today).exists()]
    return list(people.values())
