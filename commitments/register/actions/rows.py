"""Thousands of rows at once, made in memory and written in one statement each few thousand.

A model's own way to be made and to be inserted asks each field of each row what it thinks, which
costs more than everything else about a row. Here the fields are asked once a table. The database
does what it always does: constraints, history (through Django's cursor, so that it knows who), and
the counts of versions and moves.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.base import ModelState
from django.utils import timezone

BATCH = 2000

# The names in braces are those of the models' own tables and columns.
INSERT = """
INSERT INTO {table} ({columns})
SELECT {columns} FROM ROWS FROM (json_to_recordset(%s) AS ({shape})) WITH ORDINALITY AS given
ORDER BY ordinality
RETURNING {key}
"""
UPDATE = """
UPDATE {table} AS stands SET {sets}
FROM json_to_recordset(%s) AS given ({shape})
WHERE stands.{key} = given.{key}
"""

M = TypeVar("M", bound=models.Model)
Column: TypeAlias = "models.Field[Any, Any]"


def fresh(model: type[M], values: Mapping[str, Any], related: Mapping[str, Any]) -> M:
    """A new row that has not been saved, as `model(**values, **related)` makes one.

    `values` are columns by their attribute ("baseline_text", not "baseline"), `related` rows of
    other tables or None.
    """
    blank, lists = _blank(model)
    row = model.__new__(model)
    row.__dict__.update(blank)
    for name in lists:
        row.__dict__[name] = []
    row.__dict__.update(values)
    state = row._state = ModelState()
    state.fields_cache = dict(related)
    for name, other in related.items():
        row.__dict__[f"{name}_id"] = None if other is None else other.pk
    return row


def load(rows: models.QuerySet[M], *, leave: str = "") -> list[M]:
    """The rows of a queryset as `list(rows)` gives them, but without asking each field of each what
    it thinks. The column named in `leave` is not read."""
    model = rows.model
    names = [field.attname for field in model._meta.concrete_fields if field.attname != leave]
    found = []
    for values in rows.values_list(*names):
        row = model.__new__(model)
        row.__dict__.update(zip(names, values, strict=True))
        state = row._state = ModelState()
        state.adding, state.db, state.fields_cache = False, DEFAULT_DB_ALIAS, {}
        found.append(row)
    return found


@cache
def _blank(model: type[models.Model]) -> tuple[dict[str, Any], list[str]]:
    """The values of a new row, and those of them that no two rows may share."""
    values = {name: value for name, value in vars(model()).items() if name != "_state"}
    return values, [name for name, value in values.items() if isinstance(value, list)]


def insert(rows: Sequence[models.Model]) -> None:
    """Add rows of one table and give them their keys."""
    if not rows:
        return
    model, now = type(rows[0]), timezone.now()
    fields = [field for field in _columns(model) if not field.primary_key]
    for field in fields:
        if getattr(field, "auto_now_add", False):
            for row in rows:
                setattr(row, field.attname, now)
    for batch in _batches(rows):
        # Keys are given in the order of the rows, so the n-th smallest is that of the n-th row.
        found = _run(INSERT, batch, fields)
        for row, (key,) in zip(batch, sorted(found), strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(rows: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Set columns, by the names of their fields, of rows of one table that have keys."""
    if not rows:
        return
    model = type(rows[0])
    by_name = {field.name: field for field in _columns(model)}
    key, fields = _key(model), [by_name[name] for name in columns]
    for batch in _batches(rows):
        _run(UPDATE, batch, [key, *fields])


def _run(sql: str, rows: Sequence[models.Model], fields: Sequence[Column]) -> list[tuple[Any, ...]]:
    """A statement about rows that are handed over as one text, which the database takes apart
    faster than a list of parameters is put together."""
    names = [str(field.column) for field in fields]
    values = itemgetter(*(field.attname for field in fields))
    shown = [dict(zip(names, values(vars(row)), strict=True)) for row in rows]
    given = json.dumps(shown, default=str)
    quote = connection.ops.quote_name
    statement = sql.format(
        table=quote(type(rows[0])._meta.db_table),
        key=quote(str(_key(type(rows[0])).column)),
        columns=", ".join(quote(name) for name in names),
        shape=", ".join(
            f"{quote(name)} {field.cast_db_type(connection)}"
            for name, field in zip(names, fields, strict=True)
        ),
        # A key that is set, even to itself, would lock out whoever refers to the row.
        sets=", ".join(f"{quote(name)} = given.{quote(name)}" for name in names[1:]),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [given])
        return cursor.fetchall() if cursor.description else []


def _batches(rows: Sequence[M]) -> Iterator[Sequence[M]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _columns(model: type[models.Model]) -> list[Column]:
    """All columns but those that the database works out."""
    return [field for field in model._meta.concrete_fields if not getattr(field, "generated", 0)]


def _key(model: type[models.Model]) -> Column:
    return next(field for field in model._meta.concrete_fields if field.primary_key)
