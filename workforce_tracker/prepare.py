"""Everything between "the database answers" and "the web may start", in one process.

Migrations and the cache table always run (they know what is done). Static files and the loaders
are skipped when neither their files nor the code have changed since they last succeeded here.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import django
from django.core.management import CommandError, call_command
from django.db import OperationalError

from workforce_tracker import services

APPS = ("organisations", "commitments")
# What the embedded default starts with, in this order: who, what, people to sign in as, and what
# they are owed today, so that the outbox has something to show before beat's next round.
LOADERS = ("load_organisations", "load_plans", "load_demonstration", "send_reminders")


def main() -> None:
    """Bring database and static files up to date with the code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workforce_tracker.settings")
    django.setup()
    from django.conf import settings

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    done = Stamps(services.DATA_DIR / "prepared.json")
    done.once(
        "collectstatic",
        fingerprint(files([services.BASE_DIR / "static"])),
        interactive=False,
        verbosity=0,
    )
    if settings.EMBEDDED:
        loaded = fingerprint(files([services.BASE_DIR / app for app in APPS]))
        for command in LOADERS:
            done.once(command, loaded)


class Stamps:
    """Which state of the files each step last succeeded with, kept beside the data."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def once(self, command: str, state: str, **options: object) -> None:
        """Run the command unless it has succeeded with this state of the files."""
        if self.seen.get(command) == state:
            return
        print(f"{command} ...", flush=True)
        call_command(command, **options)
        self.seen[command] = state
        self.path.write_text(json.dumps(self.seen, indent=1))


def files(folders: Iterable[Path]) -> list[Path]:
    """Every file in the folders but Python's own leavings, in a fixed order."""
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def fingerprint(paths: Iterable[Path]) -> str:
    """One short text that changes when a file's name or content does."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(services.BASE_DIR)).encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        main()
    except CommandError as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database does not answer: {str(error).strip()}")
