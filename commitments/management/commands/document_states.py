"""`manage.py document_states [--check]`"""

from importlib import import_module
from pathlib import Path

import commitments
from commitments.states import StateTable
from workforce_tracker.documenting import DocumentCommand

HEAD = """# States

Made by `manage.py document_states` from the `states.py` of each capability. Change those and run \
it again; a test compares.
"""


class Command(DocumentCommand):
    """Writes the page about states from the tables that decide them."""

    help = "Write docs/states.md from the state tables of the capabilities."
    page = "states.md"

    def document(self) -> str:
        return "\n".join([HEAD, *(f"{table.as_markdown()}\n" for table in tables())])


def tables() -> list[StateTable]:
    """All state tables, by capability."""
    folder = Path(commitments.__file__).parent
    rooms = sorted(path.parent.name for path in folder.glob("*/states.py"))
    modules = [import_module(f"commitments.{room}.states") for room in rooms]
    return [table for module in modules for table in module.TABLES]
