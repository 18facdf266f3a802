"""`python -m tests.bench [NAME ...]`: start a throw-away PostgreSQL and run benchmarks in it."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

NAMES = {
    "lists": "the commitments list at 1,000 and at 100,000 commitments, and the SQL it runs",
    "uploads": "a workbook of 5,000 and of 50,000 rows, beside django-import-export and COPY",
    "exports": "lists taken away as .xlsx, .ods and .csv: rows a second, and memory",
    "rounds": "a round with 1,000 and with 10,000 updates: its grid, a cell, the freeze, the desk",
    "reminders": "planning over ten milestones a commitment, and digests to a mail server",
}


def main() -> int:
    """Run what was named, or everything."""
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description=__doc__,
        epilog="; ".join(f"{name}: {what}" for name, what in NAMES.items()),
    )
    parser.add_argument("name", nargs="*", help=", ".join(NAMES))
    parser.add_argument("--rounds", type=int, default=15, help="measurements of each thing")
    parser.add_argument("--rows", type=int, nargs="*", help="rows of the workbooks of uploads")
    parser.add_argument("--mutants", type=int, default=0, help="damaged workbooks of uploads")
    parser.add_argument("--large", type=int, default=100_000, help="commitments in the large one")
    arguments = parser.parse_args()
    if unknown := set(arguments.name) - set(NAMES):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")

    folder = tempfile.mkdtemp(prefix="wt-bench-")
    os.chmod(folder, 0o711)
    os.environ |= {
        "DATA_DIR": str(Path(folder) / "data"),
        "CELERY_BROKER_URL": "memory://",
        "DJANGO_SETTINGS_MODULE": "workforce_tracker.settings",
    }
    os.environ.pop("DATABASE_URL", None)
    from workforce_tracker import services

    # TERM ends a run as Ctrl-C does: by stopping what it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with services.start(durable=False):
            import django

            django.setup()
            from tests.bench import exports, lists, reminders, rounds, uploads

            wanted = arguments.name or list(NAMES)
            if "lists" in wanted:
                lists.run(rounds=arguments.rounds, large=arguments.large)
            if "rounds" in wanted:
                rounds.run(rounds=arguments.rounds, large=min(arguments.large, 10_000))
            if "reminders" in wanted:
                reminders.run(large=arguments.large)
            if "uploads" in wanted:
                uploads.run(arguments.rows)
            if "exports" in wanted:
                exports.run(large=arguments.large)
            if arguments.mutants:
                from tests.bench import mutants

                mutants.run(count=arguments.mutants)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
