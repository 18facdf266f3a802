"""Reporting rounds, what contributors say in them, and what stood when they closed."""

from datetime import date

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils import timezone

from commitments.models.commitment import Commitment
from commitments.models.plan import Plan
from commitments.models.tracking import bump_version, tracked
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

    def latest_on(self, day: date) -> "RoundQuerySet":
        """Of each plan the last that has opened by a day, whether or not it has closed."""
        return self.filter(opens_on__lte=day).order_by("plan", "-opens_on").distinct("plan")

    def frozen(self) -> "RoundQuerySet":
        """Those of which a snapshot is in force."""
        return self.filter(Exists(_in_force()))

    def taking(self, day: date) -> "RoundQuerySet":
        """Those that take updates on a day, the latest first: open ones, and closed ones (for them
        an update is late) until the answers of the partners are due and the round is frozen."""
        running = self.filter(~Exists(_in_force()), opens_on__lte=day, answers_due_on__gte=day)
        return running.order_by("-opens_on")


def _in_force() -> "models.QuerySet[Snapshot]":
    return Snapshot.objects.filter(round=OuterRef("pk"), reopened_at__isnull=True)


@tracked()
class Round(models.Model):
    """A reporting round of a plan: its first and its last day. Rounds of a plan never overlap.

    A round of a whole system is one round in each plan kept in that system, opened at once; they
    share `system`, name and days. Updates are due by `closes_on`, the answers of a joint review by
    `answers_due_on`. What comes after `closes_on` is late. `first_closes_on` is the day that was
    first announced; it differs where the round was extended, which takes a reason. The round is
    frozen when `snapshot` was taken of it.
    """

    class Cadence(models.TextChoices):
        MONTHLY = "monthly", "Monthly"
        QUARTERLY = "quarterly", "Quarterly"
        AD_HOC = "ad_hoc", "When it is needed"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="rounds")
    system = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="rounds"
    )
    name = models.CharField(max_length=100)
    cadence = models.CharField(max_length=10, choices=Cadence, default=Cadence.AD_HOC)
    opens_on = models.DateField()
    closes_on = models.DateField()
    answers_due_on = models.DateField(
        help_text="The last day for the answers of a joint review; after it silence is no answer"
    )
    first_closes_on = models.DateField()
    extension_reason = models.TextField(blank=True)
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
            models.CheckConstraint(
                condition=Q(answers_due_on__gte=F("closes_on")),
                name="round_answers_after_updates",
                violation_error_message="Answers cannot be due before the updates they answer.",
            ),
            models.CheckConstraint(
                condition=Q(closes_on=F("first_closes_on")) | ~Q(extension_reason=""),
                name="round_extension_explained",
                violation_error_message="Say why the round is extended.",
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


class ProgressUpdateQuerySet(models.QuerySet["ProgressUpdate"]):
    """Updates by whether they stand."""

    def standing(self) -> "ProgressUpdateQuerySet":
        """Those that count: submitted, and neither returned, withdrawn nor replaced since. Every
        reader outside of the conversation between reporter and programme lead starts here."""
        return self.filter(state=ProgressUpdate.State.SUBMITTED)


# What somebody says in an update: the database refuses to change any of it afterwards.
SAID = (
    "rating", "confidence", "narrative", "risks", "reason", "path_to_green", "difference_reason",
    "next_steps",
)  # fmt: skip


@tracked()
class ProgressUpdate(models.Model):
    """What somebody said about a commitment on behalf of an organisation.

    Its words are never overwritten: a correction is a new update that `replaces` this one, with the
    next `number`. What is still being written is no update but an UpdateDraft. States and moves:
    commitments.progress.states. `joint_state` is how the partners' answers to it stand, kept by the
    actions of the joint review.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        RETURNED = "returned", "Returned"
        WITHDRAWN = "withdrawn", "Withdrawn"
        REPLACED = "replaced", "Replaced by a newer one"

    class JointState(models.TextChoices):
        AWAITED = "awaited", "Answers awaited"
        AGREED = "agreed", "Agreed"
        DISPUTED = "disputed", "Disputed"
        DIFFER = "differ", "Agreed to differ"
        ESCALATED = "escalated", "Escalated"
        NO_ANSWER = "no_answer", "No answer"

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
    state = models.CharField(max_length=10, choices=State, default=State.SUBMITTED)
    joint_state = models.CharField(max_length=10, choices=JointState, blank=True)
    number = models.PositiveSmallIntegerField(default=1, help_text="Which version of what was said")
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    is_unchanged = models.BooleanField(
        default=False, help_text="The person said by name that nothing has changed"
    )
    is_late = models.BooleanField(default=False, help_text="It came after its round had closed")
    submitted_at = models.DateTimeField(default=timezone.now)
    # Who sent it back or withdrew it, and why.
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_reason = models.TextField(blank=True)
    is_demonstration = models.BooleanField(default=False)

    objects = ProgressUpdateQuerySet.as_manager()

    class Meta:
        ordering = ("-submitted_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="returned")
                | ~Q(settled_reason="") & Q(settled_by__isnull=False, settled_at__isnull=False),
                name="update_returned_with_reasons",
                violation_error_message="Say why it goes back.",
            ),
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
            models.Index(fields=["round", "commitment"], name="update_by_round"),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="update_said_is_said",
                fields=[
                    *SAID, "commitment", "organisation", "author", "evidence_rating",
                    "number", "replaces", "is_unchanged",
                ],
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_rating_display()} for {self.commitment_id}"


class UpdateDraft(models.Model):
    """What an organisation is still writing about a commitment: the boxes of the form as typed.

    Seen by nobody outside of the organisation, kept out of the history, and gone once it is
    submitted. `boxes` is {field name of the form: [values]}. `revises` is the update that was sent
    back, where this is its next version.
    """

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="drafts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="update_drafts"
    )
    boxes = models.JSONField(default=dict)
    revises = models.ForeignKey(
        ProgressUpdate, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-saved_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "organisation"], name="update_draft_one_each"
            ),
        ]
        triggers = [bump_version]

    def __str__(self) -> str:
        return f"Draft on {self.commitment_id} of {self.organisation_id}"


@tracked()
class Snapshot(models.Model):
    """A round as it stood when it was frozen. One that was reopened stays, and says why.

    `taken_by` is empty where the product closed the round by itself on its day. `counts` are the
    numbers of its rows by state.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="snapshots")
    taken_at = models.DateTimeField(default=timezone.now)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    counts = models.JSONField(default=dict)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reopened_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-taken_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(reopened_at__isnull=True),
                name="snapshot_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True, reopened_reason="")
                | Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopened_reason=""),
                name="snapshot_reopened_with_reason",
                violation_error_message="Say why the round is reopened.",
            ),
        ]

    def __str__(self) -> str:
        return f"Snapshot of {self.round_id}"


