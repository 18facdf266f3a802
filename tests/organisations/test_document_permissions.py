"""The page about permissions says what the table decides."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from organisations.models import Role
from organisations.permissions import CAPABILITIES, Capability, Extent


def test_the_page_is_up_to_date() -> None:
    call_command("document_permissions", "--check")


def test_a_changed_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        CAPABILITIES, Role.VIEWER, {**CAPABILITIES[Role.VIEWER], Capability.EDIT: Extent.OWN}
    )
    with pytest.raises(CommandError, match=r"differs from the tables\. .* document_permissions"):
        call_command("document_permissions", "--check")


def test_the_page_is_written_where_it_was_missing(tmp_path: Path, settings) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError):
        call_command("document_permissions", "--check")
    call_command("document_permissions")
    call_command("document_permissions", "--check")
