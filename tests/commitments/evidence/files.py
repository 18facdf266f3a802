"""Files as people have them, and as somebody would make them who means harm."""

import io
import zipfile

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 13
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OPEN = "application/vnd.oasis.opendocument."
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def package(*names: str, **contents: bytes) -> bytes:
    """A zip with these parts; give content as `content_types` and `mimetype`."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        if "mimetype" in contents:
            parts.writestr("mimetype", contents["mimetype"])
        if "content_types" in contents:
            parts.writestr("[Content_Types].xml", contents["content_types"])
        for name in names:
            parts.writestr(name, b"<x/>")
    return made.getvalue()


def office(main: str, *more: str, says: str = WORD) -> bytes:
    return package(main, *more, content_types=f'<Types ContentType="{says}"/>'.encode())


DOCX = office("word/document.xml")
XLSX = office("xl/workbook.xml", says="sheet.main+xml")
PPTX = office("ppt/presentation.xml", says="presentation.main+xml")
ODT = package("content.xml", mimetype=f"{OPEN}text".encode())
ODS = package("content.xml", mimetype=f"{OPEN}spreadsheet".encode())
ODP = package("content.xml", mimetype=f"{OPEN}presentation".encode())
