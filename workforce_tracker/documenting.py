"""Commands that write a page of docs/ from the tables that decide what it says."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class DocumentCommand(BaseCommand):
    """Writes `page`, named within docs/, as `document` gives it; with --check compares only."""

    page: str

    def document(self) -> str:
        """The whole page, as Markdown."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; exit 1 when the page is out of date",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when the page is checked and says something else."""
        page = settings.BASE_DIR / "docs" / self.page
        text = self.document()
        if not options["check"]:
            page.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote docs/{self.page}.")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            command = type(self).__module__.rpartition(".")[2]
            raise CommandError(
                f"docs/{self.page} differs from the tables. Run manage.py {command}."
            )
