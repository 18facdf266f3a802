"""What happened to commitments, in words, from the event tables that database triggers fill.

Whatever changed a row is in here, bulk SQL included. Changes of one commitment that were made
together (one transaction) are one entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery

from commitments.history_words import FIELDS, Event, FieldChange, Names, differences, title_of
from commitments.models import (
    BaselineChange,
    Commitment,
    Dependency,
    Figure,
    Measure,
    Milestone,
    Objection,
    ProgressUpdate,
    Review,
)
from commitments.models.commitment import CommitmentQuerySet
from organisations.models import User

__all__ = ["Change", "FieldChange", "HistoryEntry", "changes", "count_changes"]

NOBODY = "The product"
# What belongs to a commitment through something else, and by which column.
THROUGH: dict[type[models.Model], tuple[type[models.Model], str]] = {
    Figure: (Measure, "measure_id"),
    Objection: (BaselineChange, "change_id"),
    Dependency: (Milestone, "milestone_id"),
    Review: (ProgressUpdate, "update_id"),
}


@dataclass(frozen=True)
class Change:
    """What happened to one thing: "Milestone “Plan agreed” changed", and its values."""

    what: str
    details: tuple[FieldChange, ...]
    is_new: bool


@dataclass(frozen=True)
class HistoryEntry:
    """Changes of one commitment that were made together.

    `who` is a person's name or "The product"; `how` is "" or words such as "from a spreadsheet".
    """

    when: datetime
    who: str
    how: str
    commitment: Commitment
    items: tuple[Change, ...]

    @property
    def what(self) -> str:
        """One line: the first change, and how many more there are."""
        more = len(self.items) - 1
        if more == 0:
            return self.items[0].what
        return f"{self.items[0].what}, and {more} more change{'s' if more > 1 else ''}"

    @property
    def details(self) -> tuple[FieldChange, ...]:
        """Every value that changed, of all items."""
        return tuple(detail for item in self.items for detail in item.details)


@dataclass(frozen=True)
class _Key:
    """What makes changes one entry: the moment of the transaction, its context, the commitment."""

    when: datetime
    context: UUID | None
    commitment: int


def changes(
    commitments: CommitmentQuerySet | Iterable[int],
    since: datetime | None = None,
    limit: int = 20,
    offset: int = 0,
    until: datetime | None = None,
) -> list[HistoryEntry]:
    """What changed in some commitments, newest first: the history page and "Changed since" at home.

    `commitments` is a queryset, which must start from `visible_to`, or primary keys of commitments
    that the reader may see. Constant in queries. An entry in which nothing that people read has
    changed is left out, so a page may hold fewer than `limit`.
    """
    keys = [
        _Key(*row)
        for row in _keys(commitments, since, until).order_by("-pgh_created_at", "-commitment_ref")[
            offset : offset + limit
        ]
    ]
    if not keys:
        return []
    events = {model: _events(model, keys) for model in FIELDS}
    earlier = {model: _earlier(model, rows) for model, rows in events.items()}
    contexts = _contexts(keys)
    names = _names(events, earlier, contexts)
    named = Commitment.objects.select_related("plan").in_bulk({key.commitment for key in keys})
    items = _items(events, earlier, names)
    return [
        HistoryEntry(
            when=key.when,
            who=names.of(User, contexts.get(key.context, {}).get("user")) or NOBODY,
            how=_how(contexts.get(key.context, {}), items[key]),
            commitment=named[key.commitment],
            items=tuple(items[key]),
        )
        for key in keys
        if items[key] and key.commitment in named
    ]


def count_changes(
    commitments: CommitmentQuerySet | Iterable[int],
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """How many entries `changes` can give at most."""
    return _keys(commitments, since, until).count()


def _table(model: type[models.Model]) -> Any:
    """The event table of a model; pghistory makes its class at run time."""
    return apps.get_model("commitments", f"{model.__name__}Event")._default_manager


def _with_commitment(model: type[models.Model], ids: Any) -> QuerySet[Any]:
    """Events of a model that belong to some commitments, with the commitment as a column."""
    events = _table(model)
    if model is Commitment:
        return events.filter(pgh_obj_id__in=ids).annotate(commitment_ref=models.F("pgh_obj_id"))
    if model in THROUGH:
        # What it hangs on may have been deleted: its own events still say whose it was.
        parent, column = THROUGH[model]
        owner = _table(parent).filter(pgh_obj_id=OuterRef(column))
        mine = _table(parent).filter(commitment_id__in=ids)
        return events.filter(**{f"{column}__in": mine.values("pgh_obj_id")}).annotate(
            commitment_ref=Subquery(owner.values("commitment_id")[:1])
        )
    return events.filter(commitment_id__in=ids).annotate(commitment_ref=models.F("commitment_id"))


def _keys(
    commitments: CommitmentQuerySet | Iterable[int], since: datetime | None, until: datetime | None
) -> QuerySet[Any, Any]:
    """The entries as rows (moment, context, commitment): a union, which drops what is repeated."""
    ids = commitments.values("pk") if isinstance(commitments, QuerySet) else list(commitments)
    recent = Q(pgh_created_at__gte=since) if since else Q()
    recent &= Q(pgh_created_at__lte=until) if until else Q()
    parts = [
        _with_commitment(model, ids)
        .filter(recent)
        .order_by()
        .values_list("pgh_created_at", "pgh_context_id", "commitment_ref")
        for model in FIELDS
    ]
    return parts[0].union(*parts[1:])


def _events(model: type[models.Model], keys: Sequence[_Key]) -> list[Event]:
    """The events of one model behind some entries, in the order in which they happened."""
    previous = (
        _table(model)
        .filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id"))
        .order_by("-pgh_id")
    )
    rows = (
        _with_commitment(model, {key.commitment for key in keys})
        .filter(pgh_created_at__in={key.when for key in keys})
        .annotate(previous=Subquery(previous.values("pgh_id")[:1]))
    )
    return list(rows.order_by("pgh_id"))


def _earlier(model: type[models.Model], events: Sequence[Event]) -> dict[int, Event]:
    """What each changed row looked like before, by the key of that earlier event."""
    wanted = {event.previous for event in events if event.pgh_label == "update" and event.previous}
    return _table(model).in_bulk(wanted) if wanted else {}


def _contexts(keys: Sequence[_Key]) -> dict[UUID | None, dict[str, Any]]:
    """What is known of each change's circumstances: user, address, command."""
    context = apps.get_model("pghistory", "Context")._default_manager
    ids = {key.context for key in keys if key.context}
    return dict(context.filter(pk__in=ids).values_list("pk", "metadata"))


