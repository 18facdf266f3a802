"""What an .xls file says of its cells beside their values: errors, percentages, dates that show a
month alone. The fast reader hands over none of it.

[MS-CFB] has the container (a file system of sectors), [MS-XLS] the records in it.
"""

import struct
from collections.abc import Iterator

from commitments.uploads.reading.limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    ROWS_AROUND,
    TOO_LARGE,
    Unreadable,
)
from commitments.uploads.reading.marks import BUILT_IN, Marks, Show, shown_as

_SECTOR = 512
_LAST = 0xFFFFFFFA  # from here on a number is no sector
_STREAMS = ("Workbook", "Book")
_FORMULA, _EOF, _SHEET, _SHARES, _STYLE = 0x06, 0x0A, 0x85, 0xBD, 0xE0
_NUMBER, _ERROR, _SHORT_NUMBER, _FORMAT = 0x203, 0x205, 0x27E, 0x41E
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def marks_of(content: bytes) -> dict[str, Marks]:
    """By sheet, row and column, counted from 0: the text of a cell, or what makes one of its value.
    Nothing for a file too damaged to tell; raises Unreadable for marks outside the limits."""
    try:
        book = _stream(content)
        styles, sheets = _about(book)
        return {name: _marks(book, start, styles) for name, start in sheets.items()}
    except (struct.error, IndexError, UnicodeDecodeError):
        return {}


# --- the container --------------------------------------------------------------------------------
def _stream(content: bytes) -> bytes:
    """The bytes of the workbook. Nothing when it is in the part for tiny streams, which no
    spreadsheet program puts a workbook in."""
    table: list[int] = []
    for sector in _table_sectors(content):
        table += struct.unpack_from("<128I", content, (sector + 1) * _SECTOR)
        if len(table) * _SECTOR > len(content) + 128 * _SECTOR:
            return b""  # more sectors than there is room for: made up
    directory = _chain(content, table, struct.unpack_from("<I", content, 48)[0])
    for start in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, start + 64)[0]
        name = directory[start : start + max(0, min(length, 64) - 2)].decode("utf-16-le")
        first, size = struct.unpack_from("<II", directory, start + 116)
        if name in _STREAMS:
            return _chain(content, table, first)[:size] if size >= 4096 else b""
    return b""


def _table_sectors(content: bytes) -> Iterator[int]:
    """The sectors that say which sector follows which."""
    if struct.unpack_from("<H", content, 30)[0] != 9:
        return
    yield from (each for each in struct.unpack_from("<109I", content, 76) if each < _LAST)
    following, left = struct.unpack_from("<II", content, 68)
    while following < _LAST and 0 < left < len(content) // _SECTOR:
        numbers = struct.unpack_from("<128I", content, (following + 1) * _SECTOR)
        yield from (each for each in numbers[:127] if each < _LAST)
        following, left = numbers[127], left - 1


def _chain(content: bytes, table: list[int], sector: int) -> bytes:
    pieces: list[bytes] = []
    while sector < _LAST and len(pieces) * _SECTOR <= len(content):
        pieces.append(content[(sector + 1) * _SECTOR : (sector + 2) * _SECTOR])
        sector = table[sector]
    return b"".join(pieces)


# --- the records ----------------------------------------------------------------------------------
def _records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Kinds and contents of the records from a place on, up to the end of their sheet."""
    kind = 0
    while kind != _EOF and start + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, start)
        yield kind, book[start + 4 : start + 4 + size]
        start += 4 + size


def _about(book: bytes) -> tuple[dict[int, Show], dict[str, int]]:
    """Styles that show something else than the value, by number, and where the sheets start."""
    formats = {int(number): show for number, show in BUILT_IN.items()}
    styles: list[int] = []
    sheets = {}
    for kind, data in _records(book, 0):
        if kind == _STYLE:
            styles.append(struct.unpack_from("<H", data, 2)[0])
        elif kind == _FORMAT and len(data) > 5:
            if show := shown_as(_text(data[5:], data[4])):
                formats[struct.unpack_from("<H", data)[0]] = show
        elif kind == _SHEET:
            start, length, wide = struct.unpack_from("<IxxBB", data)
            sheets[_text(data[8:], wide)[:length]] = start
    shown = {number: formats[each] for number, each in enumerate(styles) if each in formats}
    return shown, sheets


def _text(data: bytes, wide: int) -> str:
    return data.decode("utf-16-le" if wide & 1 else "cp1252", errors="replace")


def _marks(book: bytes, start: int, styles: dict[int, Show]) -> Marks:
    found: Marks = {}
    for kind, data in _records(book, start):
        if kind in (_NUMBER, _SHORT_NUMBER, _FORMULA, _ERROR):
            row, column, style = struct.unpack_from("<HHH", data)
            error = None
            if kind == _ERROR and data[7]:
                error = data[6]
            elif kind == _FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
                error = data[8]
            if error is not None:
                _put(found, row, column, _ERRORS.get(error, "#N/A"))
            elif style in styles and kind != _ERROR:
                _put(found, row, column, styles[style])
        elif kind == _SHARES and styles:
            row, column = struct.unpack_from("<HH", data)
            for number, at in enumerate(range(4, len(data) - 7, 6)):
                style = struct.unpack_from("<H", data, at)[0]
                if style in styles:
                    _put(found, row, column + number, styles[style])
    return found


def _put(found: Marks, row: int, column: int, mark: str | Show) -> None:
    if isinstance(mark, str) and (row >= MAX_ROWS + ROWS_AROUND or column >= MAX_COLUMNS):
        raise Unreadable(TOO_LARGE)
    found.setdefault(row, {})[column] = mark