class SnapshotRow(models.Model):
    """What stood for one commitment and one organisation that owed its update. Never changed.

    `state` is one of commitments.coverage.State; `heard` counts the partners that answered out of
    the `asked`.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="rows")
    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    update = models.ForeignKey(
        ProgressUpdate, null=True, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=15)
    is_late = models.BooleanField(default=False)
    is_joint = models.BooleanField(default=False)
    declared_rating = models.CharField(max_length=15, blank=True)
    evidence_rating = models.CharField(max_length=15)
    joint_state = models.CharField(max_length=10, blank=True)
    asked = models.PositiveSmallIntegerField(default=0)
    heard = models.PositiveSmallIntegerField(default=0)
    council_side_heard = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "commitment", "organisation"],
                name="snapshot_row_once",
                nulls_distinct=False,
            ),
        ]
        triggers = [pgtrigger.Protect(name="snapshot_row_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.state} of {self.commitment_id}"


@tracked()
class Nudge(models.Model):
    """Somebody asked an organisation for what it owes in a round: its updates, or its answers to a
    joint review. Once a day at most."""

    class About(models.TextChoices):
        UPDATES = "updates", "Updates owed"
        ANSWERS = "answers", "Answers awaited"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="nudges")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="nudges")
    about = models.CharField(max_length=10, choices=About)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    number = models.PositiveIntegerField(help_text="How many updates or answers were owed then")

    class Meta:
        ordering = ("-on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "organisation", "about", "on"],
                name="nudge_once_a_day",
                violation_error_message="They have been nudged today.",
            ),
        ]

    def __str__(self) -> str:
        return f"Nudge of {self.organisation_id}"
