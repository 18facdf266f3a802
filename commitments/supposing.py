"""Evidence ratings as they would be if rows were other than they are. Writes nothing.

A name that WITH gives to rows comes before the name of a table. So the very statement that rates
commitments is asked, with the tables that it reads replaced by the same tables as they would be,
and the facts that are kept about commitments by the view that works them out. There is no second
definition of a rating, and nothing to take back.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db import connection, models

from commitments.models import Commitment, Measure, Milestone
from commitments.ratings import evidence_rating

# What facts and clauses read of these tables. One that reads more finds no such column here, which
# is an error for any row.
READ: dict[type[models.Model], tuple[str, ...]] = {
    Commitment: ("id", "plan", "target_date"),
    Milestone: (
        "id", "commitment", "state", "baseline_date", "forecast_date", "actual_on", "due_date",
    ),
    Measure: (
        "id", "commitment", "direction", "target_low", "target_high", "amber_tolerance",
        "red_tolerance",
    ),
}  # fmt: skip
# Which column says what commitment a row is of.
OF = {Commitment: "id", Milestone: "commitment_id", Measure: "commitment_id"}
# In the order in which they read each other. Kept apart from the rest by MATERIALIZED, or they
# would be worked out again for each clause.
VIEWS = {"commitments_measure_standing": "commitments_measure_standing",
         "commitments_standing": "commitments_facts"}  # fmt: skip
# What is replaced has no index, so it is looked through for each commitment.
AT_ONCE = 200
SHADOW = """
{table} AS MATERIALIZED (
    SELECT {stored} FROM {table} WHERE {of} = ANY (%s) AND id <> ALL (%s)
    UNION ALL SELECT {given} FROM json_to_recordset(%s) AS given ({shape})
)"""


def ratings_if(rows: Iterable[models.Model], today: date) -> dict[int, str]:
    """The ratings on a day, by key, of the commitments that these rows are or hang on.

    The rows are commitments, milestones and measures as they would be; without a key they would be
    new, but what they hang on must be there. What is not given is as it stands.
    """
    by_commitment: dict[int, list[models.Model]] = defaultdict(list)
    for row in rows:
        by_commitment[vars(row)[OF[type(row)]]].append(row)
    if not by_commitment:
        return {}
    statement, day = _statement(today)
    found: dict[int, str] = {}
    everything = sorted(by_commitment)
    for start in range(0, len(everything), AT_ONCE):
        keys = everything[start : start + AT_ONCE]
        given = [row for key in keys for row in by_commitment[key]]
        with connection.cursor() as cursor:
            cursor.execute(statement, [*_parameters(keys, given), *day])
            found |= dict(cursor.fetchall())
    return found


def _statement(today: date) -> tuple[str, tuple[Any, ...]]:
    """What is asked, and its last parameters; those of the tables come before them."""
    views = _views()
    shadows = [_shadow(model) for model in READ]
    shadows += [f"\n{name} AS MATERIALIZED ({views[of]})" for name, of in VIEWS.items()]
    rated = Commitment.objects.order_by().values_list("pk", evidence_rating(today))
    asked, day = rated.query.sql_with_params()
    return f"WITH {','.join(shadows)}\n{asked}", day


def _parameters(keys: list[int], given: Sequence[models.Model]) -> Iterator[Any]:
    """For each table: of which commitments, which stored rows not, and which instead."""
    for model in READ:
        rows = [row for row in given if type(row) is model]
        fields = _plain(model)
        values = [{field.column: vars(row)[field.attname] for field in fields} for row in rows]
        yield keys
        yield [row.pk for row in rows if row.pk]
        yield json.dumps(values, default=str)


def _shadow(model: type[models.Model]) -> str:
    """The rows of a table that belong to some commitments, but some of them as they are given."""
    quote = connection.ops.quote_name
    stored = {field.name: quote(field.column) for field in _fields(model)}
    given = stored | {
        field.name: field.generated_sql(connection)[0]
        for field in _fields(model)
        if isinstance(field, models.GeneratedField)
    }
    shape = (f"{quote(field.column)} {field.cast_db_type(connection)}" for field in _plain(model))
    return SHADOW.format(
        table=quote(model._meta.db_table),
        of=quote(OF[model]),
        stored=", ".join(stored.values()),
        given=", ".join(given.values()),
        shape=", ".join(shape),
    )


def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.name in READ[model]]


def _plain(model: type[models.Model]) -> list[Any]:
    """Those that the database does not work out itself."""
    return [field for field in _fields(model) if not isinstance(field, models.GeneratedField)]


def _views() -> dict[str, str]:
    """What the views are, as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, rtrim(pg_get_viewdef(name::regclass), ';') FROM unnest(%s) AS name",
            [list(VIEWS.values())],
        )
        return {name: text.replace("%", "%%") for name, text in cursor.fetchall()}
