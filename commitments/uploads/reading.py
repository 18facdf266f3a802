"""Spreadsheet files into tables of text. Knows nothing of commitments, of Django or of a database.

`read_safely` is what the product calls. It reads in a process of its own, with limits on memory and
time: a file made to do harm can end that process, never the one that serves people. `read` is what
runs in there (this module is also a script), and has one way to fail: `Unreadable`, whose words
are for the person who brought the file.
"""

import contextlib
import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE
MAX_ROWS = 10_000
MAX_COLUMNS = 100
# Title rows, blank rows and notes around the rows that count.
ROWS_AROUND = 500
MAX_CELL = 32_767  # what a cell can hold in a spreadsheet program
MAX_MEMORY = 768 * MEGABYTE
MAX_SECONDS = 30

SAVE_AS = "Open it in your spreadsheet program, save it as .xlsx, and upload that."
DAMAGED = f"This file is damaged or only part of it arrived, so it cannot be read. {SAVE_AS}"
EMPTY = "This file is empty. Upload a file with a row of headings and a row for each commitment."
TOO_LARGE = (
    f"This file holds more than can be read: up to {MAX_ROWS:,} rows and {MAX_COLUMNS} columns. "
    "Delete the empty rows and columns around your table, or split the file."
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


def read_safely(content: bytes, filename: str) -> list[Table]:
    """The sheets of a file, read within limits. Raises Unreadable."""
    ending = ending_of(filename)
    if len(content) > MAX_BYTES:
        raise Unreadable(too_big(len(content)))
    reader = [sys.executable, "-I", __file__, ending]
    try:
        done = subprocess.run(
            reader, input=content, capture_output=True, timeout=MAX_SECONDS + 10, check=False
        )
    except subprocess.TimeoutExpired as slow:
        raise Unreadable(TOO_LARGE) from slow
    if done.returncode:  # out of memory or time, which nothing inside could catch
        raise Unreadable(TOO_LARGE)
    answer = json.loads(done.stdout)
    if "problem" in answer:
        raise Unreadable(answer["problem"])
    return [Table(sheet, rows) for sheet, rows in answer["tables"]]


def too_big(size: int) -> str:
    """What to say of a file over the limit."""
    return (
        f"This file is {size / MEGABYTE:.0f} MB. Files of up to {MAX_BYTES // MEGABYTE} MB can be "
        "uploaded. Remove pictures and sheets that are not needed, or split the file."
    )


def ending_of(filename: str) -> str:
    """ ".xlsx" or ".csv". Raises Unreadable for a name that ends in anything else."""
    ending = PurePath(filename).suffix.lower()
    if ending in (".xlsx", ".csv"):
        return ending
    kind = f"end in {ending}" if ending else "have no ending"
    raise Unreadable(f"Files that {kind} cannot be read here. Upload an .xlsx or a .csv file.")


def read(content: bytes, ending: str) -> list[Table]:
    """The sheets of an .xlsx file that are not hidden, or the one table of a .csv file.

    Raises Unreadable, and nothing else, whatever the bytes are.
    """
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable(EMPTY)
    tables = _read_workbook(content) if ending == ".xlsx" else _read_csv(content)
    tables = [table for table in tables if any(any(row) for row in table.rows)]
    if not tables:
        raise Unreadable(EMPTY)
    return tables


# --- .csv ---------------------------------------------------------------------------------------
def _read_csv(content: bytes) -> list[Table]:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise Unreadable(f"This file is not a .csv file, though its name ends in .csv. {SAVE_AS}")
    text = _decode(content)
    if "\0" in text:
        raise Unreadable(DAMAGED)
    rows: list[list[str]] = []
    try:
        # newline="" leaves line breaks inside quotes to the csv module.
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        for row in lines:
            rows.append([tidy(cell) for cell in row])
            if len(rows) > MAX_ROWS + ROWS_AROUND:
                raise Unreadable(TOO_LARGE)
    except csv.Error as problem:
        raise Unreadable(DAMAGED) from problem
    return [_within_limits("", rows)]


def _decode(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it, else the Windows code page of Excel."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The mark that parts most cells in the first lines, quoted text left out."""
    start = re.sub(r'"[^"]*"', "", text[:20_000])
    first_lines = "\n".join(start.splitlines()[:20])
    return max(",;\t", key=first_lines.count)


# --- .xlsx --------------------------------------------------------------------------------------
def _read_workbook(content: bytes) -> list[Table]:
    _check_package(content)
    import python_calamine  # only the process that reads needs it

    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            shown = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.visible == python_calamine.SheetVisibleEnum.Visible
                and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
            ]
            flaws = _flaws(content)
            tables = [_read_sheet(book, name, flaws.get(name, {})) for name in shown]
    except (Unreadable, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # a Rust panic is no Exception
        raise Unreadable(DAMAGED) from problem
    return tables


def _read_sheet(book: Any, name: str, flaws: dict[tuple[int, int], str]) -> Table:
    sheet = book.get_sheet_by_name(name)
    if sheet.end and (sheet.end[0] >= MAX_ROWS + ROWS_AROUND or sheet.end[1] >= 4 * MAX_COLUMNS):
        raise Unreadable(TOO_LARGE)
    rows = [[as_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), text in flaws.items():
        if row >= MAX_ROWS + ROWS_AROUND or column >= MAX_COLUMNS:
            raise Unreadable(TOO_LARGE)
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = text
    return _within_limits(name, rows)


# calamine gives these two as blank, and a blank cell means "leave it as it is".
UNCALCULATED = "(formula without a result)"
_RESULT = rb"<c (?P<attributes>[^>]*)>(?P<formula><f[^>]*/>|<f[^>]*>[^<]*</f>)?"
_ERROR_CELL = re.compile(_RESULT + rb"<v>(?P<text>#[^<]*)</v>")
_FORMULA_CELL = re.compile(_RESULT + rb"(?:<v ?/>|<v></v>)?</c>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([1-9][0-9]{0,6})"')


def _flaws(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Cells, by sheet and place, that hold an error or a formula that was never worked out."""
    import zipfile

    found: dict[str, dict[tuple[int, int], str]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for sheet, part in _parts_of(package).items():
            xml = package.read(part)
            flaws = found.setdefault(sheet, {})
            for match in _ERROR_CELL.finditer(xml):
                if b't="e"' in match["attributes"] and (at := _PLACE.search(match["attributes"])):
                    flaws[_place(at)] = match["text"].decode(errors="replace")
            for match in _FORMULA_CELL.finditer(xml):
                calculated = not match["formula"] or b't="str"' in match["attributes"]
                if not calculated and (at := _PLACE.search(match["attributes"])):
                    flaws[_place(at)] = UNCALCULATED
    return found


def _parts_of(package: Any) -> dict[str, str]:
    """The part of the package that each sheet, by name, is in."""
    from xml.etree import ElementTree

    links = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): (link.get("Target") or "").lstrip("/") for link in links}
    sheets = {}
    for sheet in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
        link = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        if sheet.tag.endswith("}sheet") and (part := targets.get(link)):
            part = part if part.startswith("xl/") else f"xl/{part}"
            if part in package.namelist():
                sheets[sheet.get("name", "")] = part
    return sheets


def _place(found: re.Match[bytes]) -> tuple[int, int]:
    """Row and column, counted from 0, of a cell named like "G7"."""
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    return int(found[2]) - 1, column - 1


def _check_package(content: bytes) -> None:
    """Look at the outside of the file before anything unpacks it."""
    import zipfile

    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Unreadable(
                "This workbook has a password, so it cannot be read. Remove the password in your "
                "spreadsheet program (File, Info, Protect workbook), save it, and upload it again."
            )
        raise Unreadable(f"This is a workbook of Excel 2003 or older. {SAVE_AS}")
    if not content.startswith(b"PK"):
        raise Unreadable(f"This file is not a workbook, though its name ends in .xlsx. {SAVE_AS}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            # What the package says of itself; one that lies meets the limits of this process.
            unpacked = sum(part.file_size for part in parts)
            package_is_odd = len(parts) > 2_000 or any(part.flag_bits & 1 for part in parts)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as problem:
        raise Unreadable(DAMAGED) from problem
    if unpacked > 100 * MEGABYTE or (unpacked > 20 * MEGABYTE and unpacked > 200 * len(content)):
        raise Unreadable(TOO_LARGE)
    if package_is_odd:
        raise Unreadable(DAMAGED)
    if "xl/workbook.xml" not in names:
        raise Unreadable(f"This file is not a workbook, though its name ends in .xlsx. {SAVE_AS}")


# --- cells --------------------------------------------------------------------------------------
def as_text(cell: Any) -> str:
    """A cell as somebody would type it: 12.0 is "12", a date "28 February 2027"."""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        # Fifteen digits are all that a spreadsheet keeps; 0.1 + 0.2 is 0.3 to whoever typed it.
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return f"{cell.day} {cell:%B %Y}"
    return str(cell)


_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[\n ]*")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff]")


def tidy(text: str) -> str:
    """Text without blanks nobody sees. Line breaks stay: people put one partner on each line.

    An apostrophe before = + - @ or a tab was put there by an export, so that no spreadsheet program
    takes the text for a formula; it is taken off again.
    """
    if text[:1] == "'" and text[1:2] and text[1] in "=+-@\t\r":
        text = text[1:]
    if text.isprintable() and "  " not in text:
        return text.strip()
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _BREAKS.sub("\n", _BLANKS.sub(" ", text)).strip()


def _within_limits(sheet: str, rows: list[list[str]]) -> Table:
    """The table without empty rows below and empty columns beside it. Raises Unreadable."""
    while rows and not any(rows[-1]):
        rows.pop()
    if sum(1 for row in rows if any(row)) > MAX_ROWS + 20:
        raise Unreadable(TOO_LARGE)
    width = max((_filled(row) for row in rows), default=0)
    if width > MAX_COLUMNS:
        raise Unreadable(TOO_LARGE)
    if any(len(cell) > MAX_CELL for row in rows for cell in row):
        raise Unreadable(DAMAGED)
    return Table(sheet, [row[:width] + [""] * (width - len(row)) for row in rows])


def _filled(row: Iterable[str]) -> int:
    return max((place for place, cell in enumerate(row, 1) if cell), default=0)


# --- the process of its own ---------------------------------------------------------------------
def _limit() -> None:
    """Hold this process to its memory and time, as far as the system can."""
    import resource

    for name, value in (("AS", MAX_MEMORY), ("CPU", MAX_SECONDS), ("CORE", 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def main() -> None:
    """Read a file from standard input; write its tables, or what is wrong, as JSON."""
    _limit()
    try:
        tables = read(sys.stdin.buffer.read(), sys.argv[1])
        answer: dict[str, Any] = {"tables": [(table.sheet, table.rows) for table in tables]}
    except Unreadable as problem:
        answer = {"problem": str(problem)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
