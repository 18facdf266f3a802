"""Two people edit the same thing: what the second one changed is laid over what the first one did.

Three values a field: the one both began with (base, from the history), the one that stands now
(theirs) and the one wanted (yours). Only where both moved, and apart, must a person choose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from django.db import models

from commitments.register.actions.drafts import FieldChange
from commitments.register.actions.wording import differs
from organisations.models import User

_MEANWHILE = "_meanwhile"


@dataclass(frozen=True)
class Conflict:
    """One field that two people moved apart, in the words of a page."""

    field: str
    label: str
    base: str
    theirs: str
    yours: str


class EditConflict(Exception):
    """Nothing was written: a person must choose, field by field.

    `by` and `when` are who changed these fields last and when; `version` is the version compared
    with, for the `Choices` of the next attempt.
    """

    def __init__(self, fields: list[Conflict], *, by: str, when: datetime, version: int) -> None:
        self.fields, self.by, self.when, self.version = fields, by, when, version
        super().__init__(", ".join(conflict.label for conflict in fields))


@dataclass(frozen=True)
class Choices:
    """What a person chose for the fields of a conflict, having seen the values of one version."""

    seen_version: int
    fields: Mapping[str, Literal["mine", "theirs"]]


@dataclass
class Merge:
    """What to apply, what two people moved apart, and what only others changed meanwhile."""

    apply: dict[str, Any] = field(default_factory=dict)
    overlapping: list[str] = field(default_factory=list)
    meanwhile: list[str] = field(default_factory=list)


def merge(
    base: Mapping[str, Any],
    theirs: Mapping[str, Any],
    yours: Mapping[str, Any],
    *,
    seen: Mapping[str, Any] | None = None,
    choices: Mapping[str, str] | None = None,
) -> Merge:
    """Lay `yours` over `theirs`. A field with a choice is compared with what was `seen` when it was
    made, so that a third person's change asks again."""
    found = Merge()
    for name, now in theirs.items():
        choice = (choices or {}).get(name)
        began = seen[name] if choice and seen else base.get(name)
        wanted = yours.get(name, began)
        moved = differs(began, now)
        if choice == "theirs":
            wanted = began
        if not differs(wanted, began) or not differs(wanted, now):
            if moved and differs(wanted, now):
                found.meanwhile.append(name)
        elif moved:
            found.overlapping.append(name)
        else:
            found.apply[name] = wanted
    return found


def version_of(row: models.Model, version: int) -> Any:
    """The history's copy of a row as it stood at a version, or None."""
    return _events(row).filter(version=version).first()


def last_change(row: models.Model, after: int, names: set[str]) -> tuple[str, datetime]:
    """Who last changed one of these fields after a version, and when; without such a change, who
    last changed anything."""
    events = list(_events(row).filter(version__gte=after).select_related("pgh_context"))
    # The three columns of a fuzzy date are one field.
    columns = [
        column.attname
        for column in row._meta.concrete_fields
        if {column.name, column.name.rpartition("_")[0]} & names
    ]
    moving = [
        event
        for before, event in pairwise(events)
        if any(getattr(before, c, None) != getattr(event, c, None) for c in columns)
    ]
    event = (moving or events)[-1]
    metadata = event.pgh_context.metadata if event.pgh_context else {}
    person = User.objects.filter(pk=metadata.get("user") or 0).first()
    return (str(person) if person else "The product"), event.pgh_created_at


def _events(row: models.Model) -> Any:
    events = row.pgh_event_model.objects  # type: ignore[attr-defined]
    return events.filter(pgh_obj=row.pk).exclude(pgh_label="delete").order_by("version", "pgh_id")


def remember(row: models.Model, changes: list[FieldChange]) -> None:
    """Leave with a saved row what others had changed meanwhile."""
    row.__dict__[_MEANWHILE] = changes


def meanwhile(row: models.Model) -> list[FieldChange]:
    """What others had changed since the version that a person edited, after a change was merged."""
    found: list[FieldChange] = row.__dict__.get(_MEANWHILE, [])
    return found
