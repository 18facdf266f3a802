"""An export as an .xlsx workbook: drop-downs, locked cells, hidden columns, a page of guidance."""

import io
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import xlsxwriter

from commitments.uploads.columns import letters
from commitments.uploads.exporting import Export
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


def workbook(export: Export) -> bytes:
    """The workbook as bytes. Sheets are protected without a password: it guards against slips, and
    what comes back is checked all the same."""
    stream = io.BytesIO()
    # Every text stays text: no formulas, links or numbers made of it.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(stream, options) as book:
        formats = _formats(book)
        ranges = {name: f"=Lists!{span}" for name, span, _ in _lists(export)}
        sheets = [book.add_worksheet(sheet.name) for sheet in export.sheets]
        guidance, lists = book.add_worksheet("Guidance"), book.add_worksheet("Lists")
        for made, sheet in zip(sheets, export.sheets, strict=True):
            _write_sheet(made, sheet, formats, ranges)
        _write_guidance(guidance, formats)
        _write_lists(lists, export)
        lists.hide()
        sheets[0].activate()
    return stream.getvalue()


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


def _write_sheet(made: Any, sheet: Sheet, formats: dict[str, Any], ranges: dict[str, str]) -> None:
    made.freeze_panes(1, 2)
    made.set_landscape()
    made.repeat_rows(0)
    for place, column in enumerate(sheet.columns):
        hidden = {"hidden": True} if column.hidden else {}
        made.set_column(place, place, column.width, formats["locked"], hidden)
        asked = formats["asked" if column.needs else "heading"]
        made.write_string(0, place, column.label, asked)
    for number, line in enumerate(sheet.lines, 1):
        for place, (column, text) in enumerate(zip(sheet.columns, line.cells, strict=True)):
            cell = formats["open" if column.needs in line.allowed else "locked"]
            if text:
                made.write_string(number, place, safe_cell(text), cell)
            else:
                made.write_blank(number, place, None, cell)
    for place, column in enumerate(sheet.columns):
        for first, last, source in _drop_downs(column, sheet.lines, ranges):
            made.data_validation(first, place, last, place, _choice(column, source))
    if sheet.lines:
        made.autofilter(0, 0, len(sheet.lines), len(sheet.columns) - 1)
    made.protect("", PROTECTION)


def _drop_downs(
    column: Column, lines: list[Line], ranges: dict[str, str]
) -> Iterator[tuple[int, int, str]]:
    """First row, last row and source of each drop-down of a column: headings are those of the
    row's plan."""
    if not column.choices or not lines:
        return
    if column.choices in ranges:
        yield 1, len(lines), ranges[column.choices]
        return
    number = 1
    for plan, rows in groupby(lines, key=lambda line: line.plan):
        count = sum(1 for _ in rows)
        if source := ranges.get(f"{column.choices} of {plan}"):
            yield number, number + count - 1, source
        number += count


def _choice(column: Column, source: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_title": column.label,
        "error_message": f"{column.hint} Choose from the list."[:255],
    }


def _lists(export: Export) -> Iterator[tuple[str, str, list[str]]]:
    """The lists behind the drop-downs: name, where it stands on its sheet, values."""
    named = {**LISTS, **{f"headings of {plan}": names for plan, names in export.headings.items()}}
    for place, (name, values) in enumerate(named.items()):
        letter = letters(place)
        yield name, f"${letter}$2:${letter}${len(values) + 1}", values


def _write_lists(sheet: Any, export: Export) -> None:
    columns = [[name, *values] for name, _, values in _lists(export)]
    for row in range(max(map(len, columns))):
        for place, values in enumerate(columns):
            if row < len(values):
                sheet.write_string(row, place, safe_cell(values[row]))


def _write_guidance(sheet: Any, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 100, formats["words"])
    sheet.write_string(0, 0, "How to fill in this workbook", formats["title"])
    for number, words in enumerate(GUIDANCE, 2):
        sheet.write_string(number, 0, words, formats["words"])
