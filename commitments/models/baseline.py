"""Requests to move what was promised: a date or a target."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from commitments.dates import Precision, format_fuzzy
from commitments.fields import FuzzyDateAttribute, fuzzy_date_constraint
from commitments.figures import format_figure
from commitments.models.commitment import Commitment
from commitments.models.measure import Measure
from commitments.models.milestone import Milestone
from commitments.models.tracking import bump_version, tracked
from organisations.models import Organisation


@tracked()
class BaselineChange(models.Model):
    """Somebody asks to move a promise: a milestone's date, the commitment's own date (neither
    `milestone` nor `measure`), or a measure's target.

    Decided by a programme lead of the body that answers, never by the person who asks. `was_*` is
    what stood when it was asked for: if something else stands when it is decided, it is asked
    again. States and moves: commitments.changing.states.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Waits for a decision"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    commitment = models.ForeignKey(
        Commitment, on_delete=models.CASCADE, related_name="baseline_changes"
    )
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.CASCADE, related_name="baseline_changes"
    )
    measure = models.ForeignKey(
        Measure, null=True, blank=True, on_delete=models.CASCADE, related_name="baseline_changes"
    )
    was_text = models.CharField(max_length=100, blank=True)
    was_date = models.DateField(null=True, blank=True)
    was_precision = models.CharField(
        max_length=20, choices=Precision, default=Precision.NONE, blank=True
    )
    to_text = models.CharField(max_length=100, blank=True)
    to_date = models.DateField(null=True, blank=True)
    to_precision = models.CharField(
        max_length=20, choices=Precision, default=Precision.NONE, blank=True
    )
    was_low = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    was_high = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    to_low = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    to_high = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="baseline_changes"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    is_demonstration = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    was = FuzzyDateAttribute("was")
    to = FuzzyDateAttribute("to")

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(milestone__isnull=True) | Q(measure__isnull=True),
                name="baseline_change_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="baseline_change_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "refused"], decided_by__isnull=False)
                & Q(decided_at__isnull=False)
                | Q(state__in=["asked", "withdrawn"]),
                name="baseline_change_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by=models.F("asked_by")),
                name="baseline_change_decided_by_another",
                violation_error_message="Somebody else has to decide.",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(decision_note=""),
                name="baseline_change_refusal_explained",
                violation_error_message="Say why it is refused.",
            ),
            models.UniqueConstraint(
                fields=["commitment", "milestone", "measure"],
                condition=Q(state="asked"),
                name="baseline_change_one_at_a_time",
                nulls_distinct=False,
                violation_error_message="A change of this is already waiting for a decision.",
            ),
            fuzzy_date_constraint("was", "baseline_change"),
            fuzzy_date_constraint("to", "baseline_change"),
        ]
        triggers = [bump_version]

    def __str__(self) -> str:
        return f"Baseline change on {self.commitment_id}, {self.state}"

    def get_absolute_url(self) -> str:
        names = [self.commitment.plan.code, self.commitment.reference, self.pk]
        return reverse("baseline_change", args=names)

    @property
    def what(self) -> str:
        """What is to move, in words."""
        if self.measure:
            return f"Target of “{self.measure}”"
        return f"Date of “{self.milestone}”" if self.milestone else "Target date"

    @property
    def was_words(self) -> str:
        """What stood when it was asked for."""
        if self.measure:
            return _target(self.measure, self.was_low, self.was_high)
        return format_fuzzy(self.was)

    @property
    def to_words(self) -> str:
        """What it is to become."""
        if self.measure:
            return _target(self.measure, self.to_low, self.to_high)
        return format_fuzzy(self.to)

    @property
    def days(self) -> int | None:
        """Days that a date would move by, earlier being negative; None for a target."""
        return (self.to_date - self.was_date).days if self.to_date and self.was_date else None

    @property
    def by_how_much(self) -> str:
        """How far a date would move: "40 days later"; "" for a target."""
        if not self.days:
            return ""
        count = abs(self.days)
        return (
            f"{count:,} {'day' if count == 1 else 'days'} {'later' if self.days > 0 else 'earlier'}"
        )

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a decision."""
        return self.state == self.State.ASKED

    @property
    def now_words(self) -> str:
        """What stands now."""
        if self.measure:
            return _target(self.measure, self.measure.target_low, self.measure.target_high)
        if self.milestone:
            return format_fuzzy(self.milestone.baseline)
        return format_fuzzy(self.commitment.target)

    @property
    def is_overtaken(self) -> bool:
        """Whether something else stands by now than when it was asked for."""
        if self.measure:
            now = (self.measure.target_low, self.measure.target_high)
            return now != (self.was_low, self.was_high)
        row = self.milestone.baseline_date if self.milestone else self.commitment.target_date
        return row != self.was_date

    @property
    def why_not(self) -> str:
        """Why it cannot be approved as things stand, in words; "" when it can."""
        if self.commitment.state != Commitment.State.ACTIVE:
            state = self.commitment.get_state_display().lower()
            return f"This commitment is {state} now, so there is no promise to move."
        if self.milestone and not self.milestone.is_open:
            state = self.milestone.get_state_display().lower()
            return f"“{self.milestone}” is {state} now, so its date no longer moves."
        if self.is_overtaken:
            return (
                f"It was {self.was_words} when this was asked for, and is {self.now_words} now. "
                "Whoever needs another date or target asks again."
            )
        return ""


@tracked()
class Objection(models.Model):
    """A party of a joint commitment, or the body that speaks for all councils, says that it does
    not agree to a baseline change. It does not stop the decision, which then has to say why."""

    change = models.ForeignKey(BaselineChange, on_delete=models.CASCADE, related_name="objections")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at",)
        constraints = [
            models.UniqueConstraint(fields=["change", "organisation"], name="objection_one_each"),
            models.CheckConstraint(condition=~Q(reason=""), name="objection_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"Objection of {self.organisation_id}"


def _target(measure: Measure, low: Decimal | None, high: Decimal | None) -> str:
    return format_figure(low, high, measure.qualifier, measure.unit) or "no number"
