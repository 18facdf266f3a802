"""Long lists taken away: made in the background, kept for a week, for the one who asked."""

import csv
import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from commitments.models import Commitment, Export, Plan
from commitments.uploads import jobs, making
from commitments.uploads.reading import read
from organisations.models import Membership
from tests import factories as make
from tests.conftest import TODAY, Bodies, Cast
from workforce_tracker import clock
from workforce_tracker.celery import app
from workforce_tracker.heartbeat import queue_sign

NOW = datetime(2026, 11, 19, 10, tzinfo=clock.LONDON)
XLSX = ["xlsx"]


@pytest.fixture
def plan(bodies: Bodies, settings: Any, tmp_path: Path, today: date, monkeypatch: Any) -> Plan:
    """An internal plan of our board with three commitments: enough for the background."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(making, "SMALL", 2)
    made = make.plan("LTWP", owner=bodies.board, visibility=Plan.Visibility.INTERNAL)
    for number in (1, 2, 3):
        promise = make.commitment(made, bodies.trust, reference=f"LTWP-{number}", title="More")
        make.milestone(promise, "Agreed", baseline="30/11/2026")
    return made


@pytest.fixture
def client(sign_in: Any, cast: Cast) -> Client:
    """Our programme lead, signed in."""
    return sign_in(cast.lead)


@pytest.fixture
def nobody_works(work_at_once: None) -> None:
    """What is asked for stays in the queue."""
    app.conf.task_always_eager = False
    cache.delete(f"heartbeat:{queue_sign('files')}")


def ask(client: Client, form: str = "xlsx", **query: str) -> Export:
    """Press the button that makes a file; gives the export as it stands."""
    address = reverse("commitments_export", args=[form], query=query)
    answer = client.post(address)
    assert answer.status_code == 302, answer
    return Export.objects.latest("pk")


def run(export: Export) -> Export:
    """Let a worker take it."""
    jobs.run(export.pk, today=TODAY, now=NOW, kind=Export)
    export.refresh_from_db()
    return export


def page(client: Client, export: Export, status: int = 200) -> str:
    """What its page says."""
    answer = client.get(export.get_absolute_url())
    assert answer.status_code == status
    return answer.content.decode()


def content(client: Client, export: Export) -> bytes:
    """The file as it is handed over."""
    answer = client.get(reverse("export_file", args=[export.pk]))
    assert answer.status_code == 200, answer
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)


def files(settings: Any) -> list[Path]:
    """Everything that is kept of exports."""
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


# --- the usual way --------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["xlsx", "ods", "csv"])
def test_a_long_list_is_asked_for_made_and_handed_over(
    client: Client, plan: Plan, settings: Any, form: str
) -> None:
    asked = client.get(reverse("commitments_export", args=[form]), {"plan": "LTWP"})
    assert "Take away 3 commitments" in asked.content.decode()
    assert not Export.objects.exists()

    export = ask(client, form, plan="LTWP")
    assert (export.state, export.counts["Commitments"], export.words) == ("ready", 3, "LTWP")
    assert f"Ready: commitments-2026-11-19.{form}" in page(client, export)
    tables = read(content(client, export), f".{form}")
    assert [row[1] for row in tables[0].rows[1:]] == ["LTWP-1", "LTWP-2", "LTWP-3"]
    if form != "csv":
        assert export.counts["Milestones"] == 3 and len(tables[1].rows) == 4
    assert [path.name for path in files(settings)] == [f"file.{form}"]
    listed = client.get(reverse("exports")).content.decode()
    assert f"commitments-2026-11-19.{form}" in listed and "until 26 November 2026" in listed


def test_a_short_list_is_handed_over_at_once(client: Client, plan: Plan) -> None:
    answer = client.get(reverse("commitments_export", args=XLSX), {"q": "LTWP-1"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["Commitments"]
    assert sheet.max_row == 2
    assert not Export.objects.exists()


def test_a_long_export_and_a_short_one_of_the_same_list_are_the_same(
    client: Client, plan: Plan, monkeypatch: Any
) -> None:
    long = content(client, ask(client, "csv"))
    monkeypatch.setattr(making, "SMALL", 100)
    assert client.get(reverse("commitments_export", args=["csv"])).content == long


def test_the_return_of_a_round_is_made_in_the_background_too(
    client: Client, plan: Plan, bodies: Bodies
) -> None:
    round_ = make.round_(plan, TODAY - timedelta(days=9), TODAY + timedelta(days=15))
    address = reverse("return_file", args=[round_.pk, "RY6"])
    assert "Return of Leeds Community Healthcare" in client.get(address).content.decode()
    export = Export.objects.get(pk=client.post(address).url.split("/")[-2])
    assert export.filename == "return-LTWP-RY6-2026-11-19.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(content(client, export)))["Commitments"]
    assert sheet["F1"].value == "Update" and sheet["F2"].value == "Due by 4 December 2026"


def test_a_sheet_that_is_full_goes_on_in_a_second_one(
    client: Client, plan: Plan, monkeypatch: Any
) -> None:
    monkeypatch.setattr("commitments.uploads.exporting.MOST_ROWS", 2)
    for form in ("xlsx", "ods"):
        tables = read(content(client, ask(client, form)), f".{form}")
        rows = {table.sheet: len(table.rows) - 1 for table in tables if "estones" in table.sheet}
        assert rows == {"Milestones": 2, "Milestones 2": 1}


# --- who gets what --------------------------------------------------------------------------------
def test_somebody_elses_export_is_not_found(
    client: Client, plan: Plan, cast: Cast, sign_in: Any
) -> None:
    export = ask(client)
    for other in (cast.platform, cast.administrator, cast.trust):
        for name in ("export", "export_file", "export_progress"):
            assert sign_in(other).get(reverse(name, args=[export.pk])).status_code == 404
        assert "commitments-2026" not in sign_in(other).get(reverse("exports")).content.decode()
    assert Client().get(reverse("export_file", args=[export.pk])).status_code == 302


def test_it_holds_what_the_person_may_see_when_it_is_made(
    client: Client, plan: Plan, bodies: Bodies, nobody_works: None
) -> None:
    export = ask(client, "csv")
    secret = make.plan("FAR", owner=bodies.other_board, visibility=Plan.Visibility.INTERNAL)
    make.commitment(secret, bodies.other_board, reference="FAR-1")
    Commitment.objects.filter(reference="LTWP-2").update(state="draft", draft_of=bodies.other_board)
    make.commitment(plan, bodies.trust, reference="LTWP-4")
    run(export)
    rows = list(csv.reader(io.StringIO(content(client, export).decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["LTWP-1", "LTWP-3", "LTWP-4"]


def test_who_lost_a_role_since_gets_it_no_more(
    client: Client, plan: Plan, cast: Cast, bodies: Bodies
) -> None:
    Membership.objects.create(user=cast.lead, organisation=bodies.council, role="viewer")
    export = ask(client)
    Membership.objects.create(user=cast.lead, organisation=bodies.lga, role="viewer")
    assert content(client, export)
    Membership.objects.filter(user=cast.lead, organisation=bodies.board).update(ended_at=NOW)
    answer = client.get(reverse("export_file", args=[export.pk]))
    assert answer.status_code == 403
    assert "Your roles have changed since it was made" in answer.content.decode()


def test_who_is_switched_off_gets_nothing_made_and_nothing_handed_over(
    client: Client, plan: Plan, cast: Cast, settings: Any, nobody_works: None
) -> None:
    made, waiting = run(ask(client)), ask(client, "csv")
    cast.lead.is_active = False
    cast.lead.save()
    assert client.get(reverse("export_file", args=[made.pk])).status_code == 302  # to sign in
    assert run(waiting).state == Export.State.FAILED
    assert len(files(settings)) == 1


# --- bad moments ----------------------------------------------------------------------------------
def test_a_double_click_makes_one(client: Client, plan: Plan, nobody_works: None) -> None:
    first, second = ask(client, q="x" * 3000), ask(client, q="x" * 3000)
    other = ask(client, "csv", q="x" * 3000)
    assert first == second != other
    run(first)
    assert ask(client, q="x" * 3000) not in (first, other)


def test_two_of_the_same_cannot_be_under_way(client: Client, plan: Plan, nobody_works: None):
    export = ask(client)
    export.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        export.save()


def test_the_page_says_when_nobody_is_at_work_and_is_loaded_again_by_itself(
    client: Client, plan: Plan, nobody_works: None
) -> None:
    export = ask(client)
    shown = page(client, export)
    assert "Waiting to be made" in shown and "Nobody is at work on files" in shown
    assert '<noscript><meta http-equiv="refresh"' in shown
    address = reverse("export_progress", args=[export.pk])
    assert "HX-Refresh" not in client.get(address).headers
    assert jobs.sweep(now=NOW) == 1  # somebody is at work again
    app.conf.task_always_eager = True
    assert jobs.sweep(now=NOW) == 1
    assert client.get(address).headers["HX-Refresh"] == "true"
    assert 'http-equiv="refresh"' not in page(client, export)
    assert jobs.sweep(now=NOW) == 0


def test_no_broker_is_no_error(
    client: Client, plan: Plan, nobody_works: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    for name in ("broker_url", "broker_write_url"):
        monkeypatch.setattr(app.conf, name, "redis://127.0.0.1:1/0")
    export = ask(client)
    assert export.state == Export.State.WAITING
    assert "Nobody is at work on files" in page(client, export)


def test_what_a_killed_worker_left_is_cleared_away_and_it_begins_again(
    client: Client, plan: Plan, settings: Any, nobody_works: None
) -> None:
    export = ask(client)
    Export.objects.update(state="making", alive_at=NOW, tries=1)
    folder = Path(export.file.path).parent
    folder.mkdir(parents=True)
    (folder / "file.xlsx").write_bytes(b"half of a f")
    (folder / "tmp123").write_bytes(b"rows")
    assert jobs.sweep(now=NOW + timedelta(seconds=5)) == 0
    app.conf.task_always_eager = True
    assert jobs.sweep(now=NOW + timedelta(minutes=1)) == 1
    export.refresh_from_db()
    assert export.state == Export.State.READY
    assert files(settings) == [folder / "file.xlsx"]
    assert openpyxl.load_workbook(io.BytesIO(content(client, export)))


def test_work_that_dies_every_time_is_given_up_and_can_be_asked_for_again(
    client: Client, plan: Plan, nobody_works: None
) -> None:
    export = ask(client)
    Export.objects.update(tries=jobs.MOST_TRIES)
    # Somebody is still at it: what waits in the queue for it is no try.
    Export.objects.update(alive_at=NOW)
    assert run(export).state == Export.State.WAITING
    Export.objects.update(alive_at=NOW - timedelta(minutes=2))
    assert run(export).state == Export.State.FAILED
    shown = page(client, export)
    assert "It was cut short five times" in shown and "Make it again" in shown
    assert ask(client) != export


def test_media_that_cannot_be_written_to_is_said(
    client: Client, plan: Plan, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "exports").write_text("in the way")
    export = ask(client)
    assert export.state == Export.State.FAILED
    assert "files cannot be written where they are kept" in page(client, export)


@pytest.mark.parametrize("form", ["xlsx", "ods", "csv"])
def test_a_full_disk_is_said_and_nothing_of_the_file_stays(
    client: Client, plan: Plan, settings: Any, form: str
) -> None:
    with no_room():
        export = ask(client, form)
    assert export.state == Export.State.FAILED
    assert "there is no room for it where files are kept" in page(client, export)
    assert files(settings) == []
    assert ask(client, form).state == Export.State.READY


@pytest.mark.parametrize("form", ["xlsx", "ods", "csv"])
def test_a_full_disk_is_said_of_a_short_list_too(client: Client, plan: Plan, form: str) -> None:
    address = reverse("commitments_export", args=[form])
    with no_room():
        answer = client.get(address, {"q": "LTWP-1"}, follow=True)
    assert "there is no room for it where files are kept" in answer.content.decode()


@contextmanager
def no_room() -> Iterator[None]:
    """The system lets no file grow beyond a few hundred bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_filter_that_matches_nothing_any_more_is_said(
    client: Client, plan: Plan, settings: Any, nobody_works: None
) -> None:
    export = ask(client, plan="LTWP")
    Commitment.objects.all().delete()
    assert run(export).state == Export.State.FAILED
    assert "No commitment fits these filters any more" in page(client, export)
    assert files(settings) == []
    assert client.get(reverse("export_file", args=[export.pk])).status_code == 404


