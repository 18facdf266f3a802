"""The other half of the corpus: files that are damaged, something else, or made to do harm."""

import io
import zipfile
from collections.abc import Callable

from tests.commitments.uploads.corpus.make import SHORT, plain, short
from tests.commitments.uploads.corpus.writers import (
    compound,
    ods,
    ods_package,
    rewritten,
    text,
    xls,
    xlsx,
)

SHEET = "xl/worksheets/sheet1.xml"
MEGABYTE = 1024 * 1024


def _good() -> bytes:
    return xlsx(Plan=[SHORT, *short()])


def _in_sheet(change: Callable[[bytes], bytes]) -> bytes:
    return rewritten(_good(), SHEET, change)


def _zip(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/").replace("_", "."), content)
    return stream.getvalue()


def _million_empty_rows() -> bytes:
    empty = b"".join(b'<row r="%d" s="1" customFormat="1"/>' % n for n in range(5, 1_000_005))
    return _in_sheet(lambda xml: xml.replace(b"</sheetData>", empty + b"</sheetData>"))


def _deep() -> bytes:
    deep = b"<x>" * 200_000 + b"</x>" * 200_000
    return _in_sheet(lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + deep))


def _entities() -> bytes:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return rewritten(
        _good(), "xl/workbook.xml", lambda xml: xml.replace(b"<workbook", laughs + b"<workbook", 1)
    )


def _outside() -> bytes:
    secret = b'<!DOCTYPE x [<!ENTITY s SYSTEM "file:///etc/hostname">]>'
    return rewritten(
        _good(),
        "xl/sharedStrings.xml",
        lambda xml: xml.replace(b"<sst", secret + b"<sst", 1).replace(b"Action", b"&s;"),
    )


def _external_link() -> bytes:
    content = rewritten(
        _good(),
        "xl/externalLinks/externalLink1.xml",
        lambda _: (
            b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b"</externalLink>"
        ),
    )
    return rewritten(
        content,
        "xl/externalLinks/_rels/externalLink1.xml.rels",
        lambda _: (
            b'<Relationships><Relationship Id="rId1" TargetMode="External"'
            b' Target="file:///etc/passwd"/></Relationships>'
        ),
    )


def _far_repeat() -> bytes:
    content = (
        "<office:document-content xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'"
        " xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0'"
        " xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'><office:body>"
        '<office:spreadsheet><table:table table:name="Plan">'
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell'
        ' table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return ods_package(content)


def _many_parts() -> bytes:
    stream = io.BytesIO(_good())
    with zipfile.ZipFile(stream, "a") as package:
        for number in range(2_001):
            package.writestr(f"xl/media/{number}.png", b"")
    return stream.getvalue()


def _locked_package() -> bytes:
    content = bytearray(_good())
    start = content.rfind(b"PK\x01\x02")
    content[start + 8] |= 1
    return bytes(content)


FILES: dict[str, Callable[[], bytes]] = {
    "empty.xlsx": lambda: b"",
    "blank.csv": lambda: b"\xef\xbb\xbf,,\r\n,,\r\n",
    "nothing-in-it.xlsx": lambda: xlsx(Plan=[[]]),
    "only-hidden.xlsx": lambda: rewritten(
        xlsx(Plan=[SHORT, *short()]),
        "xl/workbook.xml",
        lambda xml: xml.replace(b'name="Plan"', b'name="Plan" state="hidden"'),
    ),
    "password.xlsx": lambda: compound({"EncryptedPackage": b"x" * 100}),
    "password-on-the-package.xlsx": _locked_package,
    "letter.xls": lambda: compound({"WordDocument": b"x" * 100}),
    "letter.xlsx": lambda: _zip(word__document_xml="<w:document/>"),
    "pictures.xlsx": lambda: _zip(one_png="x", two_png="y"),
    "report.xlsx": lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "web-page.xls": lambda: b"<html><body><table><tr><td>Ref</td></tr></table></body></html>",
    "excel-2003.xls": lambda: (
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
    ),
    "noise.xlsx": lambda: bytes(range(1, 200)) * 3,
    "noise.csv": lambda: b"Ref,Action\x00\x00\x00\x00,\x01\x02\r\n" * 5,
    "notes.pdf": lambda: b"%PDF-1.7",
    "notes": lambda: text(plain()).encode(),
    "truncated.xlsx": lambda: _good()[:2500],
    "truncated.xls": lambda: xls(Plan=plain())[:1800],
    "truncated.ods": lambda: ods(Plan=plain())[:700],
    "table-without-end.ods": lambda: rewritten(
        ods(Plan=plain()), "content.xml", lambda xml: xml.replace(b"</table:table>", b"")
    ),
    "open-quote.csv": lambda: b'Ref,Action\r\nA-1,"One\r\nA-2,Two\r\nA-3,Three\r\n',
    "zip-bomb.xlsx": lambda: _in_sheet(lambda xml: xml + b" " * (300 * MEGABYTE)),
    "many-parts.xlsx": _many_parts,
    "entities.xlsx": _entities,
    "outside-entity.xlsx": _outside,
    "external-link.xlsx": _external_link,
    "deep.xlsx": _deep,
    "far-corner.xlsx": lambda: _in_sheet(lambda xml: xml.replace(b'r="D4"', b'r="XFD1048576"')),
    "far-repeat.ods": _far_repeat,
    "million-empty-rows.xlsx": _million_empty_rows,
    "too-wide.csv": lambda: text([[f"Column {n}" for n in range(101)]] * 2).encode(),
    "too-long.csv": lambda: text([SHORT]).encode() + b"A,One,,2027\r\n" * 50_600,
    "huge.csv": lambda: b"x" * (200 * MEGABYTE),
}
