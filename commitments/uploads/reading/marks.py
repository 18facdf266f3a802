"""What an .xlsx file says of its cells beside their values: errors, formulas without a result,
percentages, dates that show a month alone, raised letters. The fast reader hands over none of it.
"""

import re
import zipfile
from collections.abc import Callable
from html import unescape
from typing import Any

from commitments.uploads.reading import cells
from commitments.uploads.reading.limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    ROWS_AROUND,
    TOO_LARGE,
    Unreadable,
)
from commitments.uploads.reading.package import chunks_of, part_of

_P = rb"(?:[A-Za-z_][\w.]*:)?"  # some programs write <x:c> for <c>
_START = rb"<" + _P + rb"c (?P<attributes>[^>]*[^>/])>"
_BODY = rb"(?P<formula><" + _P + rb"f(?:[^>]*/>|(?: [^>]*)?>[^<]*</" + _P + rb"f>))?"
_ERROR_CELL = re.compile(_START + _BODY + rb"<" + _P + rb"v>(?P<text>#[^<]*)</" + _P + rb"v>")
_FORMULA_CELL = re.compile(
    _START + _BODY + rb"(?:<" + _P + rb"v ?/>|<" + _P + rb"v></" + _P + rb"v>)?</" + _P + rb"c>"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([1-9][0-9]{0,6})"')

# How to show a cell, by its style.
Show = Callable[[Any], str]
Marks = dict[int, dict[int, str | Show]]


def marks_of(package: zipfile.ZipFile) -> dict[str, Marks]:
    """By sheet, row and column, counted from 0: the text of a cell, or what makes one of its value.
    Raises Unreadable for marks outside the limits."""
    styles = _styles(part_of(package, "xl/styles.xml"))
    return {sheet: _marks(package, part, styles) for sheet, part in _parts_of(package).items()}


def _marks(package: zipfile.ZipFile, part: str, styles: dict[bytes, Show]) -> Marks:
    found: Marks = {}
    styled = _with_style(styles) if styles else None
    for xml in chunks_of(package, part, b"c>"):
        if styled:
            for match in styled.finditer(xml):
                _put(found, match[0], styles[match[1]])
        if b't="e"' in xml:
            for match in _ERROR_CELL.finditer(xml):
                if b't="e"' in match["attributes"]:
                    _put(found, match["attributes"], match["text"].decode(errors="replace"))
        if b"<f" in xml or b":f" in xml:
            for match in _FORMULA_CELL.finditer(xml):
                if match["formula"] and b't="str"' not in match["attributes"]:
                    _put(found, match["attributes"], cells.UNCALCULATED)
    return found


def _put(found: Marks, attributes: bytes, mark: str | Show) -> None:
    if at := _PLACE.search(attributes):
        row, column = place(at)
        if isinstance(mark, str) and (row >= MAX_ROWS + ROWS_AROUND or column >= MAX_COLUMNS):
            raise Unreadable(TOO_LARGE)
        found.setdefault(row, {})[column] = mark


def place(found: re.Match[bytes]) -> tuple[int, int]:
    """Row and column, counted from 0, of a cell named like "G7"."""
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    return int(found[2]) - 1, column - 1


# --- which part is which sheet --------------------------------------------------------------------
_TAG = rb"<" + _P + rb"%s\s([^>]*)>"
_ATTRIBUTE = re.compile(rb"([\w.:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def _parts_of(package: zipfile.ZipFile) -> dict[str, str]:
    """The part of the package that each sheet, by name, is in."""
    links = {}
    for link in _tags(part_of(package, "xl/_rels/workbook.xml.rels"), b"Relationship"):
        links[link.get("Id")] = link.get("Target", "").lstrip("/")
    names = set(package.namelist())
    sheets = {}
    for sheet in _tags(part_of(package, "xl/workbook.xml"), b"sheet"):
        link_id = next((value for key, value in sheet.items() if key.endswith(":id")), None)
        part = links.get(link_id, "")
        part = part if part.startswith("xl/") else f"xl/{part}"
        if part in names:
            sheets[sheet.get("name", "")] = part
    return sheets


def _tags(xml: bytes, name: bytes) -> list[dict[str, str]]:
    """The attributes of every tag of a name. No parser: what is in there cannot make one work."""
    found = []
    for tag in re.finditer(_TAG % name, xml):
        attributes = {}
        for key, one, other in _ATTRIBUTE.findall(tag[1]):
            attributes[key.decode(errors="replace")] = unescape(
                (one or other).decode(errors="replace")
            )
        found.append(attributes)
    return found


# --- styles ---------------------------------------------------------------------------------------
BUILT_IN: dict[str, Show] = {"9": cells.percentage, "10": cells.percentage, "17": cells.month}
_LITERAL = re.compile(r'"[^"]*"|\[[^]]*\]|\\.|_.')


def _styles(xml: bytes) -> dict[bytes, Show]:
    """The styles whose cells show something else than their value says, by number."""
    formats = dict(BUILT_IN)
    for tag in _tags(xml, b"numFmt"):
        if show := shown_as(tag.get("formatCode", "")):
            formats[tag.get("numFmtId", "")] = show
    start, end = xml.find(b"cellXfs"), xml.rfind(b"cellXfs")
    styles = _tags(xml[start:end], b"xf") if start >= 0 else []
    return {
        str(number).encode(): formats[style["numFmtId"]]
        for number, style in enumerate(styles)
        if style.get("numFmtId") in formats
    }


def shown_as(code: str) -> Show | None:
    code = _LITERAL.sub("", code).split(";")[0].lower()
    if "%" in code:
        return cells.percentage
    if "y" not in code or set(code) & set("dhs0#"):
        return None
    return cells.month if "m" in code else cells.year


def _with_style(styles: dict[bytes, Show]) -> re.Pattern[bytes]:
    numbers = b"|".join(styles)
    return re.compile(rb"<" + _P + rb'c [^>]{0,200}\bs="(' + numbers + rb')"(?:[^>]{0,200}[^>/])?>')


# --- raised letters -------------------------------------------------------------------------------
_ITEM = re.compile(rb"<" + _P + rb"si(?: [^>]*)?>(.*?)</" + _P + rb"si>", re.DOTALL)
_RUN = re.compile(rb"<" + _P + rb"r>(.*?)</" + _P + rb"r>", re.DOTALL)
_TEXT = re.compile(rb"<" + _P + rb"t(?: [^>]*)?>([^<]*)</" + _P + rb"t>")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def raised_texts(package: zipfile.ZipFile) -> dict[str, str]:
    """Texts with raised figures in them, as flat letters and as they are meant: the 1 that a
    spreadsheet program shows raised behind "places" is a footnote's, not part of the word."""
    xml = part_of(package, "xl/sharedStrings.xml", MAX_UNPACKED_TEXTS)
    if b"superscript" not in xml:
        return {}
    found = {}
    for item in _ITEM.finditer(xml):
        if b"superscript" not in item[1]:
            continue
        flat = meant = ""
        for run in _RUN.finditer(item[1]):
            text = unescape(b"".join(_TEXT.findall(run[1])).decode(errors="replace"))
            flat += text
            is_raised = b'"superscript"' in run[1] and text.strip().isdigit()
            meant += text.translate(_RAISED) if is_raised else text
        if flat != meant:
            found[flat] = meant
    return found


MAX_UNPACKED_TEXTS = 60 * 1024 * 1024
