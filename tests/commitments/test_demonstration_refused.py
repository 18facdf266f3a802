"""Where the demonstration is refused, and what it says."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from organisations.models import User


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.DATA_DIR = tmp_path
    settings.EMBEDDED = True
    return tmp_path


def test_it_is_refused_where_the_database_is_somebodys_own(
    folder: Path, db: None, settings
) -> None:
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("load_demonstration")
    assert not User.objects.exists() and not (folder / "demo-password.txt").exists()


def test_without_the_register_it_says_what_to_load(folder: Path, db: None) -> None:
    with pytest.raises(CommandError, match="Load the register of organisations first"):
        call_command("load_demonstration")
    assert not (folder / "demo-password.txt").exists()
