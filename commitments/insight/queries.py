"""What needs a person: read for their home page in a fixed number of queries."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery
from django.urls import reverse

from commitments.dates import FuzzyDate
from commitments.insight.plans import list_address
from commitments.models import Commitment, Milestone, Party, Reminder, Round, Upload
from commitments.models.commitment import CommitmentQuerySet
from commitments.models.milestone import MilestoneQuerySet
from commitments.owed import owed_updates
from commitments.reasons import due
from organisations.models import Organisation, User
from organisations.permissions import Capability, grant

SOON = timedelta(days=30)
# Counts stop here: "1,000 or more" is as much as anybody can act on.
LIMIT = 1000
SHOWN = 15


@dataclass(frozen=True)
class Step:
    """A milestone that needs somebody, and whether they may report on it."""

    milestone: Milestone
    may_report: bool

    @property
    def due(self) -> FuzzyDate:
        return due(self.milestone)


@dataclass(frozen=True)
class Steps:
    """Late and soon-due milestones: how many of each, and the first of them."""

    late: int
    soon: int
    first: list[Step]

    @property
    def more(self) -> int:
        return self.late + self.soon - len(self.first)


@dataclass(frozen=True)
class Owed:
    """Updates that are owed: how many, and the first to fall due."""

    number: int
    first: list[Commitment]

    @property
    def more(self) -> int:
        return self.number - len(self.first)

    @property
    def rounds(self) -> list[tuple[int, str]]:
        """Their rounds, each with its plan's code: there is a return to fill in for each."""
        named = {
            row.round_id: f"{row.plan.code}, {row.round_name}"  # type: ignore[attr-defined]
            for row in self.first
        }
        return list(named.items())


@dataclass(frozen=True)
class Waiting:
    """A body that owes updates in plans or commitments that somebody runs."""

    organisation: Organisation
    number: int
    closes_on: date
    address: str


@dataclass(frozen=True)
class Fault:
    """Something for whoever keeps the product in order."""

    number: int
    words: str
    address: str


def steps(user: User, bodies: set[int], today: date) -> Steps:
    """Open milestones due within SOON, late ones first: those the person owns, and those of
    commitments that these bodies lead or partner, where the person may report. Four queries."""
    ahead = Milestone.objects.open().filter(
        due_date__lte=today + SOON, commitment__state=Commitment.State.ACTIVE
    )
    visible = Commitment.objects.visible_to(user, today)
    ours = Commitment.objects.allowing(user, Capability.REPORT, today).answered_by(bodies)
    dates = _dates(ahead.filter(owner=user, commitment__in=visible.values("pk")))
    if bodies:
        # A step that another body has taken on waits for that body.
        taken_on = Q(organisation=None) | Q(organisation__in=bodies)
        dates |= _dates(ahead.filter(taken_on, commitment__in=ours.values("pk")))
    in_order = sorted(dates, key=lambda pk: (dates[pk], pk))
    found = Milestone.objects.select_related("commitment__plan").in_bulk(in_order[:SHOWN])
    rows = [found[pk] for pk in in_order[:SHOWN]]
    reporting = Commitment.objects.allowing(user, Capability.REPORT, today).filter(
        pk__in=[row.commitment_id for row in rows]
    )
    allowed = set(reporting.values_list("pk", flat=True))
    late = sum(day < today for day in dates.values())
    first = [Step(row, row.commitment_id in allowed) for row in rows]
    return Steps(late, len(dates) - late, first)


def _dates(milestones: MilestoneQuerySet) -> dict[int, date]:
    return dict(milestones.order_by("due_date", "pk").values_list("pk", "due_date")[:LIMIT])


def updates_owed(user: User, organisation_id: int, today: date) -> Owed:
    """Updates that the person owes for one body in the rounds open now. Three queries."""
    owed = owed_updates(user, [organisation_id], today)
    first = list(owed.select_related("plan")[:SHOWN])
    return Owed(owed.order_by().values("pk")[:LIMIT].count() if first else 0, first)


def waiting_for(user: User, bodies: set[int], today: date) -> list[Waiting]:
    """Other bodies that owe an update on what the person may edit, the first to fall due first.
    Two queries."""
    if not grant(user, Capability.EDIT, today):
        return []
    open_round = Round.objects.open_on(today).filter(plan=OuterRef("commitment__plan"))
    silent = Q(commitment__standing__reported_on__isnull=True) | Q(
        commitment__standing__reported_on__lt=F("opens_on")
    )
    edited = Commitment.objects.allowing(user, Capability.EDIT, today).filter(
        Exists(Round.objects.open_on(today).filter(plan=OuterRef("plan"))),
        state=Commitment.State.ACTIVE,
    )
    owing = (
        Party.objects.filter(
            role=Party.Role.LEAD, answering__isnull=False, commitment__in=edited.values("pk")
        )
        .exclude(answering__in=bodies)
        .order_by()
        .annotate(
            opens_on=Subquery(open_round.values("opens_on")[:1]),
            closes_on=Subquery(open_round.values("closes_on")[:1]),
        )
        .filter(silent)
        .values("answering")
        .annotate(number=Count("commitment", distinct=True), first_closes=Min("closes_on"))
        .order_by("first_closes", "-number")[:SHOWN]
    )
    rows = list(owing)
    named = Organisation.objects.defer("source", "notes").in_bulk(row["answering"] for row in rows)
    return [
        Waiting(
            body := named[row["answering"]],
            row["number"],
            row["first_closes"],
            list_address(organisation=body.code, state="active"),
        )
        for row in rows
    ]


def joint(visible: CommitmentQuerySet) -> tuple[list[int], bool]:
    """Keys of joint commitments, the first to be late first, and whether there are more. One
    query."""
    rows = (
        visible.filter(standing__is_joint=True, state=Commitment.State.ACTIVE)
        .order_by(F("standing__earliest_due").asc(nulls_last=True), "standing__commitment")
        .values_list("pk", flat=True)[: SHOWN + 1]
    )
    keys = list(rows)
    return keys[:SHOWN], len(keys) > SHOWN


def faults(visible: CommitmentQuerySet) -> list[Fault]:
    """What a platform administrator should look at; nothing where all is well. Three queries."""
    unassigned = visible.filter(standing__is_assigned=False, state=Commitment.State.ACTIVE)
    found = (
        Fault(
            unassigned.order_by().values("pk")[:LIMIT].count(),
            "commitment without a lead that is known,commitments without a lead that is known",
            list_address(assigned="no", state="active"),
        ),
        Fault(
            Upload.objects.filter(state=Upload.State.FAULTY).count(),
            "upload with errors,uploads with errors",
            reverse("uploads"),
        ),
        Fault(
            Reminder.objects.filter(state=Reminder.State.FAILED).count(),
            "reminder that could not be sent,reminders that could not be sent",
            "",
        ),
    )
    return [fault for fault in found if fault.number]
