"""Commitments and the parties to them: the one visibility rule lives in this queryset."""

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Upper
from django.urls import reverse

from commitments.dates import Precision
from commitments.fields import FuzzyDateAttribute, fuzzy_date_constraint
from commitments.models.plan import Pillar, Plan
from commitments.models.tracking import bump_version, count_moves, tracked
from organisations.kinds import Side
from organisations.models import Organisation
from organisations.permissions import Capability, Grant, grant

if TYPE_CHECKING:
    from organisations.models import User


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    """Everything that anybody may be shown starts from `visible_to`."""

    def visible_to(self, user: "User | AnonymousUser", today: date) -> "CommitmentQuerySet":
        """What a person may see on a day.

        Drafts: the organisation that drafts them. Public plans: everybody. Shared plans: everybody
        who has signed in. Internal plans: the plan's owner, whoever reaches a party, and whoever
        has to say which part of a divided body answers for one.
        """
        published = ~Q(state=Commitment.State.DRAFT)
        if not user.is_authenticated:
            return self.filter(published, plan__visibility=Plan.Visibility.PUBLIC)
        held = grant(user, Capability.VIEW, today)
        if held.everywhere:
            return self.filter(published | Q(draft_of__isnull=False))
        open_plan = ~Q(plan__visibility=Plan.Visibility.INTERNAL)
        own_plan = Q(plan__owner__in=held.organisations)
        # Asked row by row or all at once, as the planner likes: a key IN (...) would be worked out
        # for the whole country before the first row of a page.
        involved = Q(Exists(_parties_inside(held)))
        # Whoever may say who answers for what a divided body promised sees what waits for that.
        if dividing := grant(user, Capability.ASSIGN, today).organisations:
            waiting = Party.objects.filter(answering__in=dividing, commitment=OuterRef("pk"))
            involved |= Q(Exists(waiting))
        return self.filter(
            published & (open_plan | own_plan | involved)
            | Q(state=Commitment.State.DRAFT, draft_of__in=held.organisations)
        )

    def allowing(
        self, user: "User | AnonymousUser", capability: Capability, today: date
    ) -> "CommitmentQuerySet":
        """Visible commitments on which a person holds a capability.

        Editing follows the lead or the plan's owner; importing the plan's owner; reporting any
        party; reviewing the partners, and for the sector every joint commitment.
        """
        visible = self.visible_to(user, today)
        held = grant(user, capability, today)
        if capability == Capability.VIEW or held.everywhere:
            return visible
        owner = Q(plan__owner__in=held.organisations)
        if capability == Capability.IMPORT:
            return visible.filter(owner)
        if capability == Capability.EDIT:
            leads = Party.objects.filter(
                commitment=OuterRef("pk"), role=Party.Role.LEAD, answering__in=held.organisations
            )
            return visible.filter(owner | Exists(leads) | Q(draft_of__in=held.organisations))
        if capability == Capability.REPORT:
            parties = Party.objects.filter(
                commitment=OuterRef("pk"), answering__in=held.organisations
            )
            return visible.filter(Exists(parties))
        if capability == Capability.REVIEW:
            partners = Party.objects.filter(
                commitment=OuterRef("pk"), role=Party.Role.PARTNER, answering__in=held.organisations
            )
            joint = Q(standing__is_joint=True) if held.sector else Q(pk__in=[])
            return visible.filter(Exists(partners) | joint)
        return self.none()

    def involving(self, held: Grant) -> "CommitmentQuerySet":
        """Commitments with a party inside a grant; for the sector also every council's and every
        joint one."""
        return self.filter(Exists(_parties_inside(held)))

    def answered_by(self, organisation_ids: set[int], role: str = "") -> "CommitmentQuerySet":
        """Commitments in which one of these bodies, or one they succeeded, is a party.

        Pass the ids through `Succession.objects.predecessors_of` first to include what they
        inherited; `role` narrows it to leads or partners.
        """
        parties = Party.objects.filter(commitment=OuterRef("pk"), answering__in=organisation_ids)
        return self.filter(Exists(parties.filter(role=role) if role else parties))


