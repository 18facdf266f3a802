"""The file that was uploaded, with its problems marked, to be mended and sent back.

An .xlsx workbook is the very one that came, its cells marked and a column of messages added after
the last; very large ones, and other kinds of workbook, are written anew with their sheets and
values; text stays text. Nothing moves, so a row is still where the page says. The reader passes
over the added column.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.styles import Alignment, Font, PatternFill

from commitments.models import Upload
from commitments.uploads.keeping import tables_of
from commitments.uploads.messages_column import PROBLEMS_HEADING
from commitments.uploads.reading import MEGABYTE, Table
from workforce_tracker.spreadsheets import safe_cell

# openpyxl keeps a whole workbook in memory, at some forty times the size of its file.
MOST_TO_MARK_IN_PLACE = 3 * MEGABYTE
YELLOW = "FFEB9C"
WIDTH = 80


def marked_name(upload: Upload) -> str:
    """What the marked file is called."""
    path = PurePath(upload.filename)
    ending = ".csv" if _is_text(upload) else ".xlsx"
    return f"{path.stem.removesuffix(' - problems marked')} - problems marked{ending}"


def marked_file(upload: Upload) -> bytes:
    """The marked file. Raises FileNotFoundError when what came is no longer kept."""
    problems = Problems(upload)
    if PurePath(upload.filename).suffix.lower() == ".xlsx" and upload.size <= MOST_TO_MARK_IN_PLACE:
        with upload.file.open("rb") as stored:
            return _marked_in_place(stored.read(), problems)
    tables = tables_of(upload)
    return _as_text(tables, problems) if _is_text(upload) else _written_anew(tables, problems)


class Problems:
    """What is wrong, by sheet: the cells, the messages of each row, and the row of the headings."""

    def __init__(self, upload: Upload) -> None:
        self.heading_rows = {
            each["sheet"]: max(each["heading_rows"][1], 1)
            for each in upload.result.get("proposals", ())
        }
        self.cells: dict[str, set[str]] = {}
        self.messages: dict[str, dict[int, list[str]]] = {}
        for error in upload.result["errors"]:
            sheet, place = error["sheet"], error["cell"] or f"row {error['row']}"
            if error["cell"]:
                self.cells.setdefault(sheet, set()).add(error["cell"])
            rows = self.messages.setdefault(sheet, {})
            rows.setdefault(error["row"], []).append(f"{place}: {error['what']}")


def _is_text(upload: Upload) -> bool:
    return PurePath(upload.filename).suffix.lower() in (".csv", ".tsv", ".txt")


def _marked_in_place(content: bytes, problems: Problems) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    fill = PatternFill("solid", fgColor=YELLOW)
    for name, rows in problems.messages.items():
        sheet = book[name]
        heading = problems.heading_rows.get(name, 1)
        column = _place_of_messages(sheet, heading)
        for (cell,) in sheet.iter_rows(min_row=heading, min_col=column, max_col=column):
            cell.value = None
        sheet.cell(heading, column, PROBLEMS_HEADING).font = Font(bold=True)
        for row, messages in rows.items():
            said = sheet.cell(row, column, "\n".join(messages))
            said.fill, said.alignment = fill, Alignment(wrap_text=True, vertical="top")
        for address in problems.cells.get(name, ()):
            sheet[address].fill = fill
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = WIDTH
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _place_of_messages(sheet: Any, heading: int) -> int:
    """The column after the last, or the one that an earlier marking added."""
    for cell in sheet[heading]:
        if cell.value == PROBLEMS_HEADING:
            return int(cell.column)
    return int(sheet.max_column) + 1


def _written_anew(tables: Sequence[Table], problems: Problems) -> bytes:
    stream = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True})
        marked = book.add_format({"bg_color": f"#{YELLOW}", "text_wrap": True, "valign": "top"})
        for table in tables:
            sheet = book.add_worksheet(table.sheet or None)
            wrong = problems.cells.get(table.sheet, set())
            at = _width(table)
            sheet.set_column(at, at, WIDTH)
            for number, cells in enumerate(_rows_with_messages(table, problems, at)):
                is_heading = number + 1 == problems.heading_rows.get(table.sheet)
                for place, text in enumerate(cells):
                    address = xlsxwriter.utility.xl_rowcol_to_cell(number, place)
                    look = marked if address in wrong or (place == at and not is_heading) else None
                    if text or address in wrong:
                        sheet.write_string(
                            number, place, safe_cell(text), bold if is_heading else look
                        )
    return stream.getvalue()


def _as_text(tables: Sequence[Table], problems: Problems) -> bytes:
    stream = io.StringIO()
    out = csv.writer(stream)
    for table in tables:
        for cells in _rows_with_messages(table, problems, _width(table)):
            out.writerow([safe_cell(text) for text in cells])
    # With its mark, so that spreadsheet programs see that it is UTF-8.
    return stream.getvalue().encode("utf-8-sig")


def _width(table: Table) -> int:
    """Where the messages go: after the last column."""
    return max((len(row) for row in table.rows), default=0)


def _rows_with_messages(table: Table, problems: Problems, at: int) -> list[list[str]]:
    messages = problems.messages.get(table.sheet, {})
    heading = problems.heading_rows.get(table.sheet, 1)
    rows = []
    for number, row in enumerate(table.rows, 1):
        said = PROBLEMS_HEADING if number == heading else "\n".join(messages.get(number, ()))
        rows.append([*row, *[""] * (at - len(row)), said])
    return rows
