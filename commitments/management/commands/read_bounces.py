"""Read what mail servers say later about messages that they took."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from commitments.reminders.delivery.notices import read_report, subject_of
from commitments.reminders.delivery.returns import Taken, take
from workforce_tracker import clock

# A report has the message that it is about at its end; what comes after this much is not read.
LARGEST = 5_000_000
TRY_AGAIN = 75  # sysexits.h: a mail server keeps what it could not hand over, and tries again


class Command(BaseCommand):
    help = (
        "Reads delivery status notifications (RFC 3464): one from standard input, as a mail server "
        "pipes it, or those that are new in a Maildir folder."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--maildir",
            metavar="FOLDER",
            type=Path,
            help="read what is new in this folder; what was understood is marked as seen",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with pghistory.context(origin="command", command="read_bounces"):
            try:
                if options["maildir"]:
                    self._read_folder(options["maildir"])
                else:
                    self._read(sys.stdin.buffer.read(LARGEST))
            except OperationalError as error:
                raise CommandError(
                    f"The database does not answer: {error}", returncode=TRY_AGAIN
                ) from error

    def _read_folder(self, folder: Path) -> None:
        """What is understood moves to "cur" as seen, the rest as unread: for a person to look at,
        and not read here again."""
        if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
            raise CommandError(f'"{folder}" is not a Maildir folder: it has no "new" and "cur".')
        for path in sorted((folder / "new").iterdir()):
            with suppress(FileNotFoundError):  # another run was quicker
                with path.open("rb") as file:
                    understood = self._read(file.read(LARGEST))
                path.rename(folder / "cur" / f"{path.name}:2,{'S' if understood else ''}")

    def _read(self, data: bytes) -> bool:
        """Do what one message asks for and say so; whether all of it was understood."""
        done = list(self._take(data))
        if not done:
            self.stdout.write(f"Not a delivery status notification, left alone: {subject_of(data)}")
        return bool(done) and Taken.UNKNOWN not in done

    def _take(self, data: bytes) -> Iterator[Taken]:
        for notice in read_report(data):
            taken = take(notice, clock.now())
            addresses = ", ".join(sorted(notice.addresses))
            self.stdout.write(f"{addresses}: {taken}. {notice.answer} (message {notice.name})")
            yield taken
