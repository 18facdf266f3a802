"""Exports of generated lists: commitments a second, and the most memory that making them takes.

Each commitment has ten milestones, three parties, and every third a measure. Two sizes in one run,
so that what grows with the size shows as a ratio; and the largest list that is handed over at once.
Each measurement is a process of its own, so that its peak of memory is its own.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time

import django
from django.db import connection

FORMS = ("xlsx", "ods", "csv")
PLACE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


def run(large: int, forms: Sequence[str] = FORMS) -> None:
    """Print the tables: milliseconds a commitment, rows a second, peak of memory, ratios."""
    from commitments.uploads.making import SMALL
    from tests.bench import data
    from workforce_tracker import clock

    usual = str(connection.settings_dict["NAME"])
    data.migrate_and_load()
    _person()
    connection.close()
    sizes = (large // 5, large)
    found: dict[tuple[str, int], dict[str, float]] = {}
    print(f"Exports of lists, {data.MILESTONES_EACH} milestones a commitment\n")
    heads = ("", "commitments", "rows", "ms each", "rows/s", "MB of file", "peak MB")
    print("{:<6}{:>12}{:>11}{:>9}{:>9}{:>12}{:>9}".format(*heads))
    for size in (SMALL, *sizes):
        name = f"bench_exports_{size}"
        data.copy_of(usual, name)
        with data.using(name):
            data.generate(size, clock.today())
            known = {key: connection.settings_dict[key] for key in PLACE}
        for form in forms:
            one = found[form, size] = _measured(form, known)
            print(
                f"{form:<6}{one['commitments']:>12,.0f}{one['rows']:>11,.0f}"
                f"{one['processor'] * 1000 / one['commitments']:>9.2f}"
                f"{one['rows'] / one['seconds']:>9,.0f}{one['size']:>12.1f}{one['peak']:>9.0f}",
                flush=True,
            )
    print()
    for form in forms:
        few, many = (found[form, size] for size in sizes)
        each = (many["processor"] / many["commitments"]) / (few["processor"] / few["commitments"])
        memory = many["peak"] / few["peak"]
        print(
            f"{form:<6}{sizes[1]:,} to {sizes[0]:,}: cost of each {each:.2f}, memory {memory:.2f}"
        )
        waited = found[form, SMALL]["seconds"]
        print(f"{'':<6}{SMALL} at once: {waited:.2f} s")


def _person() -> None:
    """Somebody who may change some of the commitments, and sees all."""
    from organisations.models import Membership, Organisation, Role, User

    user = User.objects.create_user("bench@test.example", name="Bench")
    board = Organisation.objects.get(code="QWO")
    Membership.objects.create(user=user, organisation=board, role=Role.PROGRAMME_LEAD)


def _measured(form: str, database: dict[str, object]) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.exports", form]
    surroundings = {**os.environ, "BENCH_DATABASE": json.dumps(database)}
    done = subprocess.run(command, env=surroundings, check=True, stdout=subprocess.PIPE)
    known: dict[str, float] = json.loads(done.stdout)
    return known


def _one(form: str) -> dict[str, float]:
    """Make one file of everything; seconds by the clock and of the processor, peak in MB."""
    from commitments.models import Export
    from commitments.uploads.making import write
    from organisations.models import User
    from workforce_tracker import clock

    export = Export(asked_by=User.objects.get(email="bench@test.example"), form=form)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file.{form}"
        start, busy = perf_counter(), process_time()
        counts = write(export, path, clock.today())
        seconds, processor = perf_counter() - start, process_time() - busy
        size = path.stat().st_size / 1024**2
    return {
        "commitments": counts["Commitments"],
        "rows": sum(counts.values()),
        "seconds": seconds,
        "processor": processor,
        "size": size,
        "peak": _peak_of_memory(),
    }


def _peak_of_memory() -> float:
    """The most that this process has held, in MB. What getrusage says includes the process that it
    was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workforce_tracker.settings")
    django.setup()
    connection.settings_dict.update(json.loads(os.environ["BENCH_DATABASE"]))
    print(json.dumps(_one(sys.argv[1])))
