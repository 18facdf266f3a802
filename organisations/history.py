"""What happened to an organisation and its people, in words, from the event tables that database
triggers fill: whatever changed a row is in here, bulk SQL included.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from organisations.models import (
    Alias,
    Invitation,
    JoinRequest,
    Membership,
    Organisation,
    Succession,
    User,
)

NOBODY = "The product"
# Ways in which a change comes about, as the history's context names them.
WAYS = {"command": "by a command", "task": "in the background", "upload": "from a spreadsheet"}
BATCH = 500
Event = Any  # a row of one of the event tables, which pghistory makes at run time
Names = dict[tuple[type[models.Model], int], str]


@dataclass(frozen=True)
class Detail:
    """One value before and after, in words; "" where there was or is none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One change of one thing. `how` is "" for a page, `address` which one."""

    when: datetime
    who: str
    how: str
    address: str
    what: str
    details: tuple[Detail, ...]
    is_new: bool


@dataclass(frozen=True)
class Table:
    """Which events of a table are about an organisation, what its rows are called, and which of
    its columns are no news."""

    of: Callable[[int], Q]
    title: Callable[[Event, Names], str]
    leave_out: tuple[str, ...] = ()


def _here(organisation: int) -> Q:
    return Q(organisation_id=organisation)


TABLES: dict[type[models.Model], Table] = {
    Organisation: Table(
        lambda pk: Q(pgh_obj_id=pk), lambda event, names: "Organisation", ("source", "notes")
    ),
    Alias: Table(_here, lambda event, names: f"Name “{event.name}”", ("organisation",)),
    Succession: Table(
        lambda pk: Q(predecessor_id=pk) | Q(successor_id=pk),
        lambda event, names: (
            f"Succession of {names[Organisation, event.predecessor_id]} by "
            f"{names[Organisation, event.successor_id]}"
        ),
        ("predecessor", "successor"),
    ),
    Membership: Table(
        _here,
        lambda event, names: f"Role of {names[User, event.user_id]}",
        ("user", "organisation"),
    ),
    Invitation: Table(
        _here,
        lambda event, names: f"Invitation of {event.name}",
        ("organisation", "invited_by", "invited_at"),
    ),
    JoinRequest: Table(
        _here,
        lambda event, names: f"Request of {event.name} to join",
        ("organisation", "person", "asked_at"),
    ),
}


class Entries:
    """The history of one organisation, newest first, read only where it is sliced: what a paginator
    needs. `only` narrows it to some tables."""

    def __init__(
        self, organisation: Organisation, only: Iterable[type[models.Model]] = TABLES
    ) -> None:
        self.organisation = organisation
        self.models = list(only)

    def count(self) -> int:
        """How many changes there are."""
        return self._keys().count()

    __len__ = count

    def __getitem__(self, wanted: slice) -> list[Entry]:
        keys = list(self._keys().order_by("-pgh_created_at", "-pgh_id", "place")[wanted])
        events = {
            model: {
                event.pgh_id: event
                for event in _with_previous(model, [key for _, key, at in keys if at == place])
            }
            for place, model in enumerate(self.models)
        }
        earlier = {model: _earlier(model, found.values()) for model, found in events.items()}
        contexts = _contexts(event for found in events.values() for event in found.values())
        names = _names(events, earlier, contexts)
        rows = ((self.models[place], events[self.models[place]][key]) for _, key, place in keys)
        return [
            _entry(model, event, earlier[model].get(event.previous), contexts, names)
            for model, event in rows
        ]

    def __iter__(self) -> Iterator[Entry]:
        """All of it, a part at a time."""
        for start in range(0, self.count(), BATCH):
            yield from self[start : start + BATCH]

    def _keys(self) -> QuerySet[Any, Any]:
        parts = [
            table_of(model)
            .filter(TABLES[model].of(self.organisation.pk))
            .annotate(place=Value(place, models.IntegerField()))
            .order_by()
            .values_list("pgh_created_at", "pgh_id", "place")
            for place, model in enumerate(self.models)
        ]
        return parts[0].union(*parts[1:]) if parts[1:] else parts[0]


def table_of(model: type[models.Model]) -> Any:
    """The event table of a model; pghistory makes its class at run time."""
    return apps.get_model(model._meta.app_label, f"{model.__name__}Event")._default_manager


def _with_previous(model: type[models.Model], keys: Sequence[int]) -> Iterable[Event]:
    if not keys:
        return []
    before = table_of(model).filter(
        pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")
    )
    newest = before.order_by("-pgh_id").values("pgh_id")[:1]
    return table_of(model).filter(pk__in=keys).annotate(previous=Subquery(newest))


def _earlier(model: type[models.Model], events: Iterable[Event]) -> dict[int, Event]:
    wanted = {event.previous for event in events if event.pgh_label == "update"} - {None}
    return table_of(model).in_bulk(wanted) if wanted else {}


def _contexts(events: Iterable[Event]) -> dict[Any, dict[str, Any]]:
    context = apps.get_model("pghistory", "Context")._default_manager
    ids = {event.pgh_context_id for event in events} - {None}
    return dict(context.filter(pk__in=ids).values_list("pk", "metadata"))


def _fields(model: type[models.Model]) -> list[models.Field]:
    """The columns that the event table has and people read."""
    kept = {field.name for field in table_of(model).model._meta.concrete_fields}
    left_out = {"id", *TABLES[model].leave_out}
    fields = [f for f in model._meta.concrete_fields if f.name in kept - left_out]
    return [field for field in fields if not field.name.startswith("pgh_")]


def _names(
    events: dict[type[models.Model], dict[int, Event]],
    earlier: dict[type[models.Model], dict[int, Event]],
    contexts: dict[Any, dict[str, Any]],
) -> Names:
    """Whatever an event names by key, looked up once: one query for people, one for bodies."""
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    wanted[User] |= {known["user"] for known in contexts.values() if known.get("user")}
    for model, found in events.items():
        pointing = [
            f for f in model._meta.concrete_fields if f.related_model in (User, Organisation)
        ]
        for event in [*found.values(), *earlier[model].values()]:
            for field in pointing:
                wanted[field.related_model].add(getattr(event, field.attname))  # type: ignore[index]
    names: Names = defaultdict(lambda: "somebody no longer here")
    for related, keys in wanted.items():
        for row in related._default_manager.filter(pk__in=keys - {None}):
            names[related, row.pk] = str(row)
    return names


def _entry(
    model: type[models.Model],
    event: Event,
    before: Event | None,
    contexts: dict[Any, dict[str, Any]],
    names: Names,
) -> Entry:
    known = contexts.get(event.pgh_context_id, {})
    is_new, is_gone = event.pgh_label == "insert", event.pgh_label == "delete"
    old, new = (event, None) if is_gone else (before, event)
    verb = "added" if is_new else "removed" if is_gone else "changed"
    return Entry(
        when=event.pgh_created_at,
        who=names[User, known["user"]] if known.get("user") else NOBODY,
        how=WAYS.get("upload" if known.get("upload") else known.get("origin", ""), ""),
        address=str(known.get("url") or known.get("command") or known.get("task") or ""),
        what=f"{TABLES[model].title(event, names)} {verb}",
        details=tuple(_details(model, old, new, names)),
        is_new=is_new,
    )


def _details(
    model: type[models.Model], old: Event | None, new: Event | None, names: Names
) -> Iterator[Detail]:
    for field in _fields(model):
        before, after = (_show(field, event, names) for event in (old, new))
        if before != after:
            label = str(field.verbose_name)
            yield Detail(label[:1].upper() + label[1:], before, after)


def _show(field: models.Field, event: Event | None, names: Names) -> str:
    value = None if event is None else getattr(event, field.attname)
    if value is None or value == "":
        return ""
    if field.related_model in (User, Organisation):
        return names[field.related_model, value]
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{_day(timezone.localtime(value))}, {timezone.localtime(value):%H:%M}"
    return _day(value) if isinstance(value, date) else str(value)


def _day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


HEADINGS = (
    "When", "Who", "How", "Where it was done", "What", "Field", "Before", "After",
)  # fmt: skip


def as_rows(entries: Iterable[Entry]) -> Iterator[tuple[object, ...]]:
    """Entries as lines of a table, one a value that changed, under HEADINGS."""
    yield HEADINGS
    for entry in entries:
        start = (entry.when.isoformat(), entry.who, entry.how, entry.address, entry.what)
        for detail in entry.details or (Detail("", "", ""),):
            yield (*start, detail.label, detail.before, detail.after)
