"""State tables as data: which move leads from which state to which, who may make it, what it needs.

One table a noun, in `states.py` of its capability. Actions ask the table, the pages offer what it
allows, docs/states.md is made from it (`manage.py document_states`), and a test tries every move
from every state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models


@dataclass(frozen=True)
class Move:
    """A move by its `name` (what the person does, "return"), from any of `sources` to `target`.

    `who` and `needs` are for people: who may make it, and what it takes ("reasons"). Whether this
    very person may is decided by the action, through the querysets of permission.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    who: str
    needs: str = ""


@dataclass(frozen=True)
class StateTable:
    """All states of one noun and every move between them. `noun` reads in a sentence: "update"."""

    noun: str
    states: type[models.TextChoices]
    moves: Sequence[Move]

    def target(self, name: str, state: str) -> str:
        """The state after a move. Raises ValidationError, in words, where it cannot be made now,
        and KeyError for a move that is not in the table."""
        move = self[name]
        if state not in move.sources:
            now = self.states(state).label.lower()
            raise ValidationError(f"This {self.noun} is now: {now}. Nothing was done.")
        return move.target

    def allowed(self, state: str) -> tuple[Move, ...]:
        """The moves that can be made from a state, whoever makes them."""
        return tuple(move for move in self.moves if state in move.sources)

    def can(self, name: str, state: str) -> bool:
        """Whether a move can be made from a state."""
        return state in self[name].sources

    def __getitem__(self, name: str) -> Move:
        try:
            return next(move for move in self.moves if move.name == name)
        except StopIteration:
            raise KeyError(name) from None

    def as_markdown(self) -> str:
        """The table for the documentation."""
        rows = [["move", "from", "to", "who", "needs"], ["---"] * 5]
        for move in self.moves:
            sources = ", ".join(self._label(source) for source in move.sources)
            rows.append([move.name, sources, self._label(move.target), move.who, move.needs])
        heading = f"## {self.noun[:1].upper()}{self.noun[1:]}"
        return f"{heading}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def _label(self, state: str) -> str:
        return str(self.states(state).label)


def every_case(table: StateTable) -> Iterable[Any]:
    """Every move from every state, with the state it leads to or None: what the tests try."""
    for move in table.moves:
        for state in table.states.values:
            yield move.name, state, move.target if state in move.sources else None
