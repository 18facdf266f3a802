"""What a file is, told by its first bytes rather than by its name."""

from commitments.uploads.reading.limits import (
    DAMAGED,
    EMPTY,
    PASSWORD,
    SAVE_AS,
    TEXTS,
    Unreadable,
)

PACKAGE, OLD_WORKBOOK, TEXT = "package", "old workbook", "text"

_COMPOUND = b"\xd0\xcf\x11\xe0"
# What starts like this is something else, and is called by its name.
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
    (b"\x1f\x8b", "an archive"),
)
_HEAD = 4096
_WEB_PAGE = (b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")


def kind_of(content: bytes, ending: str) -> str:
    """PACKAGE (.xlsx and .ods alike), OLD_WORKBOOK or TEXT. Raises Unreadable for all else."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable(EMPTY)
    for start, name in _OTHERS:
        if content.startswith(start):
            raise Unreadable(_not_a_spreadsheet(name, ending))
    if content.startswith(b"PK\x03\x04"):
        return PACKAGE
    if content.startswith(b"PK"):
        raise Unreadable(DAMAGED)
    if content.startswith(_COMPOUND):
        return _compound(content, ending)
    _refuse_markup(content, ending)
    if ending in TEXTS or _is_text(content[:_HEAD]):
        return TEXT
    raise Unreadable(
        f"This file is not a spreadsheet, though its name ends in {ending}. Upload the workbook "
        "itself, or save your table as .xlsx first."
    )


def has_mark_of_utf16(content: bytes) -> bool:
    """Whether a text starts with the mark of UTF-16."""
    return content.startswith((b"\xff\xfe", b"\xfe\xff"))


def _is_text(head: bytes) -> bool:
    if has_mark_of_utf16(head):
        return True
    return not any(byte < 9 or 13 < byte < 32 for byte in head)


def _compound(content: bytes, ending: str) -> str:
    """The container of the workbooks of Excel 97 to 2003, of old documents, and of locked files."""
    if _name("EncryptedPackage") in content:
        raise Unreadable(PASSWORD)
    if _name("Workbook") in content or _name("Book") in content:
        return OLD_WORKBOOK
    if _name("WordDocument") in content or _name("PowerPoint Document") in content:
        raise Unreadable(_not_a_spreadsheet("a document", ending))
    raise Unreadable(DAMAGED)


def _name(stream: str) -> bytes:
    return stream.encode("utf-16-le")


def _refuse_markup(content: bytes, ending: str) -> None:
    head = content[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(_WEB_PAGE):
        raise Unreadable(
            f"This file is a web page with a table in it, though its name ends in {ending}. "
            f"{SAVE_AS}"
        )
    if head.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        raise Unreadable(f"This is a workbook in the XML of Excel 2003. {SAVE_AS}")
    if head.startswith((b"<?xml", b"<!doctype")):
        raise Unreadable(_not_a_spreadsheet("an XML document", ending))


def _not_a_spreadsheet(name: str, ending: str) -> str:
    return (
        f"This file is {name}, not a spreadsheet, though its name ends in {ending}. Upload the "
        "workbook or the table itself."
    )
