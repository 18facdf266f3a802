"""Tables in plain text: .csv and .tsv, however they were saved."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from commitments.uploads.reading.cells import tidy
from commitments.uploads.reading.grid import Grid
from commitments.uploads.reading.kinds import has_mark_of_utf16
from commitments.uploads.reading.limits import DAMAGED, MEGABYTE, SAVE_AS, Unreadable

_HEAD = 20_000


def read_text(content: bytes, grid: Grid) -> None:
    """Put the one table of a text into the grid. Raises Unreadable."""
    encoding = _encoding(content)
    with io.TextIOWrapper(
        io.BytesIO(content), encoding=encoding, errors="replace", newline=""
    ) as stream:
        head = stream.read(_HEAD)
        if "\0" in head or b"\0\0\0\0" in content:
            raise Unreadable(DAMAGED)
        stream.seek(0)
        sheet = grid.sheet("")
        delimiter = _delimiter(head)
        # newline="" leaves line breaks inside quotes to the csv module. Strict, since an open
        # quotation mark would otherwise swallow every row below it without a word.
        lines = csv.reader(stream, delimiter=delimiter, strict=True)
        known: dict[str, str] = {}
        read = 0
        try:
            for number, row in enumerate(lines):
                read = lines.line_num
                if number == 0 and row and row[0].lower().startswith("sep="):
                    row = []  # a word to the spreadsheet program, and none of the table
                for cell in row:
                    if cell not in known:
                        known[cell] = tidy(cell)
                sheet.add([known[cell] for cell in row])
        except csv.Error as problem:
            if "NUL" in str(problem):
                raise Unreadable(DAMAGED) from problem
            raise Unreadable(_quotes(read + 1)) from problem


def _quotes(line: int) -> str:
    return (
        f"A quotation mark in line {line} of this file, or below it, has no second one, so its "
        f"cells cannot be told apart. Mend it, or start again from the workbook. {SAVE_AS}"
    )


def _encoding(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16, else the Windows code page of Excel."""
    if has_mark_of_utf16(content):
        return "utf-16"
    head = content[:2000]
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 3 and head[offset::2].count(0) * 2 > len(head[offset::2]):
            return name
    try:
        for _ in _decoded(content):
            pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _decoded(content: bytes) -> Iterator[str]:
    """Bit by bit, so that no second copy of a large file is made."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content), MEGABYTE):
        yield decoder.decode(content[start : start + MEGABYTE])
    yield decoder.decode(b"", final=True)


def _delimiter(head: str) -> str:
    """What the file says itself ("sep=;"), else the mark that parts most cells in its first lines,
    quoted text left out."""
    if said := re.match(r"\ufeff?sep=([,;\t|])", head, re.IGNORECASE):
        return said[1]
    lines = re.sub(r'"[^"]*"', "", head).splitlines()[:20]
    start = "\n".join(lines)
    return max(",;\t|", key=lambda mark: (start.count(mark), mark != "|"))
