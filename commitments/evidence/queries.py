"""What the evidence page reads, and who may do what with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from commitments.evidence.scanning import may_be_opened
from commitments.models import Commitment, Evidence, Milestone, ProgressUpdate
from commitments.speaking import own_bodies, parties_among, speakers
from organisations.kinds import Reach, reach_of
from organisations.models import Membership, Organisation, Succession, User
from organisations.permissions import Capability, grant
from workforce_tracker.templatetags import words

VERIFYING = (Capability.REVIEW, Capability.REPORT)


@dataclass(frozen=True)
class Row:
    """A piece of evidence as one person sees it. `verifier` is the organisation for which they may
    verify it, None for none."""

    evidence: Evidence
    about: str
    verifier: Organisation | None
    may_take_back: bool
    may_remove: bool
    may_open: bool


class Verifying:
    """For which organisation a person may verify a piece of evidence: a party other than the one
    that gave it, or the Local Government Association on a joint commitment. Nobody verifies what
    they added, or what an organisation of theirs gave. Who verifies for an organisation takes back
    what was verified for it, also before it took over. A handful of queries, however many pieces
    are asked about."""

    def __init__(
        self, user: User, acting: Membership | None, commitment: Commitment, today: date
    ) -> None:
        self.user = user
        self.own = own_bodies(user, today)
        allowed = {
            capability
            for capability in VERIFYING
            if Commitment.objects.allowing(user, capability, today)
            .filter(pk=commitment.pk)
            .exists()
        }
        found = speakers(user, acting, commitment, allowed, today)
        parties = parties_among([body.pk for body in found], commitment, today)
        reviews = Capability.REVIEW in allowed
        self.bodies = [
            body
            for body in found
            if body.pk in parties or (reviews and reach_of(body.kind) == Reach.SECTOR)
        ]
        keys = {body.pk for body in self.bodies}
        self.passed = Succession.objects.predecessors_of(keys, today) if keys else keys

    def may(self, evidence: Evidence) -> Organisation | None:
        """The organisation in whose name they may verify it."""
        if (
            evidence.removed_at
            or evidence.strength == Evidence.Strength.VERIFIED
            or evidence.scan == Evidence.Scan.INFECTED
            or evidence.added_by_id == self.user.pk
            or evidence.organisation_id in self.own
        ):
            return None
        return next(iter(self.bodies), None)

    def may_take_back(self, evidence: Evidence) -> bool:
        """Whether they may say that it is not verified after all."""
        return not evidence.removed_at and evidence.verified_for_id in self.passed


def may_give(user: User, commitment: Commitment, today: date) -> bool:
    """Whether somebody may add evidence: whoever reports on the commitment."""
    rows = Commitment.objects.allowing(user, Capability.REPORT, today)
    return rows.filter(pk=commitment.pk).exists()


def may_remove(user: User, evidence: Evidence, edits: bool, today: date) -> bool:
    """Whether somebody may take a piece of evidence away: who reports for the organisation that
    gave it, and who edits the commitment (`edits`)."""
    if evidence.removed_at:
        return False
    return edits or grant(user, Capability.REPORT, today).covers(evidence.organisation_id)


def rows(
    user: User, acting: Membership | None, commitment: Commitment, found: Iterable[Evidence],
    today: date,
) -> list[Row]:  # fmt: skip
    """Pieces of evidence with what a person may do with each. Constant in queries."""
    verifying = Verifying(user, acting, commitment, today)
    editable = Commitment.objects.allowing(user, Capability.EDIT, today)
    edits = editable.filter(pk=commitment.pk).exists()
    return [
        Row(
            evidence,
            about_in_words(evidence.milestone, evidence.update),
            verifying.may(evidence),
            verifying.may_take_back(evidence),
            may_remove(user, evidence, edits, today),
            may_be_opened(evidence),
        )
        for evidence in found
    ]


def of_commitment(commitment: Commitment):  # type: ignore[no-untyped-def]
    """All evidence of a commitment, the latest first, with what a page says of each."""
    return commitment.evidence_items.select_related(
        "milestone", "update__organisation", "organisation", "added_by", "verified_by",
        "verified_for", "removed_by",
    )  # fmt: skip


def about_in_words(milestone: Milestone | None, update: ProgressUpdate | None) -> str:
    """What a piece of evidence is about, as a page says it."""
    if milestone is not None:
        return f"Milestone: {milestone.title}"
    if update is not None:
        stands = update.state == ProgressUpdate.State.SUBMITTED
        when = words.day(update.submitted_at)
        return f"Update of {update.organisation}, {when}{'' if stands else ' (no longer stands)'}"
    return "The whole commitment"
