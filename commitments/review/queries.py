"""What the desk and a commitment's reviews read."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from commitments.history import HistoryEntry, changes
from commitments.history_words import REVIEW_TALK
from commitments.models import Commitment, Party, Plan, ProgressUpdate, Rating, Review
from commitments.models.review import ReviewQuerySet
from commitments.ratings import evidence_rating
from commitments.verdicts import Sides, answers_to
from organisations import queries as register
from organisations.kinds import COUNCIL_KINDS, Kind
from organisations.models import Organisation, Succession

AWAITED, ANSWERED, SILENT, DISPUTED = "awaited", "answered", "silent", "disputed"
CHANGES_SHOWN = 8
CHANGES_READ = 40


@dataclass(frozen=True)
class Row:
    """A line of the desk: the answer that is asked for, the update with what everybody says of it,
    the evidence now, and both ratings of the update before."""

    review: Review
    sides: Sides
    evidence: str
    rating_before: str
    evidence_before: str

    @property
    def councils_shown(self) -> list[Review]:
        """Councils whose own words say most: those that disagree, then those that comment."""
        telling = (Review.State.DISAGREED, Review.State.COMMENTED)
        return [r for state in telling for r in self.sides.councils if r.state == state][:2]

    @property
    def is_plain(self) -> bool:
        """Whether nothing changed and all ratings are green: what may be agreed to in bulk."""
        all_ratings = {
            self.sides.update.rating,
            self.sides.update.evidence_rating,
            self.evidence,
            self.rating_before,
            self.evidence_before,
        }
        return self.sides.update.is_unchanged and all_ratings == {Rating.GREEN}


def which(reviews: ReviewQuerySet, show: str) -> ReviewQuerySet:
    """Those still awaited, or given, or never given, or about what is disputed."""
    return {
        AWAITED: reviews.filter(state=Review.State.AWAITED),
        ANSWERED: reviews.filter(state__in=Review.GIVEN),
        SILENT: reviews.filter(state=Review.State.NO_ANSWER),
        DISPUTED: reviews.filter(update__joint_state=ProgressUpdate.JointState.DISPUTED),
    }[show]


def narrowed(
    reviews: ReviewQuerySet,
    today: date,
    *,
    system: Organisation | None = None,
    council: Organisation | None = None,
    plan: Plan | None = None,
    rating: str = "",
) -> ReviewQuerySet:
    """Only those about commitments of a system, with a council, of a plan, with a declared
    rating."""
    if system:
        placed = register.in_system(Organisation.objects.all(), system, today)
        bodies = Succession.objects.predecessors_of(placed.values_list("pk", flat=True), today)
        reviews = reviews.filter(update__commitment__in=_answered_by(bodies))
    if council:
        bodies = Succession.objects.predecessors_of([council.pk], today)
        reviews = reviews.filter(update__commitment__in=_answered_by(bodies))
    if plan:
        reviews = reviews.filter(update__commitment__plan=plan)
    return reviews.filter(update__rating=rating) if rating else reviews


def _answered_by(bodies: set[int]):  # type: ignore[no-untyped-def]
    return Commitment.objects.answered_by(bodies).order_by().values("pk")


def in_order(reviews: ReviewQuerySet) -> ReviewQuerySet:
    """The first to be due first, with all that a row needs but for what `rows` adds."""
    named = reviews.select_related(
        "organisation", "answered_by", "update__commitment__plan", "update__organisation",
        "update__author", "update__round",
    ).order_by("due_on", "update__commitment__reference", "pk")  # fmt: skip
    before = _before().order_by("-submitted_at", "-pk")
    return named.annotate(
        rating_before=Subquery(before.values("rating")[:1]),
        evidence_before=Subquery(before.values("evidence_rating")[:1]),
    )


def rows(reviews: QuerySet[Review], today: date) -> list[Row]:
    """A page of `in_order` with the answers of everybody else. Five queries."""
    found = list(reviews)
    sides = {one.update.pk: one for one in answers_to(row.update for row in found)}
    keys = [row.update.commitment_id for row in found]
    rated = Commitment.objects.filter(pk__in=keys).annotate(shown=evidence_rating(today))
    evidence = dict(rated.order_by().values_list("pk", "shown"))
    return [
        Row(
            row,
            sides[row.update_id],
            evidence[row.update.commitment_id],
            row.rating_before or "",  # type: ignore[attr-defined]
            row.evidence_before or "",  # type: ignore[attr-defined]
        )
        for row in found
    ]


def _before() -> QuerySet[ProgressUpdate]:
    """Updates of the same commitment that stood before the one that is asked about."""
    return ProgressUpdate.objects.standing().filter(
        pk__lt=OuterRef("update"),
        submitted_at__lte=OuterRef("update__submitted_at"),
        commitment=OuterRef("update__commitment"),
    )


def plain(reviews: ReviewQuerySet, today: date) -> ReviewQuerySet:
    """Answers to updates that say nothing has changed, where both ratings are green now and both
    were green in the update before: the only ones that may be agreed to many at a time."""
    green = Commitment.objects.alias(shown=evidence_rating(today)).filter(shown=Rating.GREEN)
    before = _before().order_by("-submitted_at", "-pk")
    return reviews.alias(
        was=Subquery(before.values("rating")[:1]),
        showed=Subquery(before.values("evidence_rating")[:1]),
    ).filter(
        Exists(green.filter(pk=OuterRef("update__commitment"))),
        was=Rating.GREEN,
        showed=Rating.GREEN,
        update__state=ProgressUpdate.State.SUBMITTED,
        update__is_unchanged=True,
        update__rating=Rating.GREEN,
        update__evidence_rating=Rating.GREEN,
    )


# --- what can be chosen ---------------------------------------------------------------------------
def systems(today: date) -> QuerySet[Organisation]:
    """The integrated care boards of today."""
    return Organisation.objects.open_on(today).filter(kind=Kind.ICB).order_by("name")


def councils_in(reviews: ReviewQuerySet) -> QuerySet[Organisation]:
    """The councils that are party to what is asked about."""
    parties = Party.objects.filter(commitment__in=reviews.order_by().values("update__commitment"))
    councils = Organisation.objects.filter(kind__in=COUNCIL_KINDS)
    return councils.filter(pk__in=parties.order_by().values("answering")).order_by("name")


def plans_in(reviews: ReviewQuerySet) -> QuerySet[Plan]:
    """The plans of what is asked about."""
    return Plan.objects.filter(
        pk__in=reviews.order_by().values("update__commitment__plan")
    ).order_by("title")


def counts(reviews: ReviewQuerySet) -> dict[str, int | date | None]:
    """How many of each sort there are, and when the first awaited one is due. One query."""
    disputed = Q(update__joint_state=ProgressUpdate.JointState.DISPUTED)
    return reviews.order_by().aggregate(
        awaited=Count("pk", filter=Q(state=Review.State.AWAITED)),
        answered=Count("pk", filter=Q(state__in=Review.GIVEN)),
        silent=Count("pk", filter=Q(state=Review.State.NO_ANSWER)),
        disputed=Count("pk", filter=disputed),
        first=Min("due_on", filter=Q(state=Review.State.AWAITED)),
    )


# --- one commitment -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Glance:
    """What changed since the update before: both ratings then, and every change since."""

    before: ProgressUpdate | None
    entries: list[HistoryEntry]


def asked_about(commitment: Commitment) -> QuerySet[ProgressUpdate]:
    """Its updates that stand or were answered while they stood, the newest first."""
    answered = Review.objects.filter(update=OuterRef("pk"), state__in=Review.GIVEN)
    rows = commitment.updates.select_related("organisation", "author", "round", "commitment")
    return rows.filter(Q(state=ProgressUpdate.State.SUBMITTED) | Exists(answered))


def glance(update: ProgressUpdate) -> Glance:
    """What changed between the update before and this one, and since; answers apart."""
    earlier = ProgressUpdate.objects.standing().filter(
        commitment=update.commitment_id, submitted_at__lte=update.submitted_at, pk__lt=update.pk
    )
    before = earlier.select_related("round").first()
    since: datetime | None = before.submitted_at if before else None
    told = changes([update.commitment_id], since=since, limit=CHANGES_READ) if since else []
    # What the reviews say stands on the page already.
    news = [e for e in told if any(not c.what.startswith(REVIEW_TALK) for c in e.items)]
    return Glance(before, news[:CHANGES_SHOWN])


def next_awaited(reviews: ReviewQuerySet, after: Review) -> Review | None:
    """The next answer that is awaited from the same body, by its day."""
    others = reviews.awaited().exclude(pk=after.pk).select_related("update__commitment__plan")
    return others.order_by("due_on", "update__commitment__reference", "pk").first()