def _parties_inside(held: Grant) -> "models.QuerySet[Party]":
    """The parties of the commitment in question that lie inside a grant."""
    inside = Q(answering__in=held.organisations)
    if held.sector:
        inside |= Q(side=Side.LOCAL_GOVERNMENT)
    return Party.objects.filter(inside, commitment=OuterRef("pk"))


@tracked("search")
class Commitment(models.Model):
    """One thing a plan promises.

    The three `target_*` columns are the fuzzy date by which it is promised (see commitments.dates);
    what is measured stands in Measure, who promised it in Party.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Basis(models.TextChoices):
        STATED = "stated", "Stated in the source"
        INFERRED = "inferred", "Inferred from the source"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="commitments")
    reference = models.CharField(max_length=40)
    plan_reference = models.CharField(
        max_length=40, blank=True, help_text="The publication's own number for it, where it has one"
    )
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    pillar = models.ForeignKey(
        Pillar, null=True, blank=True, on_delete=models.PROTECT, related_name="commitments"
    )
    staff_groups = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    target_text = models.CharField(max_length=100, blank=True)
    target_date = models.DateField(null=True, blank=True)
    target_precision = models.CharField(
        max_length=20, choices=Precision, default=Precision.NONE, blank=True
    )
    # Kept by the database: see count_moves.
    first_target_date = models.DateField(null=True, editable=False)
    moves = models.PositiveSmallIntegerField(default=0, editable=False)
    source = models.TextField(blank=True, help_text="Where in the document it stands")
    lead_basis = models.CharField(max_length=10, choices=Basis, blank=True)
    confidence = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    draft_of = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="drafts"
    )
    senior_responsible_owner = models.CharField(max_length=200, blank=True)
    is_demonstration = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    search = models.GeneratedField(
        expression=SearchVector("reference", "title", weight="A", config="english")
        + SearchVector("description", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    target = FuzzyDateAttribute("target")
    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ("reference",)
        constraints = [
            models.UniqueConstraint("plan", Upper("reference"), name="commitment_reference_unique"),
            models.CheckConstraint(
                condition=Q(state="draft", draft_of__isnull=False)
                | (~Q(state="draft") & Q(draft_of__isnull=True)),
                name="commitment_draft_has_an_organisation",
            ),
            fuzzy_date_constraint("target", "commitment"),
        ]
        indexes = [
            models.Index(fields=["reference", "id"], name="commitment_by_reference"),
            models.Index(fields=["target_date", "id"], name="commitment_by_target"),
            models.Index(fields=["plan", "pillar"], name="commitment_by_plan"),
            # Beginnings of references ("LTWP-0"), whatever the database sorts by.
            models.Index(
                OpClass(Upper("reference"), "text_pattern_ops"), name="commitment_reference_begins"
            ),
            GinIndex(fields=["search"], name="commitment_search"),
            GinIndex(fields=["staff_groups"], name="commitment_staff_groups"),
            GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="commitment_title_trigram"),
        ]
        triggers = [
            bump_version,
            count_moves("commitment_moves", target_date="first_target_date"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("commitment", args=[self.plan.code, self.reference])

    @property
    def moved_days(self) -> int | None:
        """Days that its date lies past the one promised first; None if it never moved."""
        if not self.first_target_date or not self.target_date:
            return None
        return (self.target_date - self.first_target_date).days


@tracked("answering")
class Party(models.Model):
    """Somebody who leads or partners a commitment, in the source's own words.

    `organisation` is who promised and never changes. It is empty where the source names a class
    ("NHS trusts"); then `side` is what that class of body belongs to, if it can be told.
    `assigned_to` is who answers now where a person had to decide (after a split).
    """

    class Role(models.TextChoices):
        LEAD = "lead", "Lead"
        PARTNER = "partner", "Partner"

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=10, choices=Role)
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="parties"
    )
    assigned_to = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answering = models.GeneratedField(
        expression=Coalesce("assigned_to_id", "organisation_id"),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    side = models.CharField(max_length=20, choices=Side, default=Side.OTHER)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("role", "position", "id")
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "role", "organisation"], name="party_once"
            ),
        ]
        indexes = [
            models.Index("answering", "role", "commitment", name="party_by_organisation"),
            models.Index("side", "commitment", name="party_by_side"),
        ]

    def __str__(self) -> str:
        return self.name
