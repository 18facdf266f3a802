"""Reporting rounds, and what contributors say in them."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from commitments.models.commitment import Commitment
from commitments.models.plan import Plan
from commitments.models.tracking import tracked
from organisations.models import Organisation


class Rating(models.TextChoices):
    """Ratings, the best first. Only the first four can be declared."""

    COMPLETE = "complete", "Complete"
    GREEN = "green", "Green"
    AMBER = "amber", "Amber"
    RED = "red", "Red"
    NO_EVIDENCE = "no_evidence", "No evidence"


DECLARED_RATINGS = [(r.value, r.label) for r in Rating if r is not Rating.NO_EVIDENCE]


class RoundQuerySet(models.QuerySet["Round"]):
    """Rounds by date."""

    def open_on(self, day: date) -> "RoundQuerySet":
        """Those that take updates on a day and have not closed."""
        return self.filter(opens_on__lte=day, closes_on__gte=day)


@tracked()
class Round(models.Model):
    """A reporting round of a plan: its first and its last day. Rounds of a plan never overlap."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="rounds")
    name = models.CharField(max_length=100)
    opens_on = models.DateField()
    closes_on = models.DateField()
    is_demonstration = models.BooleanField(default=False)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ("-opens_on",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="round_dates_in_order",
                violation_error_message="A round cannot close before it opens.",
            ),
            ExclusionConstraint(
                name="round_one_open_at_a_time",
                expressions=[
                    ("plan", RangeOperators.EQUAL),
                    (
                        Func(
                            "opens_on",
                            "closes_on",
                            RangeBoundary(inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="Another round of this plan is open on some of these days.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class ProgressUpdate(models.Model):
    """What somebody said about a commitment on behalf of an organisation. Never overwritten."""

    class Confidence(models.TextChoices):
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="updates")
    round = models.ForeignKey(
        Round, null=True, blank=True, on_delete=models.SET_NULL, related_name="updates"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="updates")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="updates"
    )
    rating = models.CharField(max_length=15, choices=DECLARED_RATINGS)
    confidence = models.CharField(max_length=10, choices=Confidence)
    narrative = models.TextField()
    risks = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why it is red or amber")
    path_to_green = models.TextField(blank=True)
    difference_reason = models.TextField(
        blank=True, help_text="Why the declared rating differs from what the evidence shows"
    )
    next_steps = models.TextField(blank=True)
    evidence_rating = models.CharField(
        max_length=15, choices=Rating, help_text="What the evidence showed when this was submitted"
    )
    submitted_at = models.DateTimeField(default=timezone.now)
    is_demonstration = models.BooleanField(default=False)

    class Meta:
        ordering = ("-submitted_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(rating__in=["red", "amber"]) | (~Q(reason="") & ~Q(path_to_green="")),
                name="update_red_and_amber_explained",
            ),
            models.CheckConstraint(
                condition=Q(rating=F("evidence_rating"))
                | Q(evidence_rating="no_evidence")
                | ~Q(difference_reason=""),
                name="update_difference_explained",
            ),
        ]
        indexes = [
            models.Index(fields=["commitment", "-submitted_at"], name="update_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_rating_display()} for {self.commitment_id}"
