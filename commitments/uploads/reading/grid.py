"""Sheets on their way out of the reading process: texts apart, cells as the numbers of texts.

Workbooks say the same thing many times. A number for each text is what goes from one process to the
other, so that a large file costs neither of them much memory.
"""

import json
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from commitments.uploads.reading.limits import (
    DAMAGED,
    MAX_CELL,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    ROWS_AROUND,
    TOO_LARGE,
    Table,
    Unreadable,
)

_TEXTS_A_LINE = 10_000
# A text that comes again comes soon, or in many rows; more of them would only take room.
MOST_REMEMBERED = 20_000


class Grid:
    """All sheets of a file; texts leave for `stream` as they come. Raises Unreadable as soon as it
    holds more than may be."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.texts = [""]
        self.sent = 0
        self.numbers: dict[str, int] = {"": 0}
        self.sheets: list[SheetGrid] = []
        self.cells = 0

    def sheet(self, name: str, merged: Sequence[tuple[int, int, int, int]] = ()) -> "SheetGrid":
        """Start the next sheet."""
        self.sheets.append(SheetGrid(self, name, list(merged)))
        return self.sheets[-1]

    def number(self, text: str) -> int:
        """The number of a text."""
        found = self.numbers.get(text)
        if found is None:
            if len(text) > MAX_CELL:
                raise Unreadable(DAMAGED)
            if len(self.numbers) > MOST_REMEMBERED:
                self.numbers = {"": 0}
            found = self.numbers[text] = self.sent + len(self.texts)
            self.texts.append(text)
            if len(self.texts) == _TEXTS_A_LINE:
                self._send_texts()
        return found

    def finish(self) -> None:
        """Send the rest: a line of JSON about the sheets, then the cells of each as 32-bit
        numbers."""
        self._send_texts()
        shown = [sheet for sheet in self.sheets if sheet.filled]
        about = [[sheet.name, sheet.merged, sheet.lengths.tolist()] for sheet in shown]
        self.stream.write(_line({"sheets": about}))
        for sheet in shown:
            self.stream.write(sheet.places.tobytes())

    def _send_texts(self) -> None:
        self.stream.write(_line(self.texts))
        self.sent += len(self.texts)
        self.texts = []


def received(stream: BinaryIO) -> list[Table]:
    """What a grid sent, as tables. Raises Unreadable for a problem that was sent instead."""
    texts: list[str] = []
    while isinstance(about := json.loads(stream.readline()), list):
        texts += about
    if "problem" in about:
        raise Unreadable(about["problem"])
    tables = []
    for name, merged, lengths in about["sheets"]:
        places = array("I")
        places.frombytes(stream.read(sum(lengths) * places.itemsize))
        areas = [(top, left, bottom, right) for top, left, bottom, right in merged]
        tables.append(Table(name, _rows(texts, places, lengths), areas))
    return tables


def _line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def refuse(stream: BinaryIO, problem: str) -> None:
    """Send what is wrong with a file."""
    stream.write(_line({"problem": problem}))


class SheetGrid:
    """One sheet, row by row from its first."""

    def __init__(self, grid: Grid, name: str, merged: list[tuple[int, int, int, int]]) -> None:
        self.grid = grid
        self.name = name
        self.merged = merged
        self.places = array("I")
        self.lengths = array("I")
        self.filled = 0

    def add(self, cells: Sequence[str]) -> None:
        """The next row. Blank cells at its end are left out, and blank rows at the end of all."""
        self.add_numbers([self.grid.number(cell) for cell in cells])

    def add_numbers(self, row: list[int]) -> None:
        """The same, for texts that have their numbers already."""
        while row and not row[-1]:
            row.pop()
        self.lengths.append(len(row))
        if not row:
            return
        if len(row) > MAX_COLUMNS or len(self.lengths) > MAX_ROWS + ROWS_AROUND:
            raise Unreadable(TOO_LARGE)
        self.grid.cells += len(row)
        if self.grid.cells > MAX_CELLS:
            raise Unreadable(TOO_LARGE)
        self.places.extend(row)
        self.filled = len(self.lengths)


def _rows(texts: list[str], places: Sequence[int], lengths: Iterable[int]) -> list[list[str]]:
    """Rows of one width, without blank ones at the end."""
    ends = list(lengths)
    while ends and not ends[-1]:
        ends.pop()
    width = max(ends, default=0)
    rows, start = [], 0
    for length in ends:
        row = [texts[number] for number in places[start : start + length]]
        if length < width:
            row += [""] * (width - length)
        rows.append(row)
        start += length
    return rows
