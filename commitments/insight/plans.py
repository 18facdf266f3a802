"""Plans and how they stand, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F
from django.urls import reverse

from commitments.models import Commitment, Milestone, Plan, Rating
from commitments.models.commitment import CommitmentQuerySet
from commitments.models.milestone import MilestoneQuerySet
from commitments.ratings import evidence_rating
from organisations.models import User

WORST_FIRST = (Rating.RED, Rating.AMBER, Rating.GREEN, Rating.COMPLETE, Rating.NO_EVIDENCE)
AT_MOST = 10


def list_address(**choices: str) -> str:
    """The address of the commitments list with some of its filters chosen (docs/lists.md)."""
    return f"{reverse('commitments')}?{urlencode(choices)}"


@dataclass
class Counts:
    """How many commitments have each rating, of a plan or of one of its headings."""

    by_rating: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.by_rating.values())

    @property
    def address(self) -> str:
        """The list of them all."""
        return list_address(**self.choices)

    @property
    def cells(self) -> list[tuple[Rating, int, str]]:
        """Each rating with its number and the list of them, the worst first."""
        return [
            (rating, self.by_rating[rating], list_address(**self.choices, rating=rating.value))
            for rating in WORST_FIRST
        ]

    @property
    def figures(self) -> list[dict[str, Any]]:
        """The same for partials/figures.html, without the ratings that nothing has."""
        return [
            {"number": number, "words": rating.label, "url": url, "kind": rating.value}
            for rating, number, url in self.cells
            if number
        ]


@dataclass(frozen=True)
class PlanRow:
    """A plan of the list with its counts."""

    plan: Plan
    counts: Counts


@dataclass(frozen=True)
class Part:
    """Some rows of a longer list: how many there are in all, and where the rest stands."""

    rows: list[Any]
    total: int
    address: str

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


def rated(commitments: CommitmentQuerySet, today: date, *group: str) -> list[tuple]:
    """How many commitments each combination of some columns and the evidence rating has: tuples of
    the columns, the rating and the number. One query."""
    return list(
        commitments.order_by()
        .annotate(evidence=evidence_rating(today))
        .values_list(*group, "evidence")
        .annotate(number=Count("pk"))
    )


def with_counts(plans: Iterable[Plan], user: User, today: date) -> list[PlanRow]:
    """Plans with the ratings of what the person may see of them. One query."""
    plans = list(plans)
    counts = {plan.pk: Counts(choices={"plan": plan.code}) for plan in plans}
    visible = Commitment.objects.visible_to(user, today).filter(plan__in=counts)
    for plan, rating, number in rated(visible, today, "plan"):
        counts[plan].by_rating[rating] += number
    return [PlanRow(plan, counts[plan.pk]) for plan in plans]


def by_heading(plan: Plan, commitments: CommitmentQuerySet, today: date) -> list[tuple]:
    """The headings of a plan as (name, theme, Counts), in the plan's order. One query."""
    found: dict[tuple, Counts] = {}
    columns = ("pillar__position", "pillar__name", "pillar__theme")
    for position, name, theme, rating, number in rated(commitments, today, *columns):
        key = (position is None, position or 0, name or "", theme or "")
        choices = {"plan": plan.code} | ({"heading": name} if name else {})
        found.setdefault(key, Counts(choices=choices)).by_rating[rating] += number
    return [(name, theme, found[key]) for key in sorted(found) for _, _, name, theme in [key]]


def overall(plan: Plan, headings: list[tuple]) -> Counts:
    """The counts of the whole plan, added up from its headings."""
    total = Counts(choices={"plan": plan.code})
    for _, _, counts in headings:
        for rating, number in counts.by_rating.items():
            total.by_rating[rating] += number
    return total


def overdue(plan: Plan, commitments: CommitmentQuerySet, today: date) -> Part:
    """Open milestones past their date, the longest late first. Two queries."""
    late = _open_milestones(commitments).filter(due_date__lt=today).order_by("due_date", "pk")
    address = list_address(plan=plan.code, overdue="yes", state="active", sort="late")
    return Part(list(_shown(late)), late.count(), address)


def unassigned(plan: Plan, commitments: CommitmentQuerySet) -> Part:
    """Commitments whose lead is no particular body. Two queries."""
    waiting = commitments.filter(
        standing__is_assigned=False, state=Commitment.State.ACTIVE
    ).order_by("reference")
    shown = waiting.select_related("plan").prefetch_related("parties")[:AT_MOST]
    address = list_address(plan=plan.code, assigned="no", state="active")
    return Part(list(shown), waiting.count(), address)


def unowned(plan: Plan, commitments: CommitmentQuerySet) -> Part:
    """Open milestones that neither a person nor a body has taken on. Two queries."""
    waiting = _open_milestones(commitments).filter(owner=None, organisation=None)
    in_order = waiting.order_by(F("due_date").asc(nulls_last=True), "pk")
    return Part(list(_shown(in_order)), waiting.count(), list_address(plan=plan.code))


def _open_milestones(commitments: CommitmentQuerySet) -> MilestoneQuerySet:
    active = commitments.filter(state=Commitment.State.ACTIVE)
    return Milestone.objects.open().filter(commitment__in=active.order_by().values("pk"))


def _shown(milestones: MilestoneQuerySet) -> MilestoneQuerySet:
    return milestones.select_related("commitment__plan")[:AT_MOST]
