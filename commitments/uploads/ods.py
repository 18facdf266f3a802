"""An export as an OpenDocument spreadsheet: the same sheets, locks and drop-downs as .xlsx.

The format is a zip of XML with few parts, so it is written here. What each part must hold:
OpenDocument 1.3, part 2 (packages) and part 3 (schema), of OASIS.
"""

import shutil
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from commitments.uploads.exporting import Contents
from commitments.uploads.offline import GUIDANCE, LISTS, Column, Line, Sheet
from workforce_tracker.spreadsheets import safe_cell

TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("style", "style"), ("table", "table"), ("text", "text"),
        ("fo", "xsl-fo-compatible"), ("manifest", "manifest"),
    )
)  # fmt: skip
_STYLES = """<office:automatic-styles>
<style:style style:name="column" style:family="table-column"/>
<style:style style:name="heading" style:family="table-cell"><style:table-cell-properties
 fo:background-color="#D8DDE0" fo:wrap-option="wrap"/><style:text-properties
 fo:font-weight="bold"/></style:style>
<style:style style:name="locked" style:family="table-cell"><style:table-cell-properties
 fo:background-color="#F0F4F5" fo:wrap-option="wrap"/></style:style>
<style:style style:name="open" style:family="table-cell"><style:table-cell-properties
 style:cell-protect="none" fo:wrap-option="wrap"/></style:style>
</office:automatic-styles>"""


def write_spreadsheet(contents: Contents, path: Path) -> None:
    """Write the spreadsheet, row by row. Its sheets stand one after the other in one part and grow
    at the same time, so each lies in a file of its own, beside it, until all rows are there."""
    headings = {f"headings of {plan}": names for plan, names in contents.headings.items()}
    lists = {**LISTS, **headings}
    sheets: dict[Sheet, IO[str]] = {}

    def begun(sheet: Sheet) -> IO[str]:
        if sheet not in sheets:
            kept = path.with_name(f"{path.name}.{len(sheets)}")
            sheets[sheet] = kept.open("w+", encoding="utf-8")
            sheets[sheet].writelines(_beginning(sheet))
        return sheets[sheet]

    try:
        for sheet in contents.sheets:
            begun(sheet)
        for sheet, line in contents.rows:
            begun(sheet).writelines(_row(sheet, line, lists))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            _pack(package, lists, list(sheets.values()))
    finally:
        for kept in sheets.values():
            kept.close()
            Path(kept.name).unlink(missing_ok=True)


def _pack(package: zipfile.ZipFile, lists: dict[str, list[str]], sheets: list[IO[str]]) -> None:
    # First and uncompressed, so that its kind can be read off the first bytes.
    package.writestr("mimetype", TYPE, zipfile.ZIP_STORED)
    package.writestr(
        "META-INF/manifest.xml",
        f'<manifest:manifest {_NAMES} manifest:version="1.3"><manifest:file-entry '
        f'manifest:full-path="/" manifest:media-type="{TYPE}"/><manifest:file-entry '
        'manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>",
    )
    with package.open("content.xml", "w", force_zip64=True) as content:
        for part in _head(lists):
            content.write(part.encode())
        for kept in sheets:
            kept.write("</table:table>")
            kept.flush()
            with open(kept.name, "rb") as rows:
                shutil.copyfileobj(rows, content, 1024 * 1024)
        for part in _foot():
            content.write(part.encode())


def _head(lists: dict[str, list[str]]) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES} '
    yield f'office:version="1.3">{_STYLES}<office:body><office:spreadsheet>'
    yield "<table:content-validations>"
    for name, values in lists.items():
        quoted = ";".join('"{}"'.format(value.replace('"', '""')) for value in values)
        condition = quoteattr(f"of:cell-content-is-in-list({quoted})")
        yield f"<table:content-validation table:name={quoteattr(name)} "
        yield f'table:condition={condition} table:allow-empty-cell="true"/>'
    yield "</table:content-validations>"


def _foot() -> Iterator[str]:
    yield '<table:table table:name="Guidance">'
    for words in GUIDANCE:
        yield f"<table:table-row>{_cell(words, 'words')}</table:table-row>"
    yield "</table:table></office:spreadsheet></office:body></office:document-content>"


def _beginning(sheet: Sheet) -> Iterator[str]:
    yield f'<table:table table:name={quoteattr(sheet.name)} table:protected="true">'
    for column in sheet.columns:
        hidden = ' table:visibility="collapse"' if column.hidden else ""
        yield f'<table:table-column table:style-name="column"{hidden}/>'
    yield "<table:table-header-rows><table:table-row>"
    yield from (_cell(column.label, "heading") for column in sheet.columns)
    yield "</table:table-row></table:table-header-rows>"


def _row(sheet: Sheet, line: Line, lists: Collection[str]) -> Iterator[str]:
    yield "<table:table-row>"
    for column, text in zip(sheet.columns, line.cells, strict=True):
        style = "open" if column.needs in line.allowed else "locked"
        yield _cell(text, style, _list_of(column, line, lists))
    yield "</table:table-row>"


def _list_of(column: Column, line: Line, lists: Collection[str]) -> str:
    """The name of the list that a cell's drop-down offers, or ""."""
    for name in (column.choices, f"{column.choices} of {line.plan}"):
        if column.choices and name in lists:
            return name
    return ""


def _cell(text: str, style: str, choices: str = "") -> str:
    """A cell of text, a paragraph a line. What XML cannot hold is left out."""
    kept = "".join(sign for sign in safe_cell(text) if sign >= " " or sign in "\n\t")
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in kept.split("\n"))
    offered = f" table:content-validation-name={quoteattr(choices)}" if choices else ""
    named = "" if style == "words" else f' table:style-name="{style}"'
    return (
        f'<table:table-cell{named}{offered} office:value-type="string">{lines}</table:table-cell>'
    )
