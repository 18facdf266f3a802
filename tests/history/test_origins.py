"""Every change says who made it and by what way it came."""

import io
import json
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from commitments.history_export import event_models
from organisations.history import Entries
from organisations.models import Membership
from tests import factories as make
from workforce_tracker.celery import app

pytestmark = pytest.mark.django_db


def contexts() -> list[dict | None]:
    """The circumstances of every event in every table."""
    found = []
    for model in event_models():
        found += [
            event.pgh_context.metadata if event.pgh_context else None
            for event in model.objects.select_related("pgh_context")
        ]
    return found


def test_a_page_notes_person_address_and_method(cast, bodies, sign_in):
    commitment = make.commitment(make.plan("LTWP"), bodies.board, reference="LTWP-1")
    milestone = make.milestone(commitment)
    path = f"/commitments/LTWP/LTWP-1/milestones/{milestone.pk}/complete/"
    sign_in(cast.lead).post(path)
    noted = milestone.events.order_by("-pgh_id").first().pgh_context.metadata
    assert noted == {"user": cast.lead.pk, "url": path, "method": "POST", "origin": "page"}


def test_every_loading_command_notes_itself(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    for command in ("load_organisations", "load_plans"):
        call_command(command, stdout=io.StringIO())
    noted = contexts()
    assert len(noted) > 1000
    assert {json.dumps(known, sort_keys=True) for known in noted} == {
        '{"command": "load_organisations", "origin": "command"}',
        '{"command": "load_plans", "origin": "command"}',
    }


def test_every_command_that_writes_notes_itself():
    reading = {"document_permissions", "document_states", "explain_reminder", "export_history"}
    reading.add("migrate")  # writes tables; a migration that writes rows notes that itself
    for name in ("organisations", "commitments"):
        folder = Path(apps.get_app_config(name).path) / "management" / "commands"
        for file in folder.glob("[a-z]*.py"):
            if file.stem not in reading:
                noted = f'origin="command", command="{file.stem}"'
                assert noted in file.read_text(encoding="utf-8"), file.stem


def test_an_import_by_command_names_the_person_and_the_upload(cast, bodies, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    plan = make.plan("LTWP", owner=bodies.board)
    file = tmp_path / "actions.csv"
    file.write_text("Reference,Commitment,Lead organisation\nLTWP-9,New one,NHS trusts\n")
    with open(tmp_path / "said", "w") as said:
        options = {"plan": "LTWP", "email": cast.lead.email, "stdout": said}
        call_command("import_commitments", str(file), **options)
    noted = plan.commitments.get().events.first().pgh_context.metadata
    upload = plan.uploads.get()
    assert noted == {
        "origin": "command", "command": "import_commitments", "user": cast.lead.pk,
        "upload": upload.pk,
    }  # fmt: skip


def test_a_background_task_notes_itself(bodies):
    @app.task(name="tests.rename")
    def rename() -> None:
        bodies.trust.name = "Renamed"
        bodies.trust.save()

    try:
        rename.apply()
    finally:
        app.tasks.pop("tests.rename")
    latest = bodies.trust.events.order_by("-pgh_id").first()
    assert latest.pgh_context.metadata == {"origin": "task", "task": "tests.rename"}


def test_bulk_sql_on_people_and_bodies_is_in_the_history(cast, bodies):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organisations_membership SET role = 'viewer' WHERE organisation_id = %s",
            [bodies.board.pk],
        )
        cursor.execute("UPDATE organisations_organisation SET short_name = 'WY ICB' "
                       "WHERE id = %s", [bodies.board.pk])  # fmt: skip
    told = {
        (entry.what, detail.label, detail.before, detail.after)
        for entry in Entries(bodies.board)
        for detail in entry.details
        if not entry.is_new
    }
    assert told == {
        ("Role of Lena Lead changed", "Role", "Programme lead", "Viewer"),
        ("Role of Ada Administrator changed", "Role", "Administrator", "Viewer"),
        ("Organisation changed", "Short name", "", "WY ICB"),
    }
    assert Membership.objects.filter(organisation=bodies.board, role="viewer").count() == 2
