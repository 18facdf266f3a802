"""Workers killed in the middle, and several at once: exports and returns are whole, and once."""

import io
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection

from commitments.models import Commitment, Export, Milestone, Upload, Work
from commitments.uploads import jobs, making
from commitments.uploads.return_actions import begin_send, receive_return
from organisations.models import User
from tests import factories as make
from tests.conftest import TODAY, Bodies, Cast
from workforce_tracker import clock

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 19, 10, tzinfo=clock.LONDON)
MANY = 60


@pytest.fixture
def lead(cast: Cast, bodies: Bodies, settings: Any, tmp_path: Path) -> User:
    """Our programme lead, with a plan of sixty commitments that have sixty milestones each."""
    settings.MEDIA_ROOT = tmp_path / "media"
    plan = make.plan("LTWP", owner=bodies.board)
    for number in range(MANY):
        promise = make.commitment(plan, bodies.trust, reference=f"LTWP-{number:03}")
        day = make.fuzzy("30/11/2026")
        Milestone.objects.bulk_create(
            Milestone(commitment=promise, title=f"Step {step}", baseline=day)
            for step in range(MANY)
        )
    return cast.lead


def killed(work: Work, once: Callable[[], bool]) -> None:
    """A worker of its own takes the work, and is killed as soon as something is so."""
    child = os.fork()
    if not child:
        connection.connection = None  # the parent's: not to be spoken to, nor closed
        try:
            jobs.run(work.pk, today=TODAY, now=NOW, kind=type(work))
        finally:
            os._exit(0)
    until = time.monotonic() + 300
    while not once() and time.monotonic() < until:
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "it was through before it was killed"


def at_once(*works: Work) -> None:
    """Several workers take one of these each, at the same moment."""

    def run(work: Work) -> None:
        try:
            jobs.run(work.pk, today=TODAY, now=NOW, kind=type(work))
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as workers:
        list(workers.map(run, works))


def files(settings: Any) -> list[Path]:
    """Everything that is kept of exports."""
    top = Path(settings.MEDIA_ROOT) / "exports"
    return [path for path in top.rglob("*") if path.is_file()]


def test_an_export_whose_worker_was_killed_is_made_by_the_next_one(
    lead: User, settings: Any
) -> None:
    export = making.ask(Export(asked_by=lead, form="xlsx"), today=TODAY)
    killed(export, once=lambda: sum(path.stat().st_size for path in files(settings)) > 50_000)
    export.refresh_from_db()
    assert (export.state, export.tries) == ("making", 1)
    assert files(settings)
    assert jobs.sweep(now=clock.now() + timedelta(minutes=1)) == 1
    export.refresh_from_db()
    assert export.state == "ready", export.error
    assert files(settings) == [Path(export.file.path)]
    book = openpyxl.load_workbook(io.BytesIO(export.file.read()), read_only=True)
    assert book["Commitments"].max_row == MANY + 1
    assert book["Milestones"].max_row == MANY * MANY + 1


def test_an_export_that_several_workers_take_is_made_by_one(lead: User, settings: Any) -> None:
    export = making.ask(Export(asked_by=lead, form="csv"), today=TODAY)
    at_once(export, export, export)
    export.refresh_from_db()
    assert export.state == "ready"
    events = Export.pgh_event_model.objects.filter(pgh_obj=export.pk)  # type: ignore[attr-defined]
    assert events.filter(state="ready").count() == 1
    assert files(settings) == [Path(export.file.path)]


def test_a_return_whose_worker_was_killed_changes_nothing_and_then_all_of_it_once(
    lead: User,
) -> None:
    upload = asked_to_be_sent(lead)
    killed(upload, once=lambda: Upload.objects.get(pk=upload.pk).stage != "")
    assert not Commitment.objects.filter(title="Renamed").exists()
    upload.refresh_from_db()
    assert upload.state == "applying"
    assert jobs.sweep(now=clock.now() + timedelta(minutes=1)) == 1
    upload.refresh_from_db()
    assert upload.state == "applied", upload.error
    assert set(Commitment.objects.values_list("title", "version")) == {("Renamed", 2)}


def test_a_return_that_several_workers_take_is_sent_once(lead: User) -> None:
    upload = asked_to_be_sent(lead)
    at_once(upload, upload, upload)
    upload.refresh_from_db()
    assert upload.state == "applied", upload.error
    assert set(Commitment.objects.values_list("title", "version")) == {("Renamed", 2)}


def test_two_returns_of_one_plan_go_one_after_the_other(lead: User) -> None:
    uploads = [asked_to_be_sent(lead, title) for title in ("One", "Two")]
    at_once(*uploads)
    rows = {upload.pk: Upload.objects.get(pk=upload.pk) for upload in uploads}
    (second,) = (row for row in rows.values() if row.state == "checked")
    (first,) = (row for row in rows.values() if row.state == "applied")
    title = "One" if first.pk == uploads[0].pk else "Two"
    assert set(Commitment.objects.values_list("title", "version")) == {(title, 2)}
    assert second.counts["clashes"] == MANY
    assert "something has changed since you looked" in second.error


def asked_to_be_sent(lead: User, title: str = "Renamed") -> Upload:
    """A return that renames every commitment, looked at and asked to be sent."""
    content = making.at_once(Export(asked_by=lead, form="xlsx"), TODAY)
    book = openpyxl.load_workbook(io.BytesIO(content))
    del book["Milestones"]
    for row in book["Commitments"].iter_rows(min_row=2):
        row[2].value = title
    stream = io.BytesIO()
    book.save(stream)
    upload = receive_return(
        by=lead, acting=None, content=stream.getvalue(), filename="back.xlsx", today=TODAY
    )
    assert (upload.state, upload.counts["told"]) == ("checked", MANY)
    begin_send(by=lead, acting=None, upload=upload, chosen={})
    return Upload.objects.get(pk=upload.pk)
