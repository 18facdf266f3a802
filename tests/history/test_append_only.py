"""Nobody changes what the history has noted: not by SQL, and not as the product's own role."""

import json
from pathlib import Path

import pghistory
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from commitments.history_export import event_models
from organisations.models import Membership, Organisation
from tests import factories as make

pytestmark = pytest.mark.django_db

ROLES = Path(__file__).resolve().parents[2] / "deploy" / "roles.sql"
# Tables of the two apps without a history, and why.
WITHOUT = {
    "Standing": "worked out by triggers from what has one",
    "UpdateDraft": "still being written, and nobody else's business",
    "SnapshotRow": "frozen by itself: the database refuses to change it",
    "Mention": "follows from its comment",
    "Reminder": "a ledger: rows are added and stamped",
    "SavedView": "a person's own bookmarks",
    "ReminderChoices": "a person's own choices",
    "CalendarFeed": "a person's own addresses",
    "UploadChanges": "worked out from the file and the plan",
}


def sql(statement: str, *values: object) -> list:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def refused(statement: str) -> str:
    """What the database says when it refuses a statement."""
    with pytest.raises(DatabaseError) as problem, transaction.atomic():
        sql(statement)
    return str(problem.value)


def tables() -> list[str]:
    return [model._meta.db_table for model in event_models()]


@pytest.fixture
def as_the_product():
    """The grants of deploy/roles.sql, and this connection as the role that the product has."""
    sql("CREATE ROLE tracker_app LOGIN")
    sql(ROLES.read_text())
    sql("SET LOCAL ROLE tracker_app")
    yield
    sql("RESET ROLE")


def test_every_business_table_has_a_history():
    tracked = {model.pgh_tracked_model.__name__ for model in event_models()}
    ours = {
        model.__name__
        for app in ("organisations", "commitments")
        for model in apps.get_app_config(app).get_models()
        if not hasattr(model, "pgh_tracked_model")
    }
    assert ours - tracked == set(WITHOUT)


def test_what_has_been_noted_is_neither_changed_nor_deleted(cast):
    member = make.commitment(make.plan("LTWP"), reference="LTWP-1")
    make.milestone(member)
    for table in ("organisations_membershipevent", "commitments_milestoneevent"):
        assert sql(f"SELECT count(*) FROM {table}")[0][0] > 0
        assert "append_only" in refused(f"UPDATE {table} SET pgh_label = 'other'")
        assert "append_only" in refused(f"DELETE FROM {table}")


def test_a_change_keeps_the_name_that_was_put_on_it(cast, bodies):
    with pghistory.context(user=cast.lead.pk, url="/there/"):
        Organisation.objects.filter(pk=bodies.trust.pk).update(notes="One.")
    sql("""UPDATE pghistory_context SET metadata = '{"user": 0, "upload": 5}'""")
    (known,) = [row[0] for row in sql("SELECT metadata FROM pghistory_context")]
    assert json.loads(known) == {"user": cast.lead.pk, "url": "/there/", "upload": 5}
    assert "cannot be deleted" in refused("DELETE FROM pghistory_context")


def test_the_products_role_can_only_add_to_the_history(cast, as_the_product):
    names = tables()
    assert len(names) > 15
    for table in names:
        sql(f"SELECT 1 FROM {table} LIMIT 1")
        for statement in (
            f"UPDATE {table} SET pgh_label = 'other'",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TABLE {table}",
        ):
            said = refused(statement)
            assert "permission denied" in said or "must be owner" in said, statement
    assert "permission denied" in refused("DELETE FROM pghistory_context")
    assert "permission denied" in refused("UPDATE pghistory_context SET id = gen_random_uuid()")
    assert "permission denied" in refused("DELETE FROM django_migrations")
    assert "must be owner" in refused("ALTER TABLE commitments_milestone DISABLE TRIGGER ALL")
    assert "permission denied" in refused("SET LOCAL session_replication_role = replica")


def test_work_goes_on_as_the_products_role(cast, bodies, sign_in, as_the_product):
    commitment = make.commitment(make.plan("LTWP"), bodies.board, reference="LTWP-1")
    milestone = make.milestone(commitment, "Plan agreed", baseline="2026-09-30")
    path = reverse("milestone_complete", args=["LTWP", "LTWP-1", milestone.pk])
    assert sign_in(cast.lead).post(path).status_code == 302
    milestone.refresh_from_db()
    assert milestone.state == "complete"
    noted = milestone.events.order_by("-pgh_id").first()
    assert (noted.state, noted.pgh_context.metadata["user"]) == ("complete", cast.lead.pk)
    member = Membership.objects.get(user=cast.viewer)
    member.delete()
    assert sign_in(cast.lead).get("/commitments/LTWP/LTWP-1/history/").status_code == 200
