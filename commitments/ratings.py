"""Evidence ratings: the one definition.

A rating is that of the first clause of `CLAUSES` that applies to a commitment on a day. Each clause
is a condition in SQL over the facts in Standing and the thresholds of the plan, so a list, a
filter, a page, an export and an e-mail cannot disagree. Nothing here reads the clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from commitments.models import Commitment, Rating, Round
from commitments.models.commitment import CommitmentQuerySet

LONG_AGO = date(1, 1, 1)


@dataclass(frozen=True)
class Clause:
    """One reason for a rating: its name, the rating it gives, and how it reads when it holds."""

    name: str
    rating: Rating
    words: str


COMPLETE = Clause(
    "complete", Rating.COMPLETE, "Every milestone is complete and every measure is at its target"
)
LONG_OVERDUE = Clause("long_overdue", Rating.RED, "A milestone is long overdue")
BEYOND_TARGET = Clause(
    "beyond_target", Rating.RED, "A milestone is expected after the commitment's own date"
)
MEASURE_RED = Clause("measure_red", Rating.RED, "A measure is far from where it was to be by now")
OVERDUE = Clause("overdue", Rating.AMBER, "A milestone is overdue")
SLIPPED = Clause("slipped", Rating.AMBER, "A milestone is expected later than it was promised")
MEASURE_AMBER = Clause(
    "measure_amber", Rating.AMBER, "A measure is behind where it was to be by now"
)
UPDATE_LATE = Clause("update_late", Rating.AMBER, "No update came in the last reporting round")
EVIDENCE = Clause("evidence", Rating.GREEN, "There is evidence, and nothing is late or behind")

CLAUSES = (
    COMPLETE,
    LONG_OVERDUE,
    BEYOND_TARGET,
    MEASURE_RED,
    OVERDUE,
    SLIPPED,
    MEASURE_AMBER,
    UPDATE_LATE,
    EVIDENCE,
)


def conditions(today: date) -> dict[Clause, Q | Exists]:
    """Each clause as a condition on a queryset of commitments, as things stand on a day."""
    red_line = ExpressionWrapper(
        Value(today, output_field=DateField()) - F("plan__red_after_days"), output_field=DateField()
    )
    missed_round = Round.objects.filter(
        plan=OuterRef("plan"),
        closes_on__lt=today,
        opens_on__gt=Coalesce(OuterRef("standing__reported_on"), Value(LONG_AGO)),
    )
    return {
        COMPLETE: (Q(standing__milestones__gt=0) | Q(standing__measures__gt=0))
        & Q(
            standing__milestones_complete=F("standing__milestones"),
            standing__measures_at_target=F("standing__measures"),
        ),
        LONG_OVERDUE: Q(standing__earliest_due__lt=red_line),
        BEYOND_TARGET: Q(standing__latest_due__gt=F("target_date")),
        MEASURE_RED: Q(standing__measures_red__gt=0),
        OVERDUE: Q(standing__earliest_due__lt=today),
        SLIPPED: Q(standing__slipped=True),
        MEASURE_AMBER: Q(standing__measures_amber__gt=0),
        UPDATE_LATE: Exists(missed_round),
        EVIDENCE: Q(standing__milestones_dated__gt=0)
        | Q(standing__measures_with_actuals__gt=0)
        | Q(standing__latest_update__isnull=False),
    }


def evidence_rating(today: date) -> Case:
    """The evidence rating on a day, as an expression for a queryset of commitments."""
    cases = [
        When(condition, then=Value(clause.rating.value))
        for clause, condition in conditions(today).items()
    ]
    return Case(*cases, default=Value(Rating.NO_EVIDENCE.value), output_field=CharField())


def with_ratings(commitments: CommitmentQuerySet, today: date) -> CommitmentQuerySet:
    """Commitments with `evidence_rating` added and their standing (declared rating, next milestone)
    at hand: what every list needs, without a query a row."""
    return commitments.select_related("standing__next_milestone", "plan", "pillar").annotate(
        evidence_rating=evidence_rating(today)
    )


@dataclass(frozen=True)
class Explanation:
    """An evidence rating and every clause that holds, the deciding one first."""

    rating: Rating
    clauses: tuple[Clause, ...]

    def __iter__(self) -> Iterator[Clause]:
        return iter(self.clauses)


def explain(commitment: Commitment, today: date) -> Explanation:
    """Why a commitment is rated as it is: one query, over the same conditions as the rating.

    A green one gives its one reason; an amber or red one everything that is late or behind.
    """
    annotations = {
        clause.name: Case(When(condition, then=Value(True)), default=Value(False))
        for clause, condition in conditions(today).items()
    }
    row = (
        Commitment.objects.filter(pk=commitment.pk)
        .annotate(**annotations)
        .values_list(*annotations)
        .get()
    )
    holding = tuple(clause for clause, holds in zip(CLAUSES, row, strict=True) if holds)
    if not holding:
        return Explanation(Rating.NO_EVIDENCE, ())
    if holding[0] in (COMPLETE, EVIDENCE):
        return Explanation(holding[0].rating, holding[:1])
    return Explanation(holding[0].rating, tuple(c for c in holding if c is not EVIDENCE))
