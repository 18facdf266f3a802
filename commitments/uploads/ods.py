"""An export as an OpenDocument spreadsheet: the same sheets, locks and drop-downs as .xlsx.

The format is a zip of XML with few parts, so it is written here. What each part must hold:
OpenDocument 1.3, part 2 (packages) and part 3 (schema), of OASIS.
"""

import io
import zipfile
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from commitments.uploads.exporting import Export
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


def spreadsheet(export: Export) -> bytes:
    """The spreadsheet as bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        # First and uncompressed, so that its kind can be read off the first bytes.
        package.writestr("mimetype", TYPE, zipfile.ZIP_STORED)
        package.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest {_NAMES} manifest:version="1.3"><manifest:file-entry '
            f'manifest:full-path="/" manifest:media-type="{TYPE}"/><manifest:file-entry '
            'manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
        )
        with package.open("content.xml", "w") as content:
            for part in _content(export):
                content.write(part.encode())
    return stream.getvalue()


def _content(export: Export) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES} '
    yield f'office:version="1.3">{_STYLES}<office:body><office:spreadsheet>'
    lists = {**LISTS, **{f"headings of {plan}": n for plan, n in export.headings.items()}}
    yield "<table:content-validations>"
    for name, values in lists.items():
        quoted = ";".join('"{}"'.format(value.replace('"', '""')) for value in values)
        condition = quoteattr(f"of:cell-content-is-in-list({quoted})")
        yield f"<table:content-validation table:name={quoteattr(name)} "
        yield f'table:condition={condition} table:allow-empty-cell="true"/>'
    yield "</table:content-validations>"
    for sheet in export.sheets:
        yield from _table(sheet, set(lists))
    yield '<table:table table:name="Guidance">'
    for words in GUIDANCE:
        yield f"<table:table-row>{_cell(words, 'words')}</table:table-row>"
    yield "</table:table></office:spreadsheet></office:body></office:document-content>"


def _table(sheet: Sheet, lists: set[str]) -> Iterator[str]:
    yield f'<table:table table:name={quoteattr(sheet.name)} table:protected="true">'
    for column in sheet.columns:
        hidden = ' table:visibility="collapse"' if column.hidden else ""
        yield f'<table:table-column table:style-name="column"{hidden}/>'
    yield "<table:table-header-rows><table:table-row>"
    yield "".join(_cell(column.label, "heading") for column in sheet.columns)
    yield "</table:table-row></table:table-header-rows>"
    for line in sheet.lines:
        cells = zip(sheet.columns, line.cells, strict=True)
        yield "<table:table-row>"
        yield "".join(
            _cell(text, "open" if column.needs in line.allowed else "locked",
                  _list_of(column, line, lists))
            for column, text in cells
        )  # fmt: skip
        yield "</table:table-row>"
    yield "</table:table>"


def _list_of(column: Column, line: Line, lists: set[str]) -> str:
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
