"""`manage.py load_plans [FILE…] [--json]`"""

import json
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.loading import FILES, Report, load_plans
from workforce_tracker import clock


class Command(BaseCommand):
    """Brings the published plans to what their files say; run it as often as you like."""

    help = (
        "Load plans, commitments and milestones. Without FILE: the plans that are shipped. With "
        "any problem in a file nothing is changed and the command exits 1. What people have "
        "changed in the tracker is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="CSV, any order")
        parser.add_argument("--json", action="store_true", help="report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with pghistory.context(origin="command", command="load_plans"):
            report = load_plans(options["files"] or FILES, today=clock.today())
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        else:
            self.stdout.write(in_words(report))
        if report.problems:
            raise CommandError(f"Nothing was changed. Problems: {len(report.problems)}.")


def in_words(report: Report) -> str:
    """The report for people."""
    if report.problems:
        return "\n".join(map(str, report.problems))
    lines = []
    for name, counts in report.as_json().items():
        if isinstance(counts, dict) and any(counts.values()):
            words = ", ".join(f"{number} {word}" for word, number in counts.items())
            lines.append(f"{name.capitalize()}: {words}.")
    return "\n".join([*lines, *(f"Kept: {kept}." for kept in report.kept)])