# --- in the end -----------------------------------------------------------------------------------
def test_files_are_deleted_after_a_week_and_the_page_says_so(
    client: Client, plan: Plan, settings: Any
) -> None:
    export = ask(client)
    assert making.delete_old(now=clock.now() + timedelta(days=6)) == 0
    assert content(client, export)
    assert making.delete_old(now=clock.now() + timedelta(days=8)) == 1
    assert files(settings) == []
    answer = client.get(reverse("export_file", args=[export.pk]))
    assert answer.status_code == 410
    assert "is no longer kept" in answer.content.decode()
    assert "Make it again" in answer.content.decode()
    making.delete_old(now=clock.now() + timedelta(days=31))
    assert client.get(export.get_absolute_url()).status_code == 404


def test_a_file_that_somebody_removed_is_gone_and_not_an_error(
    client: Client, plan: Plan, settings: Any
) -> None:
    export = ask(client)
    files(settings)[0].unlink()
    answer = client.get(reverse("export_file", args=[export.pk]))
    assert answer.status_code == 410 and "Make it again" in answer.content.decode()


def test_folders_of_which_nothing_is_known_go(client: Client, plan: Plan, settings: Any) -> None:
    export = ask(client)
    stray = Path(settings.MEDIA_ROOT) / "exports" / "stray"
    stray.mkdir()
    (stray / "tmp1").write_text("x")
    making.delete_old(now=clock.now())
    assert files(settings) == [Path(export.file.path)]
