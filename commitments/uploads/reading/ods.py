"""What an .ods file says of its cells beside their values: merged cells, errors, percentages,
dates that show a month alone, formulas without a result. The fast reader hands over none of it.

The XML is gone through tag by tag, in pieces, by patterns: nothing in it is followed or expanded.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from xml.parsers import expat

from commitments.uploads.reading.cells import UNCALCULATED
from commitments.uploads.reading.limits import (
    DAMAGED,
    MAX_COLUMNS,
    MAX_ROWS,
    ROWS_AROUND,
    TOO_LARGE,
    Unreadable,
)
from commitments.uploads.reading.marks import Marks
from commitments.uploads.reading.package import chunks_of

_TOKEN = re.compile(
    rb"<table:table [^>]*table:name=\"(?P<sheet>[^\"]*)\""
    rb"|(?P<row><table:table-row(?=[ >/])(?P<of_row>[^>]*)>)"
    rb"|<table:(?:covered-)?table-cell(?P<cell>(?: [^>]*)?)>"
    rb"|(?P<end></table:table>)"
)
_REPEATED_ROW = re.compile(rb'table:number-rows-repeated="(\d{1,9})"')
_REPEATED_CELL = re.compile(rb'table:number-columns-repeated="(\d{1,9})"')
_ROWS_SPANNED = re.compile(rb'table:number-rows-spanned="(\d{1,7})"')
_COLUMNS_SPANNED = re.compile(rb'table:number-columns-spanned="(\d{1,7})"')
_SHOWN = re.compile(rb"<text:p[^>]*>([^<]*)")
_MONTH = re.compile(r"[^\W\d]{3,9}\.?[ -]?(?:\d\d|\d{4})")
_ERROR = re.compile(r"#[A-Z/0]+[!?]?|Err:\d{3}")


@dataclass
class Facts:
    """About one sheet."""

    marks: Marks = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def facts_of(package: zipfile.ZipFile) -> dict[str, Facts]:
    """By sheet. Raises Unreadable for a file that says of itself that it holds too much."""
    found: dict[str, Facts] = {}
    current = Facts()
    row, column, repeated = -1, 0, 1
    for xml in _whole(chunks_of(package, "content.xml", b"</table:table-row>")):
        for token in _TOKEN.finditer(xml):
            if token["sheet"] is not None:
                name = unescape(token["sheet"].decode(errors="replace"))
                current = found.setdefault(name, Facts())
                row, repeated = -1, 1
            elif token["row"]:
                row += repeated
                column, repeated = 0, _times(_REPEATED_ROW, token["of_row"])
            elif token["cell"] is not None:
                attributes = token["cell"]
                times = _times(_REPEATED_CELL, attributes)
                if (attributes and not attributes.endswith(b"/")) or b"formula" in attributes:
                    _refuse_many(row, column, times, repeated, attributes)
                    _look(current, row, column, attributes, xml[token.end() : token.end() + 400])
                column += times
    return found


def _whole(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, when they are XML to the end: the fast reader looks for the end of a table
    for ever where there is none. Raises Unreadable."""
    parser = expat.ParserCreate()
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield chunk
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as problem:  # the last two: an odd encoding
        raise Unreadable(DAMAGED) from problem


def _times(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    match = pattern.search(attributes)
    return int(match[1]) if match else 1


def _refuse_many(row: int, column: int, times: int, repeated: int, attributes: bytes) -> None:
    """A cell that holds something, a million times over."""
    if b"value-type" in attributes and (
        row + repeated > MAX_ROWS + ROWS_AROUND or column + times > 4 * MAX_COLUMNS
    ):
        raise Unreadable(TOO_LARGE)


def _look(facts: Facts, row: int, column: int, attributes: bytes, after: bytes) -> None:
    """Note what one cell says."""
    down, across = _times(_ROWS_SPANNED, attributes), _times(_COLUMNS_SPANNED, attributes)
    if (down > 1 or across > 1) and len(facts.merged) < 20_000:
        facts.merged.append((row, column, row + down - 1, column + across - 1))
    text = ""
    if shown := _SHOWN.search(after.split(b"</table:table-cell", 1)[0]):
        text = unescape(shown[1].decode(errors="replace"))
    text = text.strip()
    is_share = b'value-type="percentage"' in attributes and text.endswith("%")
    is_month = b'value-type="date"' in attributes and _MONTH.fullmatch(text)
    if is_share or is_month:
        _put(facts, row, column, text)
    elif b'value-type="error"' in attributes or (
        b"table:formula" in attributes and _ERROR.fullmatch(text)
    ):
        _put(facts, row, column, text if text.startswith("#") else "#N/A")
    elif b"table:formula" in attributes and b"value-type" not in attributes:
        _put(facts, row, column, UNCALCULATED)


def _put(facts: Facts, row: int, column: int, text: str) -> None:
    if row >= MAX_ROWS + ROWS_AROUND or column >= MAX_COLUMNS:
        raise Unreadable(TOO_LARGE)
    facts.marks.setdefault(row, {})[column] = text
