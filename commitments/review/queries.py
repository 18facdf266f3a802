"""What the desk reads."""

from datetime import date

from django.db.models import Exists, OuterRef, Subquery

from commitments.models import Commitment, ProgressUpdate, Rating
from commitments.models.review import ReviewQuerySet
from commitments.ratings import evidence_rating


def plain(reviews: ReviewQuerySet, today: date) -> ReviewQuerySet:
    """Answers to updates that say nothing has changed, where both ratings are green now and both
    were green in the update before: the only ones that may be agreed to many at a time."""
    green = Commitment.objects.alias(shown=evidence_rating(today)).filter(shown=Rating.GREEN)
    before = (
        ProgressUpdate.objects.standing()
        .filter(
            submitted_at__lt=OuterRef("update__submitted_at"),
            commitment=OuterRef("update__commitment"),
        )
        .order_by("-submitted_at", "-pk")
    )
    return reviews.alias(
        rating_before=Subquery(before.values("rating")[:1]),
        evidence_before=Subquery(before.values("evidence_rating")[:1]),
    ).filter(
        Exists(green.filter(pk=OuterRef("update__commitment"))),
        rating_before=Rating.GREEN,
        evidence_before=Rating.GREEN,
        update__state=ProgressUpdate.State.SUBMITTED,
        update__is_unchanged=True,
        update__rating=Rating.GREEN,
        update__evidence_rating=Rating.GREEN,
    )
