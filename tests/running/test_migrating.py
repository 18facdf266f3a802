"""What the migrations leave in a database, by the product's own quick way of running them."""

import pytest
from django.apps import apps
from django.db import connection

OURS = [
    model
    for name in ("organisations", "commitments")
    for model in apps.get_app_config(name).get_models()
]
IN_THE_DATABASE = """
    SELECT relname::text, indexrelid::regclass::text FROM pg_index JOIN pg_class c
        ON c.oid = indrelid
    UNION SELECT relname, conname FROM pg_constraint JOIN pg_class c ON c.oid = conrelid
    UNION SELECT relname, tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
"""


@pytest.mark.django_db
def test_every_index_constraint_and_trigger_of_the_models_is_there() -> None:
    with connection.cursor() as cursor:
        cursor.execute(IN_THE_DATABASE)
        found = set(cursor.fetchall())
    wanted = set()
    for model in OURS:
        meta = model._meta
        names = [each.name for each in (*meta.indexes, *meta.constraints)]
        names += [each.get_pgid(model) for each in getattr(meta, "triggers", ())]
        wanted |= {(meta.db_table, name) for name in names}
    assert len(wanted) > 250
    assert wanted - found == set()
