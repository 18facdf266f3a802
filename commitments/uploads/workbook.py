"""An export as an .xlsx workbook: drop-downs, locked cells, hidden columns, a page of guidance."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from commitments.uploads.columns import letters
from commitments.uploads.exporting import Contents
from commitments.uploads.offline import GUIDANCE, LISTS, Column, Line, Sheet
from workforce_tracker.spreadsheets import safe_cell

# People may look at, sort and fit what they may not change.
PROTECTION = {
    "sort": True,
    "autofilter": True,
    "format_columns": True,
    "format_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}


def write_workbook(contents: Contents, path: Path) -> None:
    """Write the workbook, row by row; what it needs meanwhile lies beside it. Sheets are protected
    without a password: it guards against slips, and what comes back is checked all the same."""
    options = {
        # Every text stays text: no formulas, links or numbers made of it.
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "constant_memory": True,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        formats = _formats(book)
        lists = list(_lists(contents))
        ranges = {name: f"=Lists!{span}" for name, span, _ in lists}
        made = {sheet: _Sheet(book, sheet, formats) for sheet in contents.sheets}
        guidance, behind = book.add_worksheet("Guidance"), book.add_worksheet("Lists")
        for sheet, line in contents.rows:
            if sheet not in made:
                made[sheet] = _Sheet(book, sheet, formats)
            made[sheet].write(line)
        for each in made.values():
            each.finish(ranges)
        _write_guidance(guidance, formats)
        _write_lists(behind, [[name, *values] for name, _, values in lists])
        behind.hide()
        made[contents.sheets[0]].sheet.activate()


def _formats(book: Any) -> dict[str, Any]:
    # As text, so that 2026/27 and March 2026 stay what somebody typed.
    cell = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1,
            "border_color": "#AEB7BD"}  # fmt: skip
    heading = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
    return {
        "heading": book.add_format({**heading, "bg_color": "#D8DDE0"}),
        "asked": book.add_format({**heading, "bg_color": "#FFF9C4"}),
        "locked": book.add_format({**cell, "bg_color": "#F0F4F5"}),
        "open": book.add_format({**cell, "locked": False}),
        "title": book.add_format({"bold": True, "font_size": 16}),
        "words": book.add_format({"text_wrap": True, "valign": "top"}),
        "strong": book.add_format({"bold": True, "valign": "top"}),
    }


class _Sheet:
    """A sheet that is being written: its headings at once, then a row at a time."""

    def __init__(self, book: Any, of: Sheet, formats: dict[str, Any]) -> None:
        self.columns, self.number = of.columns, 0
        self.locked, self.open = formats["locked"], formats["open"]
        # Plan, first and last row of the rows of each plan, for the drop-downs of its headings.
        self.runs: list[tuple[str, int, int]] = []
        self.sheet = book.add_worksheet(of.name)
        self.sheet.freeze_panes(1, 2)
        self.sheet.set_landscape()
        self.sheet.repeat_rows(0)
        for place, column in enumerate(of.columns):
            hidden = {"hidden": True} if column.hidden else {}
            self.sheet.set_column(place, place, column.width, self.locked, hidden)
            asked = formats["asked" if column.needs else "heading"]
            self.sheet.write_string(0, place, column.label, asked)

    def write(self, line: Line) -> None:
        """Add a row. A blank cell that is locked looks as its column does."""
        self.number += 1
        for place, (column, text) in enumerate(zip(self.columns, line.cells, strict=True)):
            is_open = column.needs in line.allowed
            if text:
                cell = self.open if is_open else self.locked
                self.sheet.write_string(self.number, place, safe_cell(text), cell)
            elif is_open:
                self.sheet.write_blank(self.number, place, None, self.open)
        plan, first = line.plan, self.number
        if self.runs and self.runs[-1][0] == plan:
            first = self.runs.pop()[1]
        self.runs.append((plan, first, self.number))

    def finish(self, ranges: dict[str, str]) -> None:
        """Add what is about all rows: drop-downs, filters, the lock."""
        for place, column in enumerate(self.columns):
            for first, last, source in self._drop_downs(column, ranges):
                self.sheet.data_validation(first, place, last, place, _choice(column, source))
        if self.number:
            self.sheet.autofilter(0, 0, self.number, len(self.columns) - 1)
        self.sheet.protect("", PROTECTION)

    def _drop_downs(self, column: Column, ranges: dict[str, str]) -> Iterator[tuple[int, int, str]]:
        """First row, last row and source of each drop-down of a column: headings are those of the
        row's plan."""
        if column.choices in ranges and self.number:
            yield 1, self.number, ranges[column.choices]
        elif column.choices:
            for plan, first, last in self.runs:
                if source := ranges.get(f"{column.choices} of {plan}"):
                    yield first, last, source


def _choice(column: Column, source: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_title": column.label,
        "error_message": f"{column.hint} Choose from the list."[:255],
    }


def _lists(contents: Contents) -> Iterator[tuple[str, str, list[str]]]:
    """The lists behind the drop-downs: name, where it stands on its sheet, values."""
    headings = {f"headings of {plan}": names for plan, names in contents.headings.items()}
    for place, (name, values) in enumerate({**LISTS, **headings}.items()):
        letter = letters(place)
        yield name, f"${letter}$2:${letter}${len(values) + 1}", values


def _write_lists(sheet: Any, columns: list[list[str]]) -> None:
    for row in range(max(map(len, columns))):
        for place, values in enumerate(columns):
            if row < len(values):
                sheet.write_string(row, place, safe_cell(values[row]))


def _write_guidance(sheet: Any, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 100, formats["words"])
    sheet.write_string(0, 0, "How to fill in this workbook", formats["title"])
    for number, words in enumerate(GUIDANCE, 2):
        sheet.write_string(number, 0, words, formats["words"])
