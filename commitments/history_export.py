"""The history as a table to take away: of commitments in words, and of everything as it is kept."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from pghistory.models import Event

from commitments.history import changes, count_changes
from commitments.models import Commitment, Plan
from commitments.models.commitment import CommitmentQuerySet
from organisations.models import User
from organisations.permissions import Capability
from workforce_tracker import clock

BATCH = 200

HEADINGS = (
    "When", "Who", "How", "Plan", "Reference", "Commitment", "What", "Field", "Before", "After",
)  # fmt: skip
ALL_HEADINGS = ("When", "Who", "Origin", "Where it was done", "Table", "Key", "Change", "Values")


def may_export(row: Commitment | Plan, user: User | AnonymousUser, today: date) -> bool:
    """Whether somebody may take the history of a commitment or of a plan away: who edits it, and
    who imports into the plan."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    return any(
        rows.allowing(user, capability, today).exists()
        for capability in (Capability.EDIT, Capability.IMPORT)
    )


def in_words(
    commitments: CommitmentQuerySet | Iterable[int], until: datetime
) -> Iterator[tuple[object, ...]]:
    """Every change of some commitments that the reader may see, up to a moment, newest first: one
    line a value that changed, under HEADINGS."""
    yield HEADINGS
    for offset in range(0, count_changes(commitments, until=until), BATCH):
        for entry in changes(commitments, limit=BATCH, offset=offset, until=until):
            one = entry.commitment
            what = (one.plan.code, one.reference, one.title)
            for item in entry.items:
                for detail in item.details:
                    yield (
                        entry.when.isoformat(), entry.who, entry.how, *what, item.what,
                        detail.label, detail.before, detail.after,
                    )  # fmt: skip


def event_models() -> list[Any]:
    """Every event table, in the order of their names."""
    found = [
        model for model in apps.get_models() if issubclass(model, Event) and model._meta.managed
    ]
    return sorted(found, key=lambda model: str(model._meta.db_table))


def everything(first: date, last: date) -> Iterator[tuple[object, ...]]:
    """Every change of every table from one day to another, both included, as the database keeps it:
    one line a row that was written, with all its values. Table after table, oldest first, under
    ALL_HEADINGS."""
    start, end = (_start_of(day) for day in (first, last + timedelta(days=1)))
    people = dict(User.objects.values_list("pk", "email"))
    yield ALL_HEADINGS
    for model in event_models():
        rows = model._default_manager.filter(pgh_created_at__gte=start, pgh_created_at__lt=end)
        in_order = rows.select_related("pgh_context").order_by("pgh_created_at", "pgh_id")
        for event in in_order.iterator(chunk_size=2000):
            yield _line(event, people)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.LONDON)


def _line(event: Any, people: dict[int, str]) -> tuple[object, ...]:
    known = event.pgh_context.metadata if event.pgh_context else {}
    person = known.get("user")
    where = known.get("url") or known.get("command") or known.get("task") or ""
    values = {
        field.attname: getattr(event, field.attname)
        for field in event._meta.concrete_fields
        if not field.name.startswith("pgh_")
    }
    return (
        event.pgh_created_at.isoformat(),
        people.get(person, f"person {person}") if person else "",
        known.get("origin", ""),
        f"{known['method']} {where}" if known.get("method") else where,
        event._meta.db_table.removesuffix("event"),
        event.pgh_obj_id,
        event.pgh_label,
        json.dumps(values, default=str, ensure_ascii=False),
    )
