"""What a file may be, and the words for one that is something else."""

from dataclasses import dataclass, field
from pathlib import PurePath

MEGABYTE = 1024 * 1024
MAX_BYTES = 25 * MEGABYTE
MAX_UNPACKED = 250 * MEGABYTE
MAX_ROWS = 50_000
MAX_COLUMNS = 100
# Title rows, blank rows and notes around the rows that count.
ROWS_AROUND = 500
# As many as 30 columns in every row: what fits into the memory that an upload may take.
MAX_CELLS = 30 * (MAX_ROWS + ROWS_AROUND)
MAX_CELL = 32_767  # what a cell can hold in a spreadsheet program

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
ENDINGS = (*WORKBOOKS, *TEXTS)

SAVE_AS = "Open it in your spreadsheet program, save it as .xlsx, and upload that."
DAMAGED = f"This file is damaged or only part of it arrived, so it cannot be read. {SAVE_AS}"
EMPTY_BOOK = (
    "Every sheet of this workbook is empty or hidden. Upload one with a row of headings and a row "
    "for each commitment."
)
TOO_MANY_PARTS = (
    f"This file holds more pictures and other parts than can be read. Remove them. {SAVE_AS}"
)
EMPTY = "This file is empty. Upload a file with a row of headings and a row for each commitment."
TOO_LARGE = (
    f"This file holds more than can be read: up to {MAX_ROWS:,} rows and {MAX_COLUMNS} columns. "
    "Delete the empty rows and columns around your table, or split the file."
)
PASSWORD = (
    "This workbook has a password, so it cannot be read. Remove the password in your "
    "spreadsheet program (File, Info, Protect workbook), save it, and upload it again."
)
MADE_UP = (
    "This file refers to things outside itself in a way that no spreadsheet program writes, so it "
    f"is not read. {SAVE_AS}"
)


class Unreadable(Exception):
    """A file cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Table:
    """One sheet: every cell as text, from A1 on, so that row 0 is the sheet's row 1.

    `merged` are the areas of merged cells as (top, left, bottom, right), counted from 0; the text
    stands in the first cell of each.
    """

    sheet: str
    rows: list[list[str]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def too_big(size: int) -> str:
    """What to say of a file over the limit."""
    return (
        f"This file is {size / MEGABYTE:.0f} MB. Files of up to {MAX_BYTES // MEGABYTE} MB can be "
        "uploaded. Remove pictures and sheets that are not needed, or split the file."
    )


def ending_of(filename: str) -> str:
    """How a file's name ends, such as ".xlsx". Raises Unreadable for one that nothing here reads.

    What the file then is, its content says: a workbook that is called .csv is read all the same.
    """
    ending = PurePath(filename).suffix.lower()
    if ending in ENDINGS:
        return ending
    kind = f"end in {ending}" if ending else "have no ending"
    raise Unreadable(
        f"Files that {kind} cannot be read here. Upload an .xlsx, .xls, .ods, .csv or .tsv file."
    )
