"""`manage.py document_states [--check]`"""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.states import StateTable

PAGE = settings.BASE_DIR / "docs" / "states.md"
HEAD = """# States

Made by `manage.py document_states` from the `states.py` of each capability. Change those and run \
it again; a test compares.
"""


class Command(BaseCommand):
    """Writes the page about states from the tables that decide them."""

    help = "Write docs/states.md from the state tables of the capabilities."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; exit 1 when the page is out of date",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        text = "\n".join([HEAD, *(f"{table.as_markdown()}\n" for table in tables())])
        if not options["check"]:
            PAGE.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {PAGE.relative_to(settings.BASE_DIR)}.")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            raise CommandError(
                "docs/states.md differs from the tables. Run manage.py document_states."
            )


def tables() -> list[StateTable]:
    """All state tables, by capability."""
    folder = settings.BASE_DIR / "commitments"
    rooms = sorted(path.parent.name for path in folder.glob("*/states.py"))
    modules = [import_module(f"commitments.{room}.states") for room in rooms]
    return [table for module in modules for table in module.TABLES]
