"""Planning reminders over a million milestones, and digests handed to a local mail server.

Planning is measured against the one statement that finds what is owed, run bare. Digests are sent
by the code that a worker runs, in one process, to a mail server in another.
"""

import gc
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import perf_counter, process_time

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commitments.models import Reminder
from commitments.reminders import ledger, sending
from organisations.writing import undone
from tests.bench import data
from workforce_tracker import clock

PEOPLE = 20_000
MESSAGES = 3_000
ROUNDS = 5


def run(large: int) -> None:
    """Print both tables. `large` commitments have ten times as many milestones."""
    usual = str(connection.settings_dict["NAME"])
    data.migrate_and_load()
    connection.close()
    data.copy_of(usual, "bench_reminders")
    with data.using("bench_reminders"):
        today = clock.today()
        while today.weekday() > 4:  # nothing falls due at a weekend
            today -= timedelta(days=1)
        data.generate(large, today)
        data.populate(PEOPLE, today)
        _planning(today)
        _sending(today)


def _planning(today: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM commitments_milestone")
        milestones = cursor.fetchone()[0]
    with CaptureQueriesContext(connection) as captured:
        ledger.now_owed(None, today)
    owed = captured[-1]["sql"]
    written = _timed(lambda: _write(owed))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM commitments_reminder")
    first = _timed(lambda: ledger.plan(today))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE commitments_reminder")
    # In turn, so that a machine that slows down slows both.
    bare, again, urgent = [], [], []
    for _ in range(ROUNDS):
        bare.append(_timed(lambda: _execute(owed)))
        again.append(_timed(lambda: ledger.plan(today)))
        urgent.append(_timed(lambda: ledger.plan(today, Reminder.URGENT)))
    statement, planning = statistics.median(bare), statistics.median(again)
    rows = Reminder.objects.count()
    print(f"Planning over {milestones:,} milestones, {PEOPLE:,} people, median of {ROUNDS}\n")
    print(f"{'the statement that finds what is owed, bare':<46}{statement:>9.2f}s")
    print(f"{'planning, when the ledger is up to date':<46}{planning:>9.2f}s", end="")
    print(f"{planning / statement:>8.2f} times")
    at_once = statistics.median(urgent)
    print(f"{'planning what goes at once, every five minutes':<46}{at_once:>9.2f}s", end="")
    print(f"{at_once / statement:>8.2f} times")
    print(f"{f'the first planning, which writes {rows:,} rows':<46}{first:>9.2f}s", end="")
    print(f"{first / statement:>8.2f} times")
    print(f"{'one statement that finds and writes them':<46}{written:>9.2f}s", end="")
    print(f"{written / statement:>8.2f} times\n")


def _write(owed: str) -> None:
    """Find every row and write it, with all that the table asks of a row, in one statement; and
    take it back. No planning that writes can cost less."""
    with undone(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO commitments_reminder (
                person_id, kind, thing_id, commitment_id, through_id, standing_in_for_id, stage,
                due_on, send_on, state, cause, reason, attempts, message_id, planned_at, in_inbox
            )
            SELECT
                person_id, kind, thing_id, commitment_id, through_id, standing_in_for_id, stage,
                due_on, send_on, 'planned', '', '', 0, gen_random_uuid(), now(), in_inbox
            FROM ({owed}) AS owed
            """
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _execute(owed: str) -> None:
    """Find every row in full, and send none of them over the connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(owed) FROM ({owed}) AS owed")


def _sending(today: date) -> None:
    waiting = Reminder.objects.filter(state="planned")
    people = list(waiting.order_by("person_id").values_list("person_id", flat=True).distinct())
    # The others have had theirs the day before.
    before = datetime.combine(today - timedelta(days=1), time(12), clock.LONDON)
    waiting.exclude(person_id__in=people[:MESSAGES]).update(state="sent", sent_at=before)
    reminders = Reminder.objects.filter(state="planned").count()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    reverse("home")  # a worker has read its addresses long ago
    with _mail_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        gc.collect()
        started, used = perf_counter(), process_time()
        noon = datetime.combine(today, time(12), clock.LONDON)
        outcome = sending.run(today, now=noon, kinds=Reminder.URGENT)
        seconds, used = perf_counter() - started, process_time() - used
    print(f"Digests by one worker to a local mail server, {reminders:,} reminders in them\n")
    print(f"{'messages that the mail server took':<46}{server.taken:>9,}")
    print(f"{'messages stamped':<46}{outcome.messages:>9,}")
    print(f"{'not taken':<46}{outcome.failed:>9,}")
    print(f"{'seconds':<46}{seconds:>9.1f}")
    print(f"{'messages a second':<46}{outcome.messages / seconds:>9.0f}")
    # What other programs on the machine do changes this less.
    print(f"{'messages a second of the processor':<46}{outcome.messages / used:>9.0f}")


@dataclass
class MailServer:
    """What the bench knows of it: how many messages it took is told when it ends."""

    port: int
    taken: int = 0


@contextmanager
def _mail_server() -> Iterator[MailServer]:
    """A mail server in a process of its own, which costs little."""
    command = [sys.executable, "-m", "tests.bench.sink"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin and process.stdout
        server = MailServer(port=int(process.stdout.readline()))
        try:
            yield server
        finally:
            process.stdin.close()
            server.taken = int(process.stdout.readline())


def _timed(what) -> float:  # type: ignore[no-untyped-def]
    start = perf_counter()
    what()
    return perf_counter() - start
