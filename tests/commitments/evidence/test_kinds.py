"""Which files are taken: told by what is in them, whatever their names say."""

import io

import pytest

from commitments.evidence.kinds import NotTaken, content_type_of
from tests.commitments.evidence import files

TAKEN = [
    ("minutes.pdf", files.PDF, "application/pdf"),
    ("plan.docx", files.DOCX, "wordprocessingml"),
    ("count.xlsx", files.XLSX, "spreadsheetml"),
    ("board.pptx", files.PPTX, "presentationml"),
    ("plan.odt", files.ODT, "opendocument.text"),
    ("count.ods", files.ODS, "opendocument.spreadsheet"),
    ("board.odp", files.ODP, "opendocument.presentation"),
    ("count.csv", b"month,shifts\nMay,12\n", "text/csv"),
    ("note.txt", "Café, naïve".encode("cp1252"), "text/plain"),
    ("note.txt", "Two of five".encode("utf-16"), "text/plain"),
    ("photo.PNG", files.PNG, "image/png"),
    ("photo.jpg", files.JPEG, "image/jpeg"),
    ("photo.jpeg", files.JPEG, "image/jpeg"),
]
REFUSED = [
    ("tool.exe", b"MZ", "end in .exe are not taken"),
    ("page.html", files.HTML, "end in .html are not taken"),
    ("picture.svg", files.SVG, "end in .svg are not taken"),
    ("archive.zip", files.DOCX, "end in .zip are not taken"),
    ("noending", files.PDF, "have no ending"),
    ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Save it as .docx"),
    ("plan.docm", files.DOCX, "macros are not taken"),
    ("empty.pdf", b"", "This file is empty"),
    ("picture.png", files.HTML, "not a PNG picture"),
    ("picture.png", files.SVG, "not a PNG picture"),
    ("picture.jpg", files.PNG, "not a JPEG picture"),
    ("report.pdf", files.DOCX, "not a PDF document"),
    ("report.pdf", b"GIF89a %PDF-1.7", "not a PDF document"),
    ("plan.docx", files.XLSX, "not a Word document"),
    ("plan.docx", files.PDF, "cannot be read"),
    ("plan.docx", files.DOCX[:40], "cannot be read"),
    ("plan.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40, "has a password"),
    ("plan.docx", files.HTML + files.DOCX, "cannot be read"),
    ("plan.docx", files.office("word/document.xml", "word/vbaProject.bin"), "with macros"),
    ("plan.docx", files.office("word/document.xml", says="ms-word.document.macroEnabled.main+xml"),
     "with macros"),
    ("plan.odt", files.ODS, "not an OpenDocument text"),
    ("plan.odt", files.DOCX, "not an OpenDocument text"),
    ("plan.odt", files.package("content.xml", "Basic/Standard/x.xml",
     mimetype=f"{files.OPEN}text".encode()), "with macros"),
    ("note.txt", files.HTML, "not a text file"),
    ("note.txt", files.PDF, "not a text file"),
    ("count.csv", b"a,b\n\0\0\0", "not a CSV file"),
    ("count.csv", b"\xff\xfe\0\xd8x", "not a CSV file"),
    ("big.docx", files.package("word/document.xml", content_types=b" " * 2_000_000),
     "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "kind"), TAKEN, ids=[row[0] for row in TAKEN])
def test_files_that_are_what_they_say_are_taken(name, content, kind):
    assert kind in content_type_of(io.BytesIO(content), name)


@pytest.mark.parametrize(
    ("name", "content", "words"), REFUSED, ids=[f"{row[0]}-{row[2]}" for row in REFUSED]
)
def test_files_that_are_not_are_refused_in_words(name, content, words):
    with pytest.raises(NotTaken, match=words):
        content_type_of(io.BytesIO(content), name)


def test_a_file_is_left_at_its_beginning():
    file = io.BytesIO(files.DOCX)
    content_type_of(file, "plan.docx")
    assert file.read() == files.DOCX
