"""A worker is killed at random moments while it applies workbooks; then what went in is counted.

Each upload adds commitments and changes some. Somebody looks at the plan all the while: of an
upload there must be nothing or everything, at every moment. In the end each has gone in once.
"""

import io
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil
import xlsxwriter
from django.db import connection

from commitments.models import Commitment, Plan, Upload
from commitments.uploads import actions, jobs
from organisations.models import Membership, Organisation, Role, User
from tests import factories
from workforce_tracker import clock

STANDING = 200  # commitments that are there before
CHANGED = 100  # of them, how many each upload changes
UP = 40  # seconds that a worker may take to come up


class Wrong(Exception):
    """The product broke its promise, or the chaos did not get through in its time."""


@dataclass
class Worker:
    """One worker for files as a process of its own. Ends only what it started."""

    folder: Path
    process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it, if it does not run."""
        if self.process and self.process.poll() is None:
            return
        command = [sys.executable, "-m", "celery", "-A", "workforce_tracker.celery", "worker",
                   "--loglevel=CRITICAL", "--concurrency=1", "-Q", "files", "-nfiles@%h",
                   "--without-gossip", "--without-mingle"]  # fmt: skip
        log = (self.folder / "worker.log").open("ab")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ
        )
        log.close()

    def kill(self, *, child_only: bool) -> bool:
        """SIGKILL to it and its children, or to the child that does the work; False when there is
        nothing to kill."""
        if self.process is None or self.process.poll() is not None:
            return False
        children: list[psutil.Process] = []
        with suppress(psutil.Error):
            children = psutil.Process(self.process.pid).children(recursive=True)
        if not child_only:
            self.process.kill()
            self.process.wait()
        for child in children:
            with suppress(psutil.Error):
                child.kill()
        return bool(children) or not child_only

    def stop(self) -> None:
        """End it."""
        self.kill(child_only=False)


@dataclass
class Chaos:
    """One run."""

    rows: int
    worker: Worker
    dice: random.Random
    deadline: float
    lead: User
    plan: Plan
    counts: Counter = field(default_factory=Counter)
    took: float = 0.0

    def upload(self, number: int) -> Upload:
        """A workbook, checked and ready to be applied."""
        heads = ["Reference", "Commitment", "Description", "By when", "Target value", "Unit",
                 "Milestone 1", "Milestone 1 date"]  # fmt: skip
        rows = [
            [f"U{number}-{row:05}", f"Promise {row} of file {number}", "In many words", "2031/32",
             row + 1, "posts", "Agreed", "31/03/2027"]
            for row in range(self.rows)
        ]  # fmt: skip
        rows += [
            [f"S-{row:05}", f"Changed by file {number}", "", "", "", "", "", ""]
            for row in range(CHANGED)
        ]
        content = _workbook([heads, *rows])
        upload = actions.receive(
            by=self.lead, content=content, filename=f"file {number}.xlsx",
            target=actions.Target(plan=self.plan), today=clock.today(),
        )  # fmt: skip
        if upload.state != Upload.State.CHECKED:
            raise Wrong(f"{upload} is {upload.state}: {upload.error} {upload.counts}")
        return upload

    def apply(self, number: int, upload: Upload, kill_after: float | None) -> None:
        """Have it applied, with a kill on the way; until it is, look that nothing is half in."""
        actions.begin_apply(by=self.lead, upload=upload, accepted=True, today=clock.today())
        jobs.send(upload)
        started = time.monotonic()
        killed = kill_after is None
        swept = started
        while True:
            self._look(number)
            state = Upload.objects.values_list("state", flat=True).get(pk=upload.pk)
            now = time.monotonic()
            if state == Upload.State.APPLIED and killed:
                break
            if not killed and now - started >= (kill_after or 0):
                killed = self._kill(number, upload)
            if now - swept > 1.5:
                self.worker.start()
                jobs.sweep(now=clock.now())
                swept = now
            if now > self.deadline:
                raise Wrong(f"Not through in time: file {number} is {state}")
            time.sleep(0.02)
        self.took = self.took or time.monotonic() - started
        if self._in(number) != (self.rows, CHANGED):
            raise Wrong(f"File {number} is applied, and {self._in(number)} of it is in")

    def _kill(self, number: int, upload: Upload) -> bool:
        child_only = self.dice.random() < 0.4
        if not self.worker.kill(child_only=child_only):
            return False
        self.counts["kills of the worker's child" if child_only else "kills of the worker"] += 1
        stood = Upload.objects.get(pk=upload.pk)
        where = "before the work was begun"
        if stood.state == Upload.State.APPLIED:
            where = "after it was applied"
        elif stood.tries:
            where = "while it was being applied"
        self.counts[f"kills {where}"] += 1
        return True

    def _look(self, number: int) -> None:
        self.counts["looks while it went on"] += 1
        found = self._in(number)
        if found not in ((0, 0), (self.rows, CHANGED)):
            raise Wrong(f"Half applied: of file {number}, {found} is in")

    def _in(self, number: int) -> tuple[int, int]:
        """How many of an upload's additions and of its changes are there, seen at one moment."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FILTER (WHERE reference LIKE %s), count(*) FILTER (WHERE title = "
                "%s) FROM commitments_commitment WHERE plan_id = %s",
                [f"U{number}-%", f"Changed by file {number}", self.plan.pk],
            )
            new, changed = cursor.fetchone()
        return new, changed


