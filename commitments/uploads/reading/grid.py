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
    """All sheets of a file. Raises Unreadable as soon as it holds more than may be."""

    def __init__(self) -> None:
        self.texts: list[str] = [""]
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
            found = self.numbers[text] = len(self.texts)
            self.texts.append(text)
        return found

    def tables(self) -> list[Table]:
        """Sheets with something in them."""
        return [sheet.table() for sheet in self.sheets if sheet.filled]

    def write(self, stream: BinaryIO) -> None:
        """Send it: a line of JSON about the sheets, lines of texts, then the cells of each sheet
        as 32-bit numbers."""
        shown = [sheet for sheet in self.sheets if sheet.filled]
        starts = range(0, len(self.texts), _TEXTS_A_LINE)
        about = [[sheet.name, sheet.merged, sheet.lengths.tolist()] for sheet in shown]
        stream.write(_line({"sheets": about, "lines": len(starts)}))
        for start in starts:
            stream.write(_line(self.texts[start : start + _TEXTS_A_LINE]))
        for sheet in shown:
            sheet.places.tofile(stream)


def received(stream: BinaryIO) -> list[Table]:
    """What `write` sent, as tables. Raises Unreadable for a problem that was sent instead."""
    about = json.loads(stream.readline())
    if "problem" in about:
        raise Unreadable(about["problem"])
    texts: list[str] = []
    for _ in range(about["lines"]):
        texts += json.loads(stream.readline())
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

    def table(self) -> Table:
        """The same as a table."""
        return Table(self.name, _rows(self.grid.texts, self.places, self.lengths), self.merged)


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
