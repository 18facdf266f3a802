"""`manage.py remove_demonstration`"""

from typing import Any

import pghistory
from django.conf import settings
from django.core.management.base import BaseCommand

from commitments.demonstration import remove


class Command(BaseCommand):
    """Removes everything that bears the demonstration mark, and the demonstration accounts."""

    help = (
        "Remove demonstration milestones, figures, updates, the made-up plan and the accounts. An "
        "account with which something was done that stays is closed instead."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with pghistory.context(origin="command", command="remove_demonstration"):
            removed = remove(settings.DATA_DIR)
        counts = ", ".join(f"{number} {word}" for word, number in removed.counts.items())
        self.stdout.write(f"Removed: {counts}.")
        if removed.closed:
            self.stdout.write(
                f"Closed and kept, for what was done with them: {', '.join(removed.closed)}."
            )
