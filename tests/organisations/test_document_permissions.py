"""The page about permissions says what the table decides."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from organisations.management.commands import document_permissions
from organisations.models import Role
from organisations.permissions import CAPABILITIES, Capability, Extent


def test_the_page_is_up_to_date() -> None:
    call_command("document_permissions", "--check")


def test_a_changed_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        CAPABILITIES, Role.VIEWER, {**CAPABILITIES[Role.VIEWER], Capability.EDIT: Extent.OWN}
    )
    with pytest.raises(CommandError, match="differs from the table"):
        call_command("document_permissions", "--check")


def test_the_page_is_written_where_it_was_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings
) -> None:
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(document_permissions, "PAGE", tmp_path / "permissions.md")
    with pytest.raises(CommandError):
        call_command("document_permissions", "--check")
    call_command("document_permissions")
    call_command("document_permissions", "--check")
