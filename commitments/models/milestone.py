"""Milestones: dated steps on the way to a commitment."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Upper

from commitments.dates import Precision
from commitments.fields import FuzzyDateAttribute, fuzzy_date_constraint
from commitments.models.commitment import Commitment
from commitments.models.tracking import bump_version, count_moves, tracked
from organisations.models import Organisation


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    """Milestones by state."""

    def open(self) -> "MilestoneQuerySet":
        """Those still to be reached."""
        return self.filter(state__in=Milestone.OPEN_STATES)


@tracked("due_date")
class Milestone(models.Model):
    """A dated step: promised for `baseline`, now expected on `forecast`, reached on `actual_on`.

    `due_date` is what lateness is counted from: the forecast, else the baseline.
    """

    class State(models.TextChoices):
        NOT_STARTED = "not_started", "Not started"
        IN_PROGRESS = "in_progress", "In progress"
        COMPLETE = "complete", "Complete"
        CANCELLED = "cancelled", "Cancelled"

    OPEN_STATES = (State.NOT_STARTED, State.IN_PROGRESS)

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="milestones")
    title = models.CharField(max_length=300)
    baseline_text = models.CharField(max_length=100, blank=True)
    baseline_date = models.DateField(null=True, blank=True)
    baseline_precision = models.CharField(
        max_length=20, choices=Precision, default=Precision.NONE, blank=True
    )
    forecast_text = models.CharField(max_length=100, blank=True)
    forecast_date = models.DateField(null=True, blank=True)
    forecast_precision = models.CharField(
        max_length=20, choices=Precision, default=Precision.NONE, blank=True
    )
    # Kept by the database: see count_moves.
    first_baseline_date = models.DateField(null=True, editable=False)
    moves = models.PositiveSmallIntegerField(default=0, editable=False)
    due_date = models.GeneratedField(
        expression=Coalesce("forecast_date", "baseline_date"),
        output_field=models.DateField(null=True),
        db_persist=True,
    )
    actual_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=15, choices=State, default=State.NOT_STARTED)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="milestones",
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="milestones"
    )
    source = models.TextField(blank=True)
    note = models.TextField(blank=True)
    is_demonstration = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    baseline = FuzzyDateAttribute("baseline")
    forecast = FuzzyDateAttribute("forecast")
    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ("due_date", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(actual_on__isnull=True) | Q(state="complete"),
                name="milestone_actual_means_complete",
                violation_error_message="Only a complete milestone has a date when it was reached.",
            ),
            fuzzy_date_constraint("baseline", "milestone"),
            fuzzy_date_constraint("forecast", "milestone"),
        ]
        indexes = [
            models.Index(
                "due_date",
                name="milestone_open_by_due",
                condition=Q(state__in=["not_started", "in_progress"]),
            ),
            models.Index("owner", "due_date", name="milestone_by_owner"),
            # Words inside a title, for whoever looks for the step that theirs waits on.
            GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="milestone_title_trigram"),
        ]
        triggers = [
            bump_version,
            count_moves("milestone_moves", baseline_date="first_baseline_date"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it is still to be reached."""
        return self.state in self.OPEN_STATES

    @property
    def slip_days(self) -> int | None:
        """Days that the forecast (or the actual day) lies past the baseline; None if unknown."""
        now = self.actual_on or self.forecast_date
        return (now - self.baseline_date).days if now and self.baseline_date else None

    @property
    def moved_days(self) -> int | None:
        """Days that the baseline lies past the day that was promised first; None if it never
        moved."""
        if not self.first_baseline_date or not self.baseline_date:
            return None
        return (self.baseline_date - self.first_baseline_date).days
