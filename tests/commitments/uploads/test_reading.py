"""Files into tables: what is read, and how what cannot be read is refused."""

import zipfile
from datetime import date
from io import BytesIO

import pytest

from commitments.uploads.reading import (
    MAX_ROWS,
    UNCALCULATED,
    Unreadable,
    read_safely,
)
from tests.commitments.uploads.workbooks import rewritten, workbook

SHEET = "xl/worksheets/sheet1.xml"


def rows_of(content: bytes, name: str = "plan.xlsx") -> list[list[str]]:
    """The rows of a file with one sheet."""
    (table,) = read_safely(content, name)
    return table.rows


def refusal(content: bytes, name: str = "plan.xlsx") -> str:
    """What is said of a file that cannot be read."""
    with pytest.raises(Unreadable) as refused:
        read_safely(content, name)
    return str(refused.value)


def test_cells_are_what_somebody_would_type() -> None:
    content = workbook(["a", 12, 9.5, 0.1 + 0.2, date(2027, 2, 28), True, " b \u00a0 c\u200b "])
    assert rows_of(content) == [["a", "12", "9.5", "0.3", "28 February 2027", "Yes", "b c"]]


def test_rows_keep_their_numbers_below_blank_ones() -> None:
    content = workbook([], [], [None, "x"], [], [None, "y"], [])
    assert rows_of(content) == [["", ""], ["", ""], ["", "x"], ["", ""], ["", "y"]]


def test_formulas_come_as_what_they_were_worked_out_to_be() -> None:
    content = rewritten(
        workbook(["=1+1", "=1/0", "=2+2"]),
        SHEET,
        lambda xml: (
            xml.replace(b"<f>1/0</f><v>0</v>", b"<f>1/0</f><v>#DIV/0!</v>")
            .replace(b'<c r="B1">', b'<c r="B1" t="e">')
            .replace(b"<f>2+2</f><v>0</v>", b"<f>2+2</f>")
            .replace(b"<f>1+1</f><v>0</v>", b"<f>1+1</f><v>2</v>")
        ),
    )
    assert rows_of(content) == [["2", "#DIV/0!", UNCALCULATED]]


def test_hidden_and_empty_sheets_are_passed_over() -> None:
    content = rewritten(
        workbook(Cover=[], Plan=[["a"]], Lists=[["b"]]),
        "xl/workbook.xml",
        lambda xml: xml.replace(b'name="Lists"', b'name="Lists" state="hidden"'),
    )
    assert [table.sheet for table in read_safely(content, "plan.xlsx")] == ["Plan"]


def test_a_mark_against_formulas_is_taken_off() -> None:
    assert rows_of(workbook(["'=1+1", "'-5", "'tis"])) == [["=1+1", "-5", "'tis"]]


@pytest.mark.parametrize(
    "content",
    [
        b'Ref,Title\nA-1,"One, two"\n',
        b'Ref;Title\nA-1;"One, two"\n',
        "Ref\tTitle\r\nA-1\tOne, two\r\n".encode("utf-8-sig"),
        "Ref\tTitle\nA-1\tOne, two\n".encode("utf-16"),
    ],
    ids=["commas", "semicolons", "tabs with a mark", "UTF-16"],
)
def test_csv_comes_in_many_ways(content: bytes) -> None:
    assert rows_of(content, "plan.csv") == [["Ref", "Title"], ["A-1", "One, two"]]


def test_windows_letters_are_read() -> None:
    assert rows_of("Ref,Cost\nA–1,£5".encode("cp1252"), "a.csv")[1] == ["A–1", "£5"]


def test_line_breaks_inside_a_cell_stay() -> None:
    assert rows_of(b'Ref,Partners\r\nA-1,"One\r\n Two "\r\n', "a.csv")[1] == ["A-1", "One\nTwo"]


def test_rows_of_different_lengths_are_made_one_width() -> None:
    assert rows_of(b"a,b,,\n1\n,,,\n", "a.csv") == [["a", "b"], ["1", ""]]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"x", "plan.pdf", "Files that end in .pdf cannot be read here"),
        (b"x", "plan", "Files that have no ending cannot be read here"),
        (b"", "plan.xlsx", "This file is empty"),
        (b"\xef\xbb\xbf \r\n", "plan.csv", "This file is empty"),
        (b",,\n,,\n", "plan.csv", "This file is empty"),
        (workbook([]), "plan.xlsx", "Every sheet of this workbook is empty or hidden"),
        (b"\x01\x02\x03", "plan.xlsx", "is not a spreadsheet, though its name ends in .xlsx"),
        (b"%PDF-1.7 x", "plan.csv", "is a PDF document, not a spreadsheet, though its name ends"),
        (b"<html><table><tr><td>Ref", "plan.xls", "is a web page with a table in it"),
        (
            b'Ref,Title\nA-1,"One\nA-2,Two\n',
            "plan.csv",
            "A quotation mark in line 2 of this file, or below it, has no",
        ),
        (workbook(["a"])[:900], "plan.xlsx", "damaged or only part of it arrived"),
        (b"PK\x03\x04" + b"x" * 50, "plan.xlsx", "damaged or only part of it arrived"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 50, "plan.xlsx", "damaged or only part of it arrived"),
        (b"a\x00b,c", "plan.csv", "damaged"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "plan.xlsx",
            "This workbook has a password",
        ),
        (b"x" * (25 * 1024 * 1024 + 1), "plan.csv", "This file is 25 MB"),
        (b"a,b\n" * (MAX_ROWS + 600), "plan.csv", "up to 50,000 rows and 100 columns"),
        (b"a," * 100 + b"a", "plan.csv", "up to 50,000 rows and 100 columns"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_clear_line(
    content: bytes, name: str, words: str
) -> None:
    assert words in refusal(content, name)


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("letter.txt", "hello")
    assert "is not a workbook" in refusal(stream.getvalue())


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = rewritten(workbook(["a"]), SHEET, lambda xml: xml + b" " * (300 * 1024 * 1024))
    assert len(bomb) < 400_000
    assert "holds more than can be read" in refusal(bomb)


def test_a_cell_at_the_far_corner_ends_the_reader_and_not_the_product() -> None:
    content = rewritten(
        workbook(["a", "b"]), SHEET, lambda xml: xml.replace(b'r="B1"', b'r="XFD1048576"')
    )
    assert "holds more than can be read" in refusal(content)


def test_a_million_empty_formatted_rows_are_no_rows() -> None:
    empty = b'<row r="%d" ht="20" customHeight="1"/>'
    content = rewritten(
        workbook(["a"]),
        SHEET,
        lambda xml: xml.replace(
            b"</sheetData>", b"".join(empty % n for n in range(2, 200_000)) + b"</sheetData>"
        ),
    )
    assert rows_of(content) == [["a"]]


def test_a_file_that_refers_to_others_is_read_without_them() -> None:
    content = rewritten(
        workbook(["a"]),
        "xl/workbook.xml",
        lambda xml: xml.replace(
            b"<workbook",
            b'<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]><workbook',
            1,
        ).replace(b'name="Plan"', b'name="&secret;"'),
    )
    with pytest.raises(Unreadable):
        read_safely(content, "plan.xlsx")