def _workbook(rows: list[list[object]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("Plan")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def _make(say: Callable[[str], None]) -> tuple[User, Plan]:
    body = factories.organisation("Chaos Board")
    lead = User.objects.create_user("lead@chaos.example", name="Lead")
    Membership.objects.create(
        user=lead, organisation=Organisation.objects.get(pk=body.pk), role=Role.PROGRAMME_LEAD
    )
    plan = factories.plan("CHAOS", owner=body)
    Commitment.objects.bulk_create(
        [
            Commitment(plan=plan, reference=f"S-{row:05}", title="As it was")
            for row in range(STANDING)
        ]
    )
    return lead, plan


def run(kills: int, rows: int, seed: int, seconds: float, folder: Path) -> list[tuple[str, object]]:
    """Do it; returns what there is to print. Raises Wrong when a promise was broken."""
    # What takes half a minute in life.
    jobs.SILENT = timedelta(seconds=3)
    lead, plan = _make(print)
    started = time.monotonic()
    worker = Worker(folder)
    chaos = Chaos(rows, worker, random.Random(seed), started + seconds, lead, plan)
    try:
        worker.start()
        _wait_for(jobs.is_anybody_at_work)
        chaos.apply(0, chaos.upload(0), kill_after=None)
        for number in range(1, kills + 1):
            upload = chaos.upload(number)
            worker.start()
            chaos.apply(number, upload, kill_after=chaos.dice.uniform(0.02, chaos.took))
        # Messages that were left in the queue find nothing to do.
        for upload in Upload.objects.all():
            jobs.send(upload)
        time.sleep(3)
    finally:
        worker.stop()
    return [
        *_verdict(chaos, kills),
        ("seconds", round(time.monotonic() - started)),
    ]


def _wait_for(happens: Callable[[], bool]) -> None:
    until = time.monotonic() + UP
    while not happens():
        if time.monotonic() > until:
            raise Wrong("The worker did not come up")
        time.sleep(0.2)


def _verdict(chaos: Chaos, kills: int) -> list[tuple[str, object]]:
    """Count, from the history: what was added was added once, what was changed once by each."""
    files = kills + 1
    events = Commitment.pgh_event_model.objects  # type: ignore[attr-defined]
    added = events.filter(pgh_label="insert", reference__startswith="U").count()
    changes = events.filter(pgh_label="update", title__startswith="Changed by file").count()
    contexts = events.filter(reference__startswith="U").values("pgh_context").distinct().count()
    wrong = []
    if added != files * chaos.rows:
        wrong.append(f"{added} additions for {files} files of {chaos.rows} rows")
    if changes != files * CHANGED:
        wrong.append(f"{changes} changes for {files} files of {CHANGED}")
    if contexts != files:
        wrong.append(f"{contexts} pieces of work for {files} files")
    if Upload.objects.exclude(state=Upload.State.APPLIED).exists():
        wrong.append("not every upload is applied")
    if wrong:
        raise Wrong("; ".join(wrong))
    return [
        ("files applied", files),
        ("files applied more than once, or in part", 0),
        ("rows added", added),
        ("rows changed", changes),
        ("seconds to apply a file when nobody kills", round(chaos.took, 1)),
        *sorted(chaos.counts.items()),
    ]