def _names(
    events: dict[type[models.Model], list[Event]],
    earlier: dict[type[models.Model], dict[int, Event]],
    contexts: dict[UUID | None, dict[str, Any]],
) -> Names:
    """Everything that an event names by key, looked up once."""
    names = Names()
    for model, rows in events.items():
        names.want([*rows, *earlier[model].values()], model)
    names.want_people(known["user"] for known in contexts.values() if known.get("user"))
    counted = [*events[Figure], *events[BaselineChange]]
    if measures := {event.measure_id for event in counted if event.measure_id}:
        latest = _table(Measure).filter(pgh_obj_id__in=measures).order_by("pgh_id")
        names.measures = {event.pgh_obj_id: event for event in latest}
    names.look_up()
    return names


def _items(
    events: dict[type[models.Model], list[Event]],
    earlier: dict[type[models.Model], dict[int, Event]],
    names: Names,
) -> dict[_Key, list[Change]]:
    items: dict[_Key, list[Change]] = defaultdict(list)
    for model, rows in events.items():
        for event in rows:
            if change := _change(model, event, earlier[model], names):
                key = _Key(event.pgh_created_at, event.pgh_context_id, event.commitment_ref)
                items[key].append(change)
    return items


def _change(
    model: type[models.Model], event: Event, earlier: dict[int, Event], names: Names
) -> Change | None:
    """One event in words; None when nothing that people read has changed."""
    is_new = event.pgh_label == "insert"
    before = event if event.pgh_label == "delete" else earlier.get(event.previous)
    if is_new:
        before = None
    after = None if event.pgh_label == "delete" else event
    details = differences(model, before, after, names)
    if not details:
        return None
    return Change(title_of(model, event, names), details, is_new)


def _how(context: dict[str, Any], items: Sequence[Change]) -> str:
    """By what way a change came, where that is worth saying; for what an upload withdrew and for a
    verification that was taken back, why."""
    details = [detail for item in items for detail in item.details]
    because = context.get("withdrawn_because")
    if because and any(detail.after == "Withdrawn" for detail in details):
        return f"from a spreadsheet, because: {because}"
    because = context.get("unverified_because")
    if because and any(each.label == "Verified for" and not each.after for each in details):
        return f"because: {because}"
    if context.get("undo"):
        return "by undoing a spreadsheet"
    if context.get("upload") or context.get("origin") == "upload":
        return "from a spreadsheet"
    if str(context.get("url", "")).startswith("/uploads/"):
        return "from a spreadsheet"
    words = {"command": "by a command", "task": "in the background"}
    return words.get(context.get("origin", ""), "")
