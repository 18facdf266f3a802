"""Spreadsheets on their way in."""

import uuid
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse

from commitments.models.plan import Plan
from commitments.models.tracking import tracked
from commitments.models.work import Work
from organisations.models import Organisation
from organisations.permissions import Capability, grant

if TYPE_CHECKING:
    from organisations.models import User


def stored_name(upload: "Upload", filename: str) -> str:
    """Where a file is kept: a name nobody can guess, and nothing of the one it came with but what
    sort of file it is."""
    return f"uploads/{uuid.uuid4().hex}{PurePath(filename).suffix.lower()[:5]}"


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads by who may see them: whoever may import into their plan; a return, who sent it."""

    def visible_to(self, user: "User | AnonymousUser", today: date) -> "UploadQuerySet":
        """Uploads into plans of the organisations a person imports for. While its plan is still to
        be started, an upload belongs to the organisation that brought it. A return may speak of
        many plans, so only the person who brought it sees it."""
        held = grant(user, Capability.IMPORT, today)
        returned = Q(kind="return", uploaded_by=user.pk)
        if held.everywhere:
            return self.filter(Q(kind="plan") | returned)
        return self.filter(
            Q(kind="plan", plan__owner__in=held.organisations)
            | Q(kind="plan", plan__isnull=True, organisation__in=held.organisations)
            | returned
        )


@tracked("result", "counts", "fingerprint", "stage", "done", "total", "alive_at", "tries")
class Upload(Work):
    """One workbook: kept as it came, checked, previewed, applied or put aside, perhaps undone.

    It goes into `plan`, or starts a plan with `new_plan_code` and `new_plan_title` when it is
    applied. What a person said to the questions of the wizard stands in `answers`
    (commitments.uploads.answers). What the check found stands in `result` (in the shape of
    commitments.uploads.check.Checked, without the changes, which are UploadChanges) and its numbers
    in `counts`; `error` is why the file as a whole could not be read. `fingerprint` tells whether
    the same file would still do the same.

    Of kind RETURN it is a workbook that this product gave out and people filled in: it may speak of
    several plans, and `result` is in the shape of commitments.uploads.returns.Returned.

    `asked_by` is the person for whom background work works on it. `context` is the history's
    context of the changes that applying it made.
    """

    class Kind(models.TextChoices):
        PLAN = "plan", "Commitments of a plan"
        RETURN = "return", "A workbook filled in"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be read"
        CHECKING = "checking", "Being checked"
        COLUMNS = "columns", "Columns to confirm"
        PEOPLE = "people", "Names to confirm"
        CHECKED = "checked", "Ready to apply"
        FAULTY = "faulty", "Has problems"
        APPLYING = "applying", "Being applied"
        APPLIED = "applied", "Applied"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        DISCARDED = "discarded", "Put aside"

    BUSY = (State.WAITING, State.CHECKING, State.APPLYING, State.UNDOING)
    # Checked or to be: it can be answered, mended, replaced or put aside.
    OPEN = (
        State.WAITING, State.CHECKING, State.COLUMNS, State.PEOPLE, State.CHECKED, State.FAULTY
    )  # fmt: skip
    IN = (State.APPLIED, State.UNDOING, State.UNDONE)

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PLAN)
    plan = models.ForeignKey(
        Plan, null=True, blank=True, on_delete=models.CASCADE, related_name="uploads"
    )
    new_plan_code = models.CharField(max_length=20, blank=True)
    new_plan_title = models.CharField(max_length=300, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="uploads"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads"
    )
    file = models.FileField(upload_to=stored_name)
    filename = models.CharField(max_length=255)
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    error = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True)
    context = models.UUIDField(null=True, blank=True)
    undo = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("applied", "undoing", "undone"), applied_at__isnull=False)
                | (~Q(state__in=("applied", "undoing", "undone")) & Q(applied_at__isnull=True)),
                name="upload_applied_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(plan__isnull=False)
                | ~Q(new_plan_code="") & Q(applied_at__isnull=True)
                | Q(kind="return"),
                name="upload_has_a_plan",
            ),
        ]
        indexes = [
            # What the sweep looks for, among years of uploads that rest.
            models.Index(
                fields=["alive_at"],
                name="upload_under_way",
                condition=Q(state__in=("waiting", "checking", "applying", "undoing")),
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        name = "return_page" if self.kind == self.Kind.RETURN else "upload"
        return reverse(name, args=[self.pk])

    def get_progress_url(self) -> str:
        name = "return_progress" if self.kind == self.Kind.RETURN else "upload_progress"
        return reverse(name, args=[self.pk])

    @property
    def plan_title(self) -> str:
        """The plan it goes into, by name, whether or not it exists yet."""
        return self.plan.title if self.plan else self.new_plan_title

    @property
    def is_open(self) -> bool:
        """Whether it can still be applied, mended or put aside."""
        return self.state in self.OPEN

    @property
    def waits_to(self) -> str:
        words = {self.State.APPLYING: "be applied", self.State.UNDOING: "be undone"}
        return words.get(self.State(self.state), "be read")

    def state_given_up(self) -> str:
        """As it was before the work was asked for."""
        if self.state == self.State.UNDOING:
            return self.State.UNDONE if self.undone_at else self.State.APPLIED
        return self.State.CHECKED if self.state == self.State.APPLYING else self.State.FAULTY


class UploadChanges(models.Model):
    """One page of what applying an upload does: up to fifty entries of one kind, in the shapes of
    commitments.uploads.pages and effects. Written with the check, so that a page of a preview
    of thousands of rows reads fifty. Worked out, so without a history."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    rows = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "kind", "number"], name="upload_changes_page")
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}: {self.kind}, page {self.number}"


@tracked()
class KnownLayout(models.Model):
    """What the columns of a layout are, as somebody of an organisation said: the next file with the
    same headings needs no clicks. `layout` is the fingerprint of the headings of one sheet,
    `columns` what each column is, by its place from 0 ("" is not read)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    layout = models.CharField(max_length=64)
    columns = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "layout"], name="known_layout_once")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.layout[:12]}"


@tracked()
class KnownName(models.Model):
    """Whom a name in an organisation's files means, as somebody of it said: an alias in that
    organisation's uploads only. Without `means` it is to be kept as text. `folded` is the name as
    it is compared."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    folded = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    means = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "folded"], name="known_name_once")
        ]

    def __str__(self) -> str:
        return self.name
