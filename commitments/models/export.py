"""Lists and returns on their way out that are too large to be made while somebody waits."""

import uuid
from datetime import datetime, timedelta
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5
from django.urls import reverse
from django.utils import timezone

from commitments.models.progress import Round
from commitments.models.tracking import tracked
from commitments.models.work import Work
from organisations.models import Organisation

# How long a file is kept, and how long after that it is still known that there was one.
KEPT = timedelta(days=7)
REMEMBERED = timedelta(days=30)
FOLDER = "exports"


def stored_name(export: "Export", filename: str) -> str:
    """Where a file is kept: a folder of its own under a name nobody can guess, so that whatever a
    killed worker leaves lies there too."""
    return f"{FOLDER}/{uuid.uuid4().hex}/{PurePath(filename).name}"


@tracked("stage", "done", "total", "alive_at", "tries")
class Export(Work):
    """A file that one person asked for, made by background work and kept for a week.

    It is the list of commitments that `query` filters (as in the address of the list, with `words`
    for people), as somebody acting for `organisation` sees it; or, with `round` and `body`, the
    return of a body in a round. `access` are the roles that the person held when it was made, and
    `counts` the rows of each sheet.
    """

    class Form(models.TextChoices):
        XLSX = "xlsx", "Workbook (.xlsx)"
        ODS = "ods", "OpenDocument (.ods)"
        CSV = "csv", "Text (.csv)"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be made"
        MAKING = "making", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Not made"
        GONE = "gone", "Deleted"

    BUSY = (State.WAITING, State.MAKING)

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    form = models.CharField(max_length=4, choices=Form)
    query = models.TextField(blank=True)
    words = models.TextField(blank=True)
    round = models.ForeignKey(Round, null=True, on_delete=models.CASCADE, related_name="+")
    body = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    error = models.TextField(blank=True)
    file = models.FileField(upload_to=stored_name, max_length=200)
    size = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    access = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            # A second click finds the first one. The query may be longer than an index can hold.
            models.UniqueConstraint(
                "asked_by", "organisation", "form", MD5("query"), "round", "body",
                condition=Q(state__in=("waiting", "making")),
                nulls_distinct=False,
                name="export_under_way_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("ready", "gone")) | Q(made_at__isnull=True),
                name="export_made_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(round__isnull=True, body__isnull=True)
                | Q(round__isnull=False, body__isnull=False),
                name="export_return_has_a_body",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["alive_at"],
                name="export_under_way",
                condition=Q(state__in=("waiting", "making")),
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("export", args=[self.pk])

    def get_progress_url(self) -> str:
        return reverse("export_progress", args=[self.pk])

    @property
    def waits_to(self) -> str:
        return "be made"

    def state_given_up(self) -> str:
        return self.State.FAILED

    @property
    def filename(self) -> str:
        """What the file is called when it is saved, with the day on which it was asked for."""
        asked = timezone.localtime(self.created_at) if self.created_at else timezone.localtime()
        what = f"return-{self.round.plan.code}-{self.body.code}" if self.round and self.body else ""
        return f"{what or 'commitments'}-{asked:%Y-%m-%d}.{self.form}"

    @property
    def what(self) -> str:
        """What is in it, in words: the return of a body, or the filters of a list."""
        if self.round and self.body:
            return f"Return of {self.body} for {self.round.name}, {self.round.plan.code}"
        return self.words or "All commitments"

    @property
    def rows_of_sheets(self) -> list[tuple[str, int]]:
        """How many rows each sheet has, in the order of the sheets."""
        kinds = ("Commitments", "Milestones", "Figures")
        return [(kind, self.counts[kind]) for kind in kinds if kind in self.counts]

    @property
    def kept_until(self) -> datetime | None:
        """The last moment at which it can be downloaded."""
        return self.made_at + KEPT if self.made_at else None

    @property
    def list_url(self) -> str:
        """The page that it was taken from."""
        if self.round:
            return reverse("round_returns", args=[self.round.pk])
        return f"{reverse('commitments')}?{self.query or 'show=all'}"

    @property
    def source_url(self) -> str:
        """Where it is asked for, once more."""
        if self.round and self.body:
            return reverse("return_file", args=[self.round.pk, self.body.code])
        return f"{reverse('commitments_export', args=[self.form])}?{self.query}"
