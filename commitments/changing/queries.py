"""Who may ask, decide and object; what stands on a commitment to be moved."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from commitments.answering import answers
from commitments.dates import UNDATED, FuzzyDate, format_fuzzy
from commitments.figures import format_figure
from commitments.models import BaselineChange, Commitment, Measure, Milestone, Objection, Party
from commitments.register.actions import is_promised
from organisations.kinds import Reach, reach_of
from organisations.models import Membership, Organisation, Role, Succession, User
from organisations.permissions import CAPABILITIES, Capability, roles_of

SPEAKING = frozenset({Capability.REPORT, Capability.EDIT})
OBJECTING = frozenset({Capability.REPORT, Capability.REVIEW})
SECTOR = frozenset({Capability.REVIEW})
NAMED = 3


@dataclass(frozen=True)
class Promise:
    """What stands and could move: the date of a milestone, of the commitment itself (neither), or
    the target of a measure."""

    commitment: Commitment
    milestone: Milestone | None = None
    measure: Measure | None = None

    @property
    def what(self) -> str:
        return self._as_change.what

    @property
    def now(self) -> str:
        """What stands, in words; "" when nothing does."""
        return self._as_change.now_words if self.stands else ""

    @property
    def stands(self) -> bool:
        if self.measure:
            return self.measure.target_low is not None
        return self.date.is_dated

    @property
    def date(self) -> FuzzyDate:
        if self.measure:
            return UNDATED
        return self.milestone.baseline if self.milestone else self.commitment.target

    @property
    def why_not(self) -> str:
        """Why it cannot be asked to move, in words; "" when it can."""
        if not is_promised(self.commitment):
            state = self.commitment.get_state_display().lower()
            return f"This commitment is {state}: nothing in it stands as a promise."
        if self.milestone and not self.milestone.is_open:
            state = self.milestone.get_state_display().lower()
            return f"“{self.milestone}” is {state}: its date no longer moves."
        if not self.stands:
            thing = "target" if self.measure else "date"
            return f"No {thing} stands here yet. The first one is given by editing, without asking."
        return ""

    def asked(self) -> "QuerySet[BaselineChange]":
        """The requests to move just this."""
        return self.commitment.baseline_changes.filter(
            milestone=self.milestone, measure=self.measure
        )

    def first(self) -> str:
        """What was promised first, in words; "" when it never moved."""
        if self.measure:
            low, high = self.measure.first_target_low, self.measure.first_target_high
            return format_figure(low, high, "", self.measure.unit)
        row = self.milestone or self.commitment
        first: date | None = (
            row.first_baseline_date if isinstance(row, Milestone) else row.first_target_date
        )
        return format_fuzzy(FuzzyDate.on(first)) if first else ""

    @property
    def moves(self) -> int:
        row = self.measure or self.milestone or self.commitment
        return row.moves

    @property
    def _as_change(self) -> BaselineChange:
        return BaselineChange(
            commitment=self.commitment, milestone=self.milestone, measure=self.measure
        )


def speaks_for(user: User, commitment: Commitment, today: date) -> Organisation | None:
    """On whose behalf somebody asks: the party in which they report or edit, else the plan's owner,
    else any body of theirs with such a role, else (a platform administrator) who answers."""
    bodies = {m.organisation_id: m.organisation for m in _roles(user, SPEAKING, today)}
    answering = bodies_answering(commitment, today)
    for body in (*answering, commitment.plan.owner):
        if body is not None and body.pk in bodies:
            return body
    return next(iter(bodies.values()), next(iter(answering), commitment.plan.owner))


def may_object_for(user: User, change: BaselineChange, today: date) -> list[Organisation]:
    """For which organisations somebody may object to a change that waits: those of their own that
    are parties of the joint commitment, and the one that speaks for all councils; but for the one
    that asks and those that have objected."""
    if not change.is_open or not change.commitment.standing.is_joint:
        return []
    own = {one.organisation_id for one in _roles(user, OBJECTING, today)}
    done = set(Objection.objects.filter(change=change).values_list("organisation", flat=True)) | {
        change.organisation_id
    }
    found = {body.pk: body for body in bodies_answering(change.commitment, today)}
    for one in _roles(user, SECTOR, today):
        if reach_of(one.organisation.kind) == Reach.SECTOR:
            found.setdefault(one.organisation_id, one.organisation)
    return [body for key, body in found.items() if key in own - done]


def bodies_answering(commitment: Commitment, today: date, role: str = "") -> list[Organisation]:
    """The bodies that answer for the parties of a commitment, leads first; once each."""
    parties = commitment.parties.select_related("organisation", "assigned_to").order_by(
        "role", "position", "pk"
    )
    found = answers(parties.filter(role=role) if role else parties, today)
    return list({body.pk: body for answer in found for body in answer.now}.values())


def deciders(change: BaselineChange, today: date) -> list[str]:
    """Names of those who can decide: programme leads of the bodies that answer for it; where there
    is none but the asker, of the boards above them and of the plan's keeper."""
    leads = bodies_answering(change.commitment, today, Party.Role.LEAD)
    above = {body.parent_id for body in leads} | {change.commitment.plan.owner_id}
    for bodies in ({body.pk for body in leads}, above - {None}):
        held = Membership.objects.current().filter(
            role=Role.PROGRAMME_LEAD,
            organisation__in=Succession.objects.predecessors_of(bodies, today),  # type: ignore[arg-type]
            user__is_active=True,
        )
        people = User.objects.filter(pk__in=held.values("user")).exclude(pk=change.asked_by_id)
        if names := [str(person) for person in people.order_by("name", "pk")[:NAMED]]:
            return names
    return []


def same_target(measure: Measure, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether a target is the one that stands."""
    return (measure.target_low, measure.target_high) == (low, low if high is None else high)


def _roles(user: User, wanted: frozenset[Capability], today: date) -> list[Membership]:
    """What somebody is by themselves, where it gives one of these capabilities."""
    return [one for one in roles_of(user, today) if wanted & set(CAPABILITIES[one.role])]
