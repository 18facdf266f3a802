"""Requests to move what was promised: a date or a target."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from commitments.dates import Precision
from commitments.fields import FuzzyDateAttribute, fuzzy_date_constraint
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


@tracked()
class Objection(models.Model):
    """A party of a joint commitment says that it does not agree to a baseline change. It does not
    stop the decision, which then has to say why."""

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
