"""Writers of small spreadsheet files, plain enough to put anything into: .ods and .xls by hand,
since no library at hand writes the shapes that people and old programs do."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

Rows = Sequence[Sequence[Any]]
# An area of merged cells: top, left, bottom, right, counted from 0.
Area = tuple[int, int, int, int]


class Shown:
    """A number or a day with the format that its cell shows it in."""

    def __init__(self, value: Any, shape: str) -> None:
        self.value = value
        self.shape = shape


def xlsx(merged: Sequence[Area] = (), hide: Sequence[str] = (), **sheets: Rows) -> bytes:
    """A workbook. Days become day cells, a text that starts with "=" a formula; `merged` are areas
    of the first sheet; sheets and, by letter, columns named in `hide` are hidden."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        for number, (name, rows) in enumerate(sheets.items()):
            sheet = book.add_worksheet(name.replace("_", " "))
            for row, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    _write(book, sheet, row, column, value)
            for top, left, bottom, right in merged if number == 0 else ():
                sheet.merge_range(top, left, bottom, right, "")
                _write(book, sheet, top, left, rows[top][left])
            if name in hide:
                sheet.hide()
            for letter in hide:
                if number == 0 and len(letter) == 1:
                    sheet.set_column(f"{letter}:{letter}", None, None, {"hidden": True})
    return stream.getvalue()


def _write(book: Any, sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, Shown):
        shape = book.add_format({"num_format": value.shape})
        if isinstance(value.value, date):
            sheet.write_datetime(row, column, value.value, shape)
        else:
            sheet.write_number(row, column, value.value, shape)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, book.add_format({"num_format": "dd/mm/yyyy"}))
    elif isinstance(value, str) and value[:1] != "=":
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write(row, column, value)


def with_raised(rows: Rows, raised: dict[tuple[int, int], tuple[str, str]]) -> bytes:
    """A workbook in which some cells are two texts, the second of them raised."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Plan")
        above = book.add_format({"font_script": 1})
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                _write(book, sheet, row, column, value)
        for (row, column), (text, mark) in raised.items():
            sheet.write_rich_string(row, column, text, above, mark)
    return stream.getvalue()


def rewritten(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same package with one part changed, or made."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
        if part not in old.namelist():
            new.writestr(part, change(b""))
    return stream.getvalue()


# --- .csv ---------------------------------------------------------------------------------------
def text(rows: Rows, delimiter: str = ",", newline: str = "\r\n") -> str:
    """Rows as delimited text."""
    return "".join(
        delimiter.join(_quoted(str("" if cell is None else cell), delimiter) for cell in row)
        + newline
        for row in rows
    )


def _quoted(cell: str, delimiter: str) -> str:
    if any(mark in cell for mark in (delimiter, '"', "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


# --- .ods ---------------------------------------------------------------------------------------
_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    ' office:version="1.2"><office:body><office:spreadsheet>'
)
_ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods(merged: Sequence[Area] = (), **sheets: Rows) -> bytes:
    """An OpenDocument spreadsheet; `merged` are areas of the first sheet."""
    tables = []
    for number, (name, rows) in enumerate(sheets.items()):
        areas = {area[:2]: area for area in (merged if number == 0 else ())}
        body = "".join(
            "<table:table-row>"
            + "".join(_ods_cell(cell, areas.get((row, at))) for at, cell in enumerate(cells))
            + "</table:table-row>"
            for row, cells in enumerate(rows)
        )
        title = quoteattr(name.replace("_", " "))
        tables.append(f"<table:table table:name={title}>{body}</table:table>")
    return ods_package(_ODS_HEAD + "".join(tables) + _ODS_TAIL)


def ods_package(content: str) -> bytes:
    """The same around any content."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", _ODS_TYPE, zipfile.ZIP_STORED)
        package.writestr("content.xml", content)
        package.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest'
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/>'
            "</manifest:manifest>",
        )
    return stream.getvalue()


def _ods_cell(cell: Any, area: Area | None) -> str:
    span = ""
    if area:
        down, across = area[2] - area[0] + 1, area[3] - area[1] + 1
        span = f' table:number-rows-spanned="{down}" table:number-columns-spanned="{across}"'
    if cell is None or cell == "":
        return f"<table:table-cell{span}/>"
    kind, value, words = _ods_value(cell)
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in words.split("\n"))
    return (
        f'<table:table-cell{span} office:value-type="{kind}"{value}>{paragraphs}</table:table-cell>'
    )


def _ods_value(cell: Any) -> tuple[str, str, str]:
    if isinstance(cell, Shown) and cell.shape.endswith("%"):
        return "percentage", f' office:value="{cell.value}"', f"{cell.value * 100:g}%"
    if isinstance(cell, Shown):
        words = f"{cell.value:%b-%y}"
        return "date", f' office:date-value="{cell.value.isoformat()}"', words
    if isinstance(cell, date):
        return "date", f' office:date-value="{cell.isoformat()}"', f"{cell:%d/%m/%Y}"
    if isinstance(cell, int | float):
        return "float", f' office:value="{cell}"', f"{cell:g}"
    return "string", "", str(cell)


