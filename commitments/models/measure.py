"""Measures: the numbers a commitment is judged by, and the figures entered for them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from commitments.dates import Precision
from commitments.fields import FuzzyDateAttribute, fuzzy_date_constraint
from commitments.models.commitment import Commitment
from commitments.models.tracking import count_moves, tracked


@tracked()
class Measure(models.Model):
    """Baseline and target of one number. `target_low` and `target_high` differ only for a range.

    `qualifier` is the source's own hedge ("over", "nearly", "up to"); `direction` is how an actual
    is compared with the target. Values are in `unit` exactly as given: £2.4 billion is 2.4.
    """

    class Direction(models.TextChoices):
        AT_LEAST = "at_least", "At least"
        AT_MOST = "at_most", "At most"
        WITHIN = "within", "Within the range"

    class Rhythm(models.TextChoices):
        """Each is a Precision of the figures' periods."""

        MONTH = "month", "Every month"
        QUARTER = "quarter", "Every quarter"
        FINANCIAL_YEAR = "financial_year", "Every financial year"
        ACADEMIC_YEAR = "academic_year", "Every academic year"
        YEAR = "year", "Every calendar year"

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="measures")
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=100, blank=True)
    direction = models.CharField(max_length=10, choices=Direction, default=Direction.AT_LEAST)
    qualifier = models.CharField(max_length=20, blank=True)
    baseline_value = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    baseline_text = models.CharField("baseline date", max_length=100, blank=True)
    baseline_date = models.DateField(null=True, blank=True)
    baseline_precision = models.CharField(
        max_length=20, choices=Precision, default=Precision.NONE, blank=True
    )
    target_low = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    target_high = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    target_text = models.CharField(max_length=100, blank=True)
    # Kept by the database: see count_moves.
    first_target_low = models.DecimalField(
        max_digits=20, decimal_places=4, null=True, editable=False
    )
    first_target_high = models.DecimalField(
        max_digits=20, decimal_places=4, null=True, editable=False
    )
    moves = models.PositiveSmallIntegerField(default=0, editable=False)
    rhythm = models.CharField(
        max_length=15, choices=Rhythm, blank=True, help_text="The only periods figures are for"
    )
    # Empty means the plan's own tolerances.
    amber_tolerance = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    red_tolerance = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    baseline = FuzzyDateAttribute("baseline")

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint("commitment", Lower("name"), name="measure_unique"),
            models.CheckConstraint(
                condition=Q(target_low__isnull=True, target_high__isnull=True)
                | Q(target_low__isnull=False, target_high__gte=F("target_low")),
                name="measure_range_in_order",
                violation_error_message="The lower end of a range comes first.",
            ),
            fuzzy_date_constraint("baseline", "measure"),
        ]
        triggers = [
            count_moves(
                "measure_moves", target_low="first_target_low", target_high="first_target_high"
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class Figure(models.Model):
    """One value of a measure for one period: what was reported, or what was planned for then."""

    class Kind(models.TextChoices):
        ACTUAL = "actual", "Actual"
        TRAJECTORY = "trajectory", "Trajectory"

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="figures")
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.DecimalField(max_digits=20, decimal_places=4)
    period_text = models.CharField(max_length=100)
    period_date = models.DateField()
    period_precision = models.CharField(max_length=20, choices=Precision)
    source = models.TextField(blank=True)
    note = models.TextField(blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_demonstration = models.BooleanField(default=False)

    period = FuzzyDateAttribute("period")

    class Meta:
        ordering = ("period_date", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "kind", "period_date"], name="figure_once_a_period"
            ),
            models.CheckConstraint(
                condition=~Q(period_precision=Precision.NONE.value), name="figure_period_is_dated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} ({self.period_text})"
