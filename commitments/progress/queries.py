"""What the update page reads."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from commitments.models import Commitment, Party, ProgressUpdate, Rating
from commitments.models.progress import ProgressUpdateQuerySet
from commitments.owed import due_updates, owed_updates
from commitments.ratings import EVIDENCE, UPDATE_LATE, Explanation, conditions, explain
from organisations.kinds import Reach, reach_of
from organisations.models import Membership, Organisation, Succession, User
from organisations.permissions import CAPABILITIES, Capability, Extent, grant, roles_of

__all__ = [
    "Sitting",
    "evidence_when_reporting",
    "owed_updates",
    "readable_updates",
    "reporting_organisation",
    "sitting",
    "speaks_for",
]


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


def evidence_when_reporting(commitment: Commitment, today: date) -> Explanation:
    """The evidence that a declared rating is held against: as it stands, but for the lateness of an
    update, which ends with the one that is being given."""
    found = explain(commitment, today)
    if UPDATE_LATE not in found.clauses:
        return found
    if rest := tuple(clause for clause in found if clause is not UPDATE_LATE):
        return Explanation(rest[0].rating, rest)
    known = Commitment.objects.filter(conditions(today)[EVIDENCE], pk=commitment.pk)
    if known.exists():
        return Explanation(EVIDENCE.rating, (EVIDENCE,))
    return Explanation(Rating.NO_EVIDENCE, ())


def reporting_roles(user: User, acting: Membership | None, today: date) -> list[Membership]:
    """The roles in which a person reports, that of the acting organisation first."""
    held = [m for m in roles_of(user, today) if Capability.REPORT in CAPABILITIES[m.role]]
    held.sort(key=lambda membership: acting is None or membership.pk != acting.pk)
    return held


def reporting_organisation(
    user: User, acting: Membership | None, commitment: Commitment, today: date
) -> Organisation | None:
    """In whose name a person reports: the acting organisation if it may, else one that is a party,
    else a board whose system a party belongs to. None when they may report for nobody.
    """
    parties = set(Party.objects.filter(commitment=commitment).values_list("answering", flat=True))
    by_system: list[Organisation] = []
    for membership in reporting_roles(user, acting, today):
        body = membership.organisation
        own = Succession.objects.predecessors_of([body.pk], today)
        if own & parties:
            return body
        if _is_system_lead(membership) and _system_of(own, today) & parties:
            if acting and membership.pk == acting.pk:
                return body
            by_system.append(body)
    return by_system[0] if by_system else None


def readable_updates(user: User, commitment: Commitment, today: date) -> ProgressUpdateQuerySet:
    """Updates of a commitment that the person sees: those in force; what came of the others is
    between the organisation that reports and whoever edits the commitment."""
    rows = ProgressUpdate.objects.filter(commitment=commitment)
    one = Commitment.objects.filter(pk=commitment.pk)
    if one.allowing(user, Capability.EDIT, today).exists():
        return rows
    own = grant(user, Capability.REPORT, today).organisations
    return rows.filter(Q(state=ProgressUpdate.State.SUBMITTED) | Q(organisation__in=own))


def speaks_for(user: User, organisation: Organisation, commitment: Commitment, today: date) -> bool:
    """Whether a person reports on a commitment in the name of an organisation: of their own, or of
    one that theirs took over from."""
    held = [m for m in roles_of(user, today) if Capability.REPORT in CAPABILITIES[m.role]]
    bodies = {membership.organisation_id for membership in held}
    if organisation.pk not in bodies and (
        not bodies or organisation.pk not in Succession.objects.predecessors_of(bodies, today)
    ):
        return False
    one = Commitment.objects.filter(pk=commitment.pk)
    return one.allowing(user, Capability.REPORT, today).exists()


def _is_system_lead(membership: Membership) -> bool:
    extent = CAPABILITIES[membership.role][Capability.REPORT]
    return extent == Extent.SYSTEM and reach_of(membership.organisation.kind) == Reach.SYSTEM


def _system_of(boards: set[int], today: date) -> set[int]:
    placed = Organisation.objects.in_systems(boards, today).values_list("pk", flat=True)
    return Succession.objects.predecessors_of(placed, today)
