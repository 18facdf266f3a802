"""`manage.py load_demonstration [--again]`"""

from typing import Any

import pghistory
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.demonstration import load, was_removed
from workforce_tracker import clock


class Command(BaseCommand):
    """Makes the demonstration accounts and what they have to do; only on one machine."""

    help = (
        "Make demonstration accounts, milestones around today and a made-up plan. Only where the "
        "embedded database serves. Run again, it makes what is missing and nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="also after remove_demonstration took it away"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError(
                "DATABASE_URL is set, so this is no demonstration. Nothing was changed."
            )
        if was_removed() and not options["again"]:
            self.stdout.write("The demonstration was removed here. Use --again to make it anew.")
            return
        with pghistory.context(origin="command", command="load_demonstration"):
            placed = load(clock.today(), settings.DATA_DIR)
        self.stdout.write(
            f"Demonstration: {len(placed.accounts)} accounts, {placed.commitments} commitments and "
            f"{placed.milestones} milestones are new."
        )
