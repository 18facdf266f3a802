"""Workbooks into tables, through the fast reader. Runs only in the process that reads."""

import io
from collections.abc import Callable
from typing import Any

from commitments.uploads.reading import ods, xls
from commitments.uploads.reading.cells import as_text
from commitments.uploads.reading.grid import MOST_REMEMBERED, Grid
from commitments.uploads.reading.limits import (
    DAMAGED,
    MAX_CELLS,
    MAX_ROWS,
    PASSWORD,
    ROWS_AROUND,
    TOO_LARGE,
    Unreadable,
)
from commitments.uploads.reading.marks import Marks, Show, marks_of, raised_texts
from commitments.uploads.reading.package import ODS, XLSX, open_package


def read_package(content: bytes, ending: str, grid: Grid) -> None:
    """Put the sheets of an .xlsx or .ods file into the grid. Raises Unreadable."""
    kind, package = open_package(content, ending)
    with package:
        if kind == ODS:
            found = ods.facts_of(package)
            _read(content, grid, {name: each.marks for name, each in found.items()},
                  lambda name, sheet: found[name].merged if name in found else [])  # fmt: skip
        elif kind == XLSX:
            _read(content, grid, marks_of(package), _merged, raised_texts(package))


def read_old_workbook(content: bytes, grid: Grid) -> None:
    """The same for an .xls file. Raises Unreadable."""
    _read(content, grid, xls.marks_of(content), _merged)


Areas = list[tuple[int, int, int, int]]


def _read(
    content: bytes,
    grid: Grid,
    marks: dict[str, Marks],
    merged: Callable[[str, Any], Areas],
    raised: dict[str, str] | None = None,
) -> None:
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            for sheet in book.sheets_metadata:
                if (
                    sheet.visible == python_calamine.SheetVisibleEnum.Visible
                    and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
                ):
                    found = book.get_sheet_by_name(sheet.name)
                    areas = merged(sheet.name, found)
                    _read_sheet(
                        found, grid, sheet.name, marks.get(sheet.name, {}), areas, raised or {}
                    )
    except (Unreadable, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except python_calamine.PasswordError as problem:
        raise Unreadable(PASSWORD) from problem
    except BaseException as problem:  # a Rust panic is no Exception
        raise Unreadable(DAMAGED) from problem


def _read_sheet(
    sheet: Any, grid: Grid, name: str, marks: Marks, merged: Areas, raised: dict[str, str]
) -> None:
    if sheet.end and (
        sheet.end[0] >= MAX_ROWS + ROWS_AROUND or sheet.height * sheet.width > 4 * MAX_CELLS
    ):
        raise Unreadable(TOO_LARGE)
    to = grid.sheet(name, merged)
    numbers: dict[str, int] = {"": 0}
    others: dict[Any, int] = {}
    skipped = [0] * (sheet.start[1] if sheet.start else 0)
    count = 0
    for cells in sheet.iter_rows() if sheet.end else ():
        row = skipped[:]
        for cell in cells:
            # A text, number or day means the same all through a file, and most come many times.
            # True counts as 1 in a table like these, so the two are kept apart.
            known = numbers if type(cell) is str else others
            found = known.get(cell) if cell is not True and cell is not False else None
            if found is None:
                found = grid.number(as_text(raised.get(cell, cell) if known is numbers else cell))
                if len(known) > MOST_REMEMBERED:
                    known.clear()
                    numbers[""] = 0
                if type(cell) is not bool:
                    known[cell] = found
            row.append(found)
        if count in marks:
            _mark(row, marks[count], cells, len(skipped), grid)
        to.add_numbers(row)
        count += 1
    # What the fast reader takes for blank may stand below the last cell that it sees.
    for below in range(count, max(marks, default=-1) + 1):
        row = []
        if below in marks:
            _mark(row, marks[below], [], len(skipped), grid)
        to.add_numbers(row)


def _mark(
    row: list[int], marks: dict[int, str | Show], cells: list[Any], skipped: int, grid: Grid
) -> None:
    """Put into a row what is known of its cells beside their values."""
    for column, mark in marks.items():
        if isinstance(mark, str):
            row += [0] * (column + 1 - len(row))
            row[column] = grid.number(mark)
        elif 0 <= column - skipped < len(cells) and cells[column - skipped] != "":
            row[column] = grid.number(mark(cells[column - skipped]))


def _merged(name: str, sheet: Any) -> Areas:
    return [
        (top, left, bottom, right)
        for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])[:20_000]
    ]
