"""The state tables, every one of them, tried in full."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from commitments.management.commands import document_states
from commitments.states import every_case

TABLES = document_states.tables()
CASES = [(table, *case) for table in TABLES for case in every_case(table)]


@pytest.mark.parametrize(("table", "move", "state", "target"), CASES)
def test_a_move_is_made_from_its_states_and_from_no_other(table, move, state, target):
    if target is not None:
        assert table.target(move, state) == target
        return
    with pytest.raises(ValidationError, match="Nothing was done"):
        table.target(move, state)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.noun)
def test_every_state_is_reached_or_the_first_and_every_move_has_somebody(table):
    reached = {move.target for move in table.moves}
    known = set(table.states.values)
    assert reached <= known
    assert {source for move in table.moves for source in move.sources} <= known
    assert len(known - reached) <= 1, "only the first state is not the end of a move"
    assert all(move.who for move in table.moves)


def test_the_page_about_states_is_made_from_the_tables(tmp_path, settings):
    call_command("document_states", "--check")
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError):
        call_command("document_states", "--check")
    call_command("document_states")
    call_command("document_states", "--check")
    (tmp_path / "docs" / "states.md").write_text("something else")
    with pytest.raises(CommandError):
        call_command("document_states", "--check")
