"""Plans, and the headings their commitments stand under."""

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django.urls import reverse

from commitments.dates import Precision
from commitments.fields import FuzzyDateAttribute, fuzzy_date_constraint
from commitments.models.tracking import tracked
from organisations.models import Organisation
from organisations.permissions import Capability, grant

if TYPE_CHECKING:
    from organisations.models import User


class PlanQuerySet(models.QuerySet["Plan"]):
    """Plans by who may see or run them."""

    def visible_to(self, user: "User | AnonymousUser", today: date) -> "PlanQuerySet":
        """Public plans for anybody, shared ones for everybody who has signed in; internal ones for
        the plan's own organisation, those who reach it, and those who reach one of its parties."""
        if not user.is_authenticated:
            return self.filter(visibility=Plan.Visibility.PUBLIC)
        held = grant(user, Capability.VIEW, today)
        if held.everywhere:
            return self
        allowed = ~Q(visibility=Plan.Visibility.INTERNAL) | Q(owner__in=held.organisations)
        # Imported here: commitments are defined on top of plans.
        from commitments.models.commitment import Commitment

        seen = Commitment.objects.involving(held).exclude(state="draft")
        return self.filter(allowed | Q(pk__in=seen.values("plan")))

    def allowing(
        self, user: "User | AnonymousUser", capability: Capability, today: date
    ) -> "PlanQuerySet":
        """Plans in which somebody holds a capability because their organisation runs the plan."""
        if capability == Capability.VIEW:
            return self.visible_to(user, today)
        held = grant(user, capability, today)
        return self if held.everywhere else self.filter(owner__in=held.organisations)


@tracked()
class Plan(models.Model):
    """A published document that promises things.

    `owner` is the organisation whose programme lead keeps the plan here; `publisher` is the name on
    the cover, which may be several bodies or one that the source does not name.
    """

    class Visibility(models.TextChoices):
        INTERNAL = "internal", "Internal: the organisations it concerns"
        SHARED = "shared", "Shared: everybody who has signed in"
        PUBLIC = "public", "Public: everybody"

    code = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    publisher = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="plans"
    )
    published_text = models.CharField(max_length=100, blank=True)
    published_date = models.DateField(null=True, blank=True)
    published_precision = models.CharField(
        max_length=20, choices=Precision, default=Precision.NONE, blank=True
    )
    link = models.URLField(max_length=500, blank=True)
    source = models.TextField(blank=True)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.INTERNAL)
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="superseded_by"
    )
    # Rating thresholds are the plan's own, not constants of the code.
    red_after_days = models.PositiveSmallIntegerField(
        default=30, help_text="Days past its forecast after which an open milestone is red"
    )
    amber_tolerance = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=5,
        help_text="Per cent short of what was expected at which a measure turns amber",
    )
    red_tolerance = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=10,
        help_text="Per cent short of what was expected at which a measure turns red",
    )
    is_demonstration = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    published = FuzzyDateAttribute("published")
    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ("title",)
        constraints = [
            models.UniqueConstraint(Upper("code"), name="plan_code_unique"),
            models.CheckConstraint(
                condition=Q(red_tolerance__gte=F("amber_tolerance")),
                name="plan_tolerances_in_order",
                violation_error_message="The red tolerance cannot be smaller than the amber one.",
            ),
            fuzzy_date_constraint("published", "plan"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("plan", args=[self.code])


class Theme(models.TextChoices):
    """The three headings that any plan's own headings may be mapped to."""

    TRAIN = "train", "Train"
    RETAIN = "retain", "Retain"
    REFORM = "reform", "Reform"


@tracked()
class Pillar(models.Model):
    """A heading in the plan's own words, mapped to a theme where somebody has done so."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="pillars")
    name = models.CharField(max_length=200)
    theme = models.CharField(max_length=10, choices=Theme, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")
        constraints = [models.UniqueConstraint("plan", Lower("name"), name="pillar_unique")]

    def __str__(self) -> str:
        return self.name