# --- .xls ---------------------------------------------------------------------------------------
# Numbers, days, shares (the format that shows no fraction), months: a style for each.
_SHAPES = (0, 14, 9, 164)
_EXCEL_DAY_0 = date(1899, 12, 30)


def xls(merged: Sequence[Area] = (), **sheets: Rows) -> bytes:
    """A workbook of Excel 97 to 2003: BIFF8 records in a compound file."""
    return compound({"Workbook": _biff(sheets, merged)})


def _biff(sheets: dict[str, Rows], merged: Sequence[Area]) -> bytes:
    bodies = [
        _biff_sheet(rows, merged if number == 0 else ())
        for number, rows in enumerate(sheets.values())
    ]
    shape = b"mmmm yyyy"
    styles = _record(0x41E, struct.pack("<HHB", _SHAPES[-1], len(shape), 0) + shape)
    styles += b"".join(
        _record(0xE0, struct.pack("<HHHBBBBIIH", 0, shape, 0, 0x20, 0, 0, 0, 0, 0, 0x20C0))
        for shape in _SHAPES
    )
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0x0DBB, 0x07CC, 0, 6))
    start += _record(0x42, struct.pack("<H", 1200)) + styles
    names = [name.replace("_", " ") for name in sheets]
    bounds = sum(4 + 8 + len(name) for name in names)
    offset = len(start) + bounds + 4
    directory = b""
    for name, body in zip(names, bodies, strict=True):
        directory += _record(0x85, struct.pack("<IHBB", offset, 0, len(name), 0) + name.encode())
        offset += len(body)
    return start + directory + _record(0x0A, b"") + b"".join(bodies)


def _biff_sheet(rows: Rows, merged: Sequence[Area]) -> bytes:
    out = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0x0DBB, 0x07CC, 0, 6))
    width = max((len(row) for row in rows), default=0)
    out += _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            style = 0
            if isinstance(cell, Shown):
                style, cell = (2 if "%" in cell.shape else 3), cell.value
            if isinstance(cell, date):
                days = float((cell - _EXCEL_DAY_0).days)
                out += _record(0x203, struct.pack("<HHHd", number, column, style or 1, days))
            elif cell == "=1/0":
                failed = struct.pack("<HHHBBBBHHHI", number, column, 0, 2, 0, 7, 0, 0, 0xFFFF, 0, 0)
                out += _record(0x06, failed + struct.pack("<H", 0))
            elif cell == "#REF!":
                out += _record(0x205, struct.pack("<HHHBB", number, column, 0, 0x17, 1))
            elif isinstance(cell, int | float):
                out += _record(0x203, struct.pack("<HHHd", number, column, style, float(cell)))
            elif cell:
                words = str(cell).encode("utf-16-le")
                head = struct.pack("<HHHHB", number, column, 0, len(words) // 2, 1)
                out += _record(0x204, head + words)
    if merged:
        areas = b"".join(
            struct.pack("<HHHH", top, bottom, left, right) for top, left, bottom, right in merged
        )
        out += _record(0xE5, struct.pack("<H", len(merged)) + areas)
    return out + _record(0x0A, b"")


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file (the container of .xls, .doc and locked workbooks) with these streams."""
    sector = 512
    bodies = [data + b"\0" * (max(4096, -(-len(data) // sector) * sector) - len(data))
              for data in streams.values()]  # fmt: skip
    counts = [len(body) // sector for body in bodies]
    tables = -(-(sum(counts) + 2) // 128)
    chain = [0xFFFFFFFD] * tables + [0xFFFFFFFE]
    entries = _entry("Root Entry", 5, 1 if streams else 0xFFFFFFFF, 0xFFFFFFFE, 0)
    for number, (name, body, count) in enumerate(zip(streams, bodies, counts, strict=True)):
        first = len(chain)
        chain += [*range(first + 1, first + count), 0xFFFFFFFE]
        entries += _entry(name, 2, 0xFFFFFFFF, first, len(body), number + 2 <= len(streams))
    entries += b"\0" * (sector - len(entries))
    chain += [0xFFFFFFFF] * (tables * 128 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", *range(tables), *[0xFFFFFFFF] * (109 - tables))
    return header + struct.pack(f"<{len(chain)}I", *chain) + entries + b"".join(bodies)


def _entry(name: str, kind: int, child: int, first: int, size: int, more: bool = False) -> bytes:
    letters = (name + "\0").encode("utf-16-le")
    return (
        letters.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(letters), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        + b"\0" * 36
        + struct.pack("<IQ", first, size)
    )
