"""Take back what one piece of work changed, from the history that the database kept of it.

Every change of the work bears its context. What was added goes again; what was changed gets back,
column by column, what it had before; what was removed comes back. A commitment that somebody
changed since is left as it is, unless the person says to take back the work's changes all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Max

from commitments.models import (
    Commitment,
    Figure,
    Measure,
    Milestone,
    Note,
    Party,
    Pillar,
    Plan,
    ProgressUpdate,
)
from commitments.register.actions.permission import may_import, may_run, require, writes
from organisations.models import User

BATCH = 1000
CHILDREN: tuple[type[models.Model], ...] = (Party, Measure, Milestone)
# What would be lost with a commitment that goes.
SAID = (ProgressUpdate, Note)
# Kept by the database, or never changed.
FIXED = {"id", "version", "created_at"}


@dataclass
class Trace:
    """A commitment that the work wrote. `changed_by` and `changed_at` tell of the last change by
    others since, if there is one."""

    pk: int
    reference: str
    title: str
    is_new: bool
    changed_by: str = ""
    changed_at: datetime | None = None

    @property
    def is_touched(self) -> bool:
        """Whether somebody changed it since."""
        return self.changed_at is not None


@dataclass
class Restored:
    """What was taken back: references of commitments that went, those that got their values back,
    and the traces of those that were left."""

    removed: list[str] = field(default_factory=list)
    put_back: list[str] = field(default_factory=list)
    left: list[Trace] = field(default_factory=list)


@dataclass(frozen=True)
class _Span:
    """The work in one event table: its last event, and when it was."""

    last: int
    at: datetime | None


def traces(plan: Plan, context: UUID) -> list[Trace]:
    """The commitments of a plan that a piece of work wrote and that are still there, in the order
    of their references, and whether others changed them since. Constant in queries."""
    tables: tuple[type[models.Model], ...] = (Commitment, *CHILDREN)
    spans = {model: _span(model, context) for model in tables}
    after = max((span.at for span in spans.values() if span.at), default=None)
    if after is None:
        return []
    new = _ids(_events(Commitment, context).filter(pgh_label="insert"), "pgh_obj_id")
    touched = _ids(_events(Commitment, context), "pgh_obj_id")
    for model in CHILDREN:
        touched |= _ids(_events(model, context), "commitment_id")
    rows = Commitment.objects.filter(plan=plan, pk__in=touched).order_by("reference", "pk")
    found = {
        pk: Trace(pk, reference, title, is_new=pk in new)
        for pk, reference, title in rows.values_list("pk", "reference", "title")
    }
    later = _later(context, spans, after, set(found), new)
    names = _names({user for _, user in later.values()})
    for pk, (moment, user) in later.items():
        found[pk].changed_at, found[pk].changed_by = moment, names.get(user, "The product")
    return list(found.values())


@writes
def restore(
    *,
    by: User,
    plan: Plan,
    context: UUID,
    today: date,
    forced: Iterable[int] = (),
    only: Iterable[int] | None = None,
) -> Restored:
    """Take back what the work with this context did to a plan's commitments.

    Commitments that others changed since are left, but for those whose key is in `forced`. With
    `only`, no others are looked at. Raises PermissionDenied.
    """
    require(may_run(by, plan, today) or may_import(by, plan, today))
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    found = traces(plan, context)
    if only is not None:
        among = set(only)
        found = [trace for trace in found if trace.pk in among]
    list(
        Commitment.objects.filter(pk__in=[trace.pk for trace in found])
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    chosen = set(forced)
    going = [trace for trace in found if not trace.is_touched or trace.pk in chosen]
    done = Restored(
        removed=[trace.reference for trace in going if trace.is_new],
        put_back=[trace.reference for trace in going if not trace.is_new],
        left=[trace for trace in found if trace not in going],
    )
    back = {trace.pk for trace in going if not trace.is_new}
    for model in CHILDREN:
        _take_back(model, context, commitment_id__in=back)
    _take_back(Commitment, context, pgh_obj_id__in=back)
    Commitment.objects.filter(pk__in=[trace.pk for trace in going if trace.is_new]).delete()
    _take_back_headings(plan, context)
    return done


# --- who changed what since -----------------------------------------------------------------------
def _later(
    context: UUID, spans: dict[Any, _Span], after: datetime, among: set[int], new: set[int]
) -> dict[int, tuple[datetime, int | None]]:
    """When others last changed a commitment that the work wrote, and who."""
    found: dict[int, tuple[datetime, Any]] = {}

    def note(rows: Any, owner: str) -> None:
        for pk, moment, known in rows.values_list(owner, "pgh_created_at", "pgh_context__metadata"):
            if pk in among and (pk not in found or found[pk][0] < moment):
                found[pk] = (moment, (known or {}).get("user"))

    note(_since(Commitment, context, spans, after).filter(pgh_obj_id__in=among), "pgh_obj_id")
    for model in CHILDREN:
        rows = _since(model, context, spans, after)
        mine = _events(model, context).values("pgh_obj_id")
        touched = models.Q(pgh_obj_id__in=mine) | models.Q(commitment_id__in=new)
        note(rows.filter(touched), "commitment_id")
    for model in SAID:
        rows = _table(model).filter(commitment_id__in=new, pgh_created_at__gt=after)
        note(rows.exclude(pgh_context=context), "commitment_id")
    measures = dict(
        _events(Measure, context)
        .filter(pgh_label="insert")
        .values_list("pgh_obj_id", "commitment_id")
    )
    figures = _table(Figure).filter(measure_id__in=list(measures)).exclude(pgh_context=context)
    for measure, moment, known in figures.values_list(
        "measure_id", "pgh_created_at", "pgh_context__metadata"
    ):
        pk = measures[measure]
        if pk in among and (pk not in found or found[pk][0] < moment):
            found[pk] = (moment, (known or {}).get("user"))
    return found


def _since(
    model: type[models.Model], context: UUID, spans: dict[Any, _Span], after: datetime
) -> Any:
    """Events of a table after the work's last one there, by others. In a table that the work did
    not write, those after the work."""
    rows = _table(model).exclude(pgh_context=context)
    if spans[model].last:
        return rows.filter(pgh_id__gt=spans[model].last)
    return rows.filter(pgh_created_at__gt=after)


def _names(users: set[Any]) -> dict[Any, str]:
    keys = [user for user in users if user]
    return {user.pk: str(user) for user in User.objects.filter(pk__in=keys)} if keys else {}


# --- taking back ----------------------------------------------------------------------------------
def _take_back(model: type[models.Model], context: UUID, **which: Any) -> None:
    """Rows of one table as they were before the work, as far as it changed them."""
    events = list(_events(model, context).filter(**which).order_by("pgh_id"))
    if not events:
        return
    first: dict[int, Any] = {}
    last: dict[int, Any] = {}
    for event in events:
        first.setdefault(event.pgh_obj_id, event)
        last[event.pgh_obj_id] = event
    added = [pk for pk, event in first.items() if event.pgh_label == "insert"]
    manager = model._default_manager
    manager.filter(pk__in=added).delete()
    kept = [pk for pk in first if pk not in set(added)]
    before = _before(model, kept, min(event.pgh_id for event in events))
    now = manager.in_bulk(kept)
    columns = [column for column in _columns(model) if column not in FIXED]
    _write(model, _as_before(now, before, last, columns), columns)
    gone = [pk for pk in kept if pk not in now and pk in before and last[pk].pgh_label == "delete"]
    every = _columns(model)
    manager.bulk_create(
        [model(**{name: getattr(before[pk], name) for name in every}) for pk in gone],
        batch_size=BATCH,
    )


def _as_before(
    now: dict[int, Any], before: dict[int, Any], last: dict[int, Any], columns: Sequence[str]
) -> list[Any]:
    """The rows that differ once the columns that the work changed have their old values."""
    rows = []
    for pk, row in now.items():
        if pk not in before:
            continue
        changed = [name for name in columns if getattr(before[pk], name) != getattr(last[pk], name)]
        for name in changed:
            setattr(row, name, getattr(before[pk], name))
        if changed:
            rows.append(row)
    return rows


def _write(model: type[models.Model], rows: Sequence[Any], columns: Sequence[str]) -> None:
    """Set the columns of rows that are there: an insert that meets its own key, as `saving` has."""
    names = [field.name for field in model._meta.concrete_fields if field.attname in columns]
    model._default_manager.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=names
    )


def _take_back_headings(plan: Plan, context: UUID) -> None:
    """Headings that the work added and nothing stands under any more go; a theme that it gave to
    one is taken off again, unless somebody gave another since."""
    events = list(_events(Pillar, context).filter(plan_id=plan.pk).order_by("pgh_id"))
    added = {event.pgh_obj_id for event in events if event.pgh_label == "insert"}
    Pillar.objects.filter(pk__in=added, commitments__isnull=True).delete()
    mapped = {event.pgh_obj_id: event for event in events if event.pgh_obj_id not in added}
    if not mapped:
        return
    before = _before(Pillar, list(mapped), min(event.pgh_id for event in mapped.values()))
    for pk, event in mapped.items():
        if pk in before:
            Pillar.objects.filter(pk=pk, theme=event.theme).update(theme=before[pk].theme)


# --- the event tables -----------------------------------------------------------------------------
def _table(model: type[models.Model]) -> Any:
    """The event table of a model; pghistory makes its class at run time."""
    return apps.get_model("commitments", f"{model.__name__}Event")._default_manager


def _events(model: type[models.Model], context: UUID) -> Any:
    return _table(model).filter(pgh_context_id=context)


def _span(model: type[models.Model], context: UUID) -> _Span:
    found = _events(model, context).aggregate(last=Max("pgh_id"), at=Max("pgh_created_at"))
    return _Span(found["last"] or 0, found["at"])


def _ids(rows: Any, name: str) -> set[int]:
    return set(rows.values_list(name, flat=True))


def _before(model: type[models.Model], ids: Sequence[int], first: int) -> dict[int, Any]:
    """The history's copies of rows from just before an event."""
    rows = (
        _table(model)
        .filter(pgh_obj_id__in=ids, pgh_id__lt=first)
        .order_by("pgh_obj_id", "-pgh_id")
        .distinct("pgh_obj_id")
    )
    return {row.pgh_obj_id: row for row in rows}


def _columns(model: type[models.Model]) -> list[str]:
    """The columns that are written, by the names under which values of keys stand."""
    return [
        each.attname
        for each in model._meta.concrete_fields
        if not getattr(each, "generated", False)
    ]
