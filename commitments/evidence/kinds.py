"""Which files are taken as evidence: told by what is in them, whatever their names say.

`content_type_of` looks at the outside of a file: its first bytes and, for a package, the list of
what is in it. Nothing is unpacked but two small parts, and nothing is run.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

TAKEN = "PDF, Word, Excel, PowerPoint, OpenDocument, CSV, text, PNG or JPEG"
# What a package may say of itself: beyond this it is made to do harm, or no document.
MAX_PARTS = 10_000
MAX_LIST = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_THINGS = (
    b"PK\x03\x04",
    b"%PDF",
    _OLD_OFFICE,
    b"MZ",
    b"\x7fELF",
    b"\x89PNG",
    b"\xff\xd8\xff",
)
_PAGES = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<body", b"<head")


class NotTaken(Exception):
    """A file is not taken; the message says why and what to do instead."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: what people call it, what browsers are told, and how it is recognised."""

    words: str
    content_type: str
    is_one: Callable[[IO[bytes], "Kind"], bool]
    main_part: str = ""


def content_type_of(file: IO[bytes], filename: str) -> str:
    """What a file is. Raises NotTaken, in words, when it is not what its name says, or nothing that
    is taken."""
    ending = PurePath(filename).suffix.lower()
    kind = KINDS.get(ending)
    if kind is None:
        raise NotTaken(_refuse_ending(ending))
    file.seek(0)
    if not file.read(1):
        raise NotTaken("This file is empty. Choose another one.")
    if not kind.is_one(file, kind):
        raise NotTaken(
            f"This file is not {kind.words}, though its name ends in {ending}. Open it in the "
            f"program it came from and save it as {TAKEN}."
        )
    file.seek(0)
    return kind.content_type


def _refuse_ending(ending: str) -> str:
    if ending in (".docm", ".xlsm", ".pptm", ".dotm", ".xltm", ".xlsb", ".potm", ".ppsm"):
        return _MACROS
    if ending in (".doc", ".xls", ".ppt"):
        return (
            f"Files that end in {ending} are not taken, because they can carry macros. Save it as "
            f"{ending}x and choose that."
        )
    named = f"end in {ending[:12]}" if ending else "have no ending"
    return f"Files that {named} are not taken. Choose a {TAKEN} file."


_MACROS = "Files with macros are not taken. Save it without macros, or as a PDF, and choose that."


# --- how each kind is recognised ------------------------------------------------------------------
def _starts(*signs: bytes) -> Callable[[IO[bytes], Kind], bool]:
    def is_one(file: IO[bytes], kind: Kind) -> bool:
        file.seek(0)
        return file.read(16).startswith(signs)

    return is_one


def _is_office(file: IO[bytes], kind: Kind) -> bool:
    """A package of Office with the main part of its kind, and without macros."""
    with _package(file) as package:
        names = {part.filename.lower() for part in package.infolist()}
        if kind.main_part not in names or "[content_types].xml" not in names:
            return False
        if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
            raise NotTaken(_MACROS)
        if b"macroenabled" in _small_part(package, "[content_types].xml").lower():
            raise NotTaken(_MACROS)
    return True


def _is_open_document(file: IO[bytes], kind: Kind) -> bool:
    """A package of OpenDocument that says first of all what it is, and carries no macros."""
    with _package(file) as package:
        names = [part.filename.lower() for part in package.infolist()]
        if not names or "mimetype" not in names:
            return False
        if any(name.startswith(("basic/", "scripts/")) for name in names):
            raise NotTaken(_MACROS)
        said = _small_part(package, "mimetype").strip()
        return said == kind.content_type.encode() and "content.xml" in names


def _is_text(file: IO[bytes], kind: Kind) -> bool:
    """Text that people can read: no other kind of file, and no page that a browser would run."""
    file.seek(0)
    content = file.read()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeDecodeError:
            return False
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    return not (b"\0" in content or content.startswith(_OTHER_THINGS) or start.startswith(_PAGES))


def _package(file: IO[bytes]) -> zipfile.ZipFile:
    """The list of what is in a package. Raises NotTaken for one that cannot be read."""
    file.seek(0)
    start = file.read(8)
    if start == _OLD_OFFICE:
        raise NotTaken(
            "This file has a password, or is of an old kind that can carry macros. Take the "
            "password off and save it again, or save it as a PDF."
        )
    # A package that begins with something else is two things at once.
    if not start.startswith(b"PK\x03\x04"):
        raise NotTaken(_DAMAGED)
    try:
        package = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as problem:
        raise NotTaken(_DAMAGED) from problem
    if len(package.infolist()) > MAX_PARTS or any(p.flag_bits & 1 for p in package.infolist()):
        raise NotTaken(_DAMAGED)
    return package


_DAMAGED = (
    "This file cannot be read: it is damaged, or not what its name says. Open it in the program it "
    f"came from and save it again as {TAKEN}."
)


def _small_part(package: zipfile.ZipFile, name: str) -> bytes:
    """A part that says what the package is; never more of it than such a part can need."""
    try:
        found = next(part for part in package.infolist() if part.filename.lower() == name)
        with package.open(found) as part:
            read = part.read(MAX_LIST + 1)
    except Exception as problem:  # whatever a package made by hand can do to zipfile and zlib
        raise NotTaken(_DAMAGED) from problem
    if len(read) > MAX_LIST:
        raise NotTaken(_DAMAGED)
    return read


def _office(words: str, name: str, main_part: str) -> Kind:
    return Kind(words, _OFFICE + name, _is_office, main_part)


_JPEG = Kind("a JPEG picture", "image/jpeg", _starts(b"\xff\xd8\xff"))

KINDS: dict[str, Kind] = {
    ".pdf": Kind("a PDF document", "application/pdf", _starts(b"%PDF-")),
    ".docx": _office("a Word document", "wordprocessingml.document", "word/document.xml"),
    ".xlsx": _office("an Excel workbook", "spreadsheetml.sheet", "xl/workbook.xml"),
    ".pptx": _office(
        "a PowerPoint presentation", "presentationml.presentation", "ppt/presentation.xml"
    ),
    ".odt": Kind("an OpenDocument text", f"{_OPEN}text", _is_open_document),
    ".ods": Kind("an OpenDocument spreadsheet", f"{_OPEN}spreadsheet", _is_open_document),
    ".odp": Kind("an OpenDocument presentation", f"{_OPEN}presentation", _is_open_document),
    ".csv": Kind("a CSV file", "text/csv", _is_text),
    ".txt": Kind("a text file", "text/plain", _is_text),
    ".png": Kind("a PNG picture", "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
}
