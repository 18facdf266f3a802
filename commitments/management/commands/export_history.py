"""`manage.py export_history --from YYYY-MM-DD --to YYYY-MM-DD [FILE]`"""

from argparse import ArgumentParser
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from commitments.history_export import everything
from workforce_tracker.spreadsheets import csv_lines


class Command(BaseCommand):
    """Writes every change of every table in a range of days as CSV: for platform administrators,
    who reach the server. Reads only."""

    help = "Export the whole history between two days, both included, as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for option, dest, words in (("--from", "first", "first"), ("--to", "last", "last")):
            parser.add_argument(
                option,
                dest=dest,
                required=True,
                metavar="YYYY-MM-DD",
                type=date.fromisoformat,
                help=f"the {words} day",
            )
        parser.add_argument("file", nargs="?", type=Path, help="where to; without it to the screen")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last, path = options["first"], options["last"], options["file"]
        if last < first:
            raise CommandError(
                f"--to {last} lies before --from {first}. Give the earlier day first."
            )
        target = path.open("w", encoding="utf-8", newline="") if path else nullcontext(self.stdout)
        with target as out:
            for line in csv_lines(everything(first, last)):
                out.write(line) if path else out.write(line, ending="")
