"""`manage.py load_organisations [FILE] [--overlaps FILE] [--propose] [--json]`"""

import json
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError, CommandParser

from organisations.loading import ORGANISATIONS, OVERLAPS, Report, load_register
from organisations.succession import proposals

SHOWN = 20  # codes named in words; --json has them all


class Command(BaseCommand):
    """Brings the register of organisations to what its files say; run it as often as you like."""

    help = (
        "Load organisations, their names, successions and areas. Without FILE: the files that are "
        "shipped. With any problem in a file nothing is changed and the command exits 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="organisations, as CSV")
        parser.add_argument(
            "--overlaps", type=Path, help="which councils lie in which boards, as CSV"
        )
        parser.add_argument(
            "--propose",
            action="store_true",
            help="only say what would open, close, be renamed and pass on; change nothing",
        )
        parser.add_argument("--json", action="store_true", help="report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        file, overlaps = options["file"], options["overlaps"]
        if file is None:
            file, overlaps = ORGANISATIONS, overlaps or OVERLAPS
        if options["propose"]:
            return self._propose(file, overlaps, as_json=options["json"])
        with pghistory.context(origin="command", command="load_organisations"):
            report = load_register(file, overlaps)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), default=str))
        else:
            self.stdout.write(in_words(report))
        if report.problems:
            raise CommandError(f"Nothing was changed. Problems: {len(report.problems)}.")

    def _propose(self, file: Path, overlaps: Path | None, *, as_json: bool) -> None:
        found = proposals.propose(file, overlaps)
        self.stdout.write(
            json.dumps(found.as_json(), default=str) if as_json else proposals.in_words(found)
        )
        if found.problems:
            raise CommandError(f"The file cannot be loaded. Problems: {len(found.problems)}.")


def in_words(report: Report) -> str:
    """The report for people."""
    if report.problems:
        return "\n".join(map(str, report.problems))
    lines = [
        f"Organisations: {len(report.new)} new, {len(report.changed)} changed, "
        f"{len(report.unchanged)} unchanged."
    ]
    if sum(report.overlaps.values()):
        counts = ", ".join(f"{count} {word}" for word, count in report.overlaps.items())
        lines.append(f"Overlaps of councils with boards: {counts}.")
    if report.kept:
        codes = ", ".join(report.kept[:SHOWN]) + (" and others" if report.kept[SHOWN:] else "")
        lines.append(f"Kept, though not in the file: {len(report.kept)} ({codes}).")
    return "\n".join(lines)
