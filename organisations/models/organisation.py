"""Organisations, the names they go by, and the areas councils share with boards."""

from collections.abc import Iterable
from datetime import date

import pghistory
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Lower, Upper
from django.urls import reverse

from organisations.kinds import LOCAL_GOVERNMENT_KINDS, NHS_KINDS, Kind, Side


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations by date and by place. The register is public: everyone may read all of it."""

    def open_on(self, day: date) -> "OrganisationQuerySet":
        """Those that existed on a day; an unknown opening date counts as open."""
        return self.filter(
            Q(opened__isnull=True) | Q(opened__lte=day), Q(closed__isnull=True) | Q(closed__gte=day)
        )

    def closed_by(self, day: date) -> "OrganisationQuerySet":
        """Those whose last day was before this one."""
        return self.filter(closed__lt=day)

    def in_systems(
        self, boards: Iterable["Organisation | int"], on: date
    ) -> "OrganisationQuerySet":
        """The boards themselves, the bodies below them, and the councils their areas overlap."""
        board_ids = [getattr(board, "pk", board) for board in boards]
        councils = Area.objects.in_force(on).filter(board__in=board_ids).values("council")
        return self.filter(Q(pk__in=board_ids) | Q(parent__in=board_ids) | Q(pk__in=councils))


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["side"]
)
class Organisation(models.Model):
    """A body with a code, a kind, a day it opened and perhaps a day it closed.

    `opened` and `closed` are the first and the last day of existence. Where the source gives only a
    year or a month, `opened_text` / `closed_text` keep its words and pages show those.
    """

    code = models.CharField(max_length=20)
    code_system = models.CharField(max_length=20, help_text="ODS, ONS-GSS, or own")
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=30, choices=Kind)
    side = models.GeneratedField(
        expression=Case(
            When(kind__in=[k.value for k in NHS_KINDS], then=Value(Side.NHS.value)),
            When(
                kind__in=[k.value for k in LOCAL_GOVERNMENT_KINDS],
                then=Value(Side.LOCAL_GOVERNMENT.value),
            ),
            default=Value(Side.OTHER.value),
        ),
        output_field=models.CharField(max_length=20, choices=Side),
        db_persist=True,
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    opened = models.DateField(null=True, blank=True)
    opened_text = models.CharField(max_length=40, blank=True)
    closed = models.DateField(null=True, blank=True)
    closed_text = models.CharField(max_length=40, blank=True)
    ons_code = models.CharField("ONS code", max_length=12, blank=True)
    source = models.TextField(blank=True)
    confidence = models.CharField(max_length=10, blank=True)
    notes = models.TextField(blank=True)
    # Whether its people need a second factor to sign in, beyond those whose role always asks it.
    second_factor_required = models.BooleanField(default=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(Upper("code"), name="organisation_code_unique"),
            models.CheckConstraint(
                condition=Q(opened__isnull=True)
                | Q(closed__isnull=True)
                | Q(closed__gte=models.F("opened")),
                name="organisation_dates_in_order",
                violation_error_message="An organisation cannot close before it opens.",
            ),
        ]
        indexes = [
            models.Index("kind", name="organisation_kind"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="organisation_name_trigram"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation", args=[self.code])

    def is_closed(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.closed is not None and self.closed < today


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Alias(models.Model):
    """Another name or code by which an organisation is found."""

    class Kind(models.TextChoices):
        OFFICIAL = "official", "Official name"
        SHORT = "short", "Short name"
        FORMER = "former", "Former name"
        CODE = "code", "Other code"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("kind", "name")
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="alias_unique"),
        ]
        indexes = [
            models.Index(Upper("name"), name="alias_name_upper"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="alias_name_trigram"),
        ]

    def __str__(self) -> str:
        return self.name


class AreaQuerySet(models.QuerySet["Area"]):
    """Area overlaps by edition."""

    def in_force(self, on: date) -> "AreaQuerySet":
        """The overlaps of the newest edition that had begun by a day, else of the oldest."""
        begun = Area.objects.filter(valid_from__lte=on).order_by("-valid_from")
        oldest = Area.objects.order_by("valid_from")
        return self.filter(
            valid_from=models.functions.Coalesce(
                models.Subquery(begun.values("valid_from")[:1]),
                models.Subquery(oldest.values("valid_from")[:1]),
            )
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Area(models.Model):
    """How much of a council's area lies in a board's, in one edition of the lookup.

    `share` is the part of the council's 2021 lower-layer super output areas, from 0 to 1.
    """

    council = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="areas")
    board = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="council_areas")
    edition = models.CharField(max_length=20)
    valid_from = models.DateField()
    lsoa_count = models.PositiveIntegerField()
    share = models.DecimalField(max_digits=5, decimal_places=4)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "council", "board"], name="area_unique"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="area_share"),
        ]
        indexes = [models.Index(fields=["valid_from", "board"], name="area_by_board")]

    def __str__(self) -> str:
        return f"{self.council} in {self.board} ({self.edition})"
