"""The outside of an .xlsx or .ods file, looked at before anything unpacks it."""

import io
import re
import zipfile
from collections.abc import Iterator

from commitments.uploads.reading.limits import (
    DAMAGED,
    MADE_UP,
    MAX_UNPACKED,
    MEGABYTE,
    PASSWORD,
    SAVE_AS,
    TOO_LARGE,
    TOO_MANY_PARTS,
    Unreadable,
)

XLSX, ODS = "xlsx", "ods"
_MAX_PARTS = 2_000
# XML of a spreadsheet has no document type of its own; what has one was made to do harm.
_DOCUMENT_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OTHERS = (
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("Index/Document.iwa", "a document of Apple's Numbers, Pages or Keynote"),
    ("xl/workbook.bin", "a binary workbook (.xlsb)"),
)


def open_package(content: bytes, ending: str) -> tuple[str, zipfile.ZipFile]:
    """Which of the two it is, and the package. Raises Unreadable, also for one that unpacks to more
    than may be, is locked, or holds something else."""
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
        parts = package.infolist()
    except Exception as problem:  # zipfile has many ways to fail on bytes made to make it
        raise Unreadable(DAMAGED) from problem
    # What the package says of itself; one that lies meets the limits of this process.
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED or (unpacked > 20 * MEGABYTE and unpacked > 200 * len(content)):
        raise Unreadable(TOO_LARGE)
    names = [part.filename for part in parts]
    if len(parts) > _MAX_PARTS:
        raise Unreadable(TOO_MANY_PARTS)
    if len(names) != len(set(names)):
        raise Unreadable(DAMAGED)
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(PASSWORD)
    return _kind(package, set(names), ending), package


def _kind(package: zipfile.ZipFile, names: set[str], ending: str) -> str:
    if "xl/workbook.xml" in names:
        _refuse_document_types(package, names, "xl/")
        return XLSX
    if "content.xml" in names:
        if b"manifest:encryption-data" in _head(package, "META-INF/manifest.xml", MEGABYTE):
            raise Unreadable(PASSWORD)
        if b"opendocument.spreadsheet" in _head(package, "mimetype"):
            _refuse_document_types(package, names, "")
            return ODS
        raise Unreadable(_not_a_workbook("a document of another kind", ending))
    for part, name in _OTHERS:
        if part in names:
            raise Unreadable(_not_a_workbook(name, ending))
    raise Unreadable(_not_a_workbook("an archive of other files", ending))


def _not_a_workbook(name: str, ending: str) -> str:
    return (
        f"This file is not a workbook that can be read here, though its name ends in {ending}: "
        f"it is {name}. {SAVE_AS}"
    )


def _refuse_document_types(package: zipfile.ZipFile, names: set[str], folder: str) -> None:
    for name in names:
        if name.startswith(folder) and name.endswith((".xml", ".rels")):
            head = _head(package, name)
            if _DOCUMENT_TYPE.search(head) or _DOCUMENT_TYPE.search(head.replace(b"\0", b"")):
                raise Unreadable(MADE_UP)


def _head(package: zipfile.ZipFile, name: str, size: int = 4096) -> bytes:
    try:
        with package.open(name) as part:
            return part.read(size)
    except Exception:  # missing or damaged: whoever reads it will say so
        return b""


def part_of(package: zipfile.ZipFile, name: str, most: int = 20 * MEGABYTE) -> bytes:
    """A small part of a package; nothing for one that is missing, damaged or large."""
    try:
        if package.getinfo(name).file_size > most:
            return b""
        return package.read(name)
    except Exception:
        return b""


def chunks_of(package: zipfile.ZipFile, name: str, after: bytes) -> Iterator[bytes]:
    """A part piece by piece, each ending behind `after`, so that no cell is torn apart."""
    rest = b""
    try:
        with package.open(name) as part:
            while piece := part.read(MEGABYTE):
                rest += piece
                cut = rest.rfind(after)
                if cut >= 0:
                    yield rest[: cut + len(after)]
                    rest = rest[cut + len(after) :]
                elif len(rest) > 8 * MEGABYTE:
                    yield rest
                    rest = b""
    except Exception as problem:
        raise Unreadable(DAMAGED) from problem
    if rest:
        yield rest
