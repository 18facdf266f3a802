"""Whatever comes: no bytes, no table and no mapping make the reading of files fail in another way
than by saying in words what is wrong, nor go on for ever."""

import json
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.uploads.layout import (
    explain_mapping,
    field_choices,
    is_certain,
    layout_key,
    mapping_of,
    propose,
)
from commitments.uploads.reading import ENDINGS, Table, Unreadable, ending_of, read
from commitments.uploads.resource import CommitmentResource
from commitments.uploads.rows import find_rows
from organisations.matching import How, OrganisationMatcher
from tests.commitments.uploads.corpus.make import FILES

bounded = settings(max_examples=150)
MATCHER = OrganisationMatcher(
    {tier: {} for tier in (How.CODE, How.OFFICIAL, How.SHORT, How.FORMER)}
)
BASES = ("plain.xlsx", "merged-down.ods", "merged-down.xls", "two-rows-of-headings.csv")


@cache
def base(name: str) -> bytes:
    return FILES[name]()


# --- bytes ----------------------------------------------------------------------------------------
STARTS = st.sampled_from(
    [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"\xef\xbb\xbf", b"Ref,"]
)


@bounded
@given(start=STARTS, content=st.binary(max_size=2_000), ending=st.sampled_from(ENDINGS))
def test_no_bytes_make_the_reader_fail(start: bytes, content: bytes, ending: str) -> None:
    read_or_refused(start + content, ending)


@bounded
@given(
    name=st.sampled_from(BASES),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6
    ),
    kept=st.floats(0.2, 1),
)
def test_no_damage_to_a_file_makes_the_reader_fail(
    name: str, changes: list[tuple[float, bytes]], kept: float
) -> None:
    content = bytearray(base(name))
    for place, data in changes:
        start = int(place * (len(content) - 1))
        content[start : start + len(data)] = data
    read_or_refused(bytes(content), f".{name.rsplit('.', 1)[1]}")
    read_or_refused(bytes(content[: int(kept * len(content))]), f".{name.rsplit('.', 1)[1]}")


@bounded
@given(text=st.text(max_size=400), encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-le"]))
def test_no_text_makes_the_reader_fail(text: str, encoding: str) -> None:
    read_or_refused(text.encode(encoding, "surrogatepass"), ".csv")


@bounded
@given(name=st.text(max_size=50))
def test_any_name_is_one_that_can_be_read_or_not(name: str) -> None:
    try:
        assert ending_of(name) in ENDINGS
    except Unreadable as refused:
        assert str(refused)


def read_or_refused(content: bytes, ending: str) -> None:
    try:
        tables = read(content, ending)
    except Unreadable as refused:
        assert str(refused)
        return
    for table in tables:
        assert len({len(row) for row in table.rows}) == 1
        assert all(isinstance(cell, str) for row in table.rows for cell in row)
    rows_or_refused(tables)


# --- tables ---------------------------------------------------------------------------------------
WORDS = st.sampled_from([
    "", "", "Ref", "Action", "Lead", "By when", "Date", "Date 1", "Milestone", "Milestone 1",
    "Value", "Milestone 2 date", "Partners", "Partner 1", "Target", "Unit", "Theme", "Heading",
    "A-1", "A-2", "Total", "Subtotal", "Growing the workforce", "NHS England*", "2027/28",
    "31/02/2027", "46112", "15,000¹", "High", "EXAMPLE", "1", "2", "3", "(a)", "(b)", "(c)",
    "Note: none", "-", "(empty)",
    "#REF!", "x" * 400, "commitment", "measure",
])  # fmt: skip


@st.composite
def tables(draw: Any) -> list[Table]:
    """Sheets of words that people write, in any order."""
    found = []
    for name in draw(st.lists(st.sampled_from(["Plan", "Milestones", "Key"]), unique=True,
                              min_size=1, max_size=3)):  # fmt: skip
        width = draw(st.integers(1, 7))
        row = st.lists(st.one_of(WORDS, st.text(max_size=12)), min_size=width, max_size=width)
        rows = draw(st.lists(row, min_size=1, max_size=9))
        place = st.integers(0, 9)
        corners = draw(st.lists(st.tuples(place, place, place, place), max_size=3))
        merged = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
        found.append(Table(name, rows, merged))
    return found


@bounded
@given(sheets=tables())
def test_no_table_makes_the_rows_fail(sheets: list[Table]) -> None:
    rows_or_refused(sheets)


@bounded
@given(sheets=tables(), data=st.data())
def test_no_mapping_makes_the_rows_fail(sheets: list[Table], data: Any) -> None:
    choices = st.sampled_from([key for key, _ in field_choices()] + ["no such field"])
    mapping = {
        proposal.sheet: {column.letter: data.draw(choices) for column in proposal.columns}
        for proposal in propose(sheets)
    }
    rows_or_refused(sheets, mapping)


def rows_or_refused(sheets: list[Table], mapping: dict[str, dict[str, str]] | None = None) -> None:
    """Tell the columns, find the rows and read their cells; every cell of a row is one of the
    sheet's."""
    proposals = propose(sheets)
    guessed = mapping_of(proposals)
    assert json.loads(json.dumps(guessed)) == guessed
    assert all(isinstance(words, str) and words for words in explain_mapping(proposals, guessed))
    assert is_certain(proposals, {layout_key(each): {} for each in proposals}) in (True, False)
    try:
        found = find_rows(sheets, guessed if mapping is None else mapping)
    except Unreadable as refused:
        assert str(refused)
        return
    resource = CommitmentResource()
    for row in found.rows:
        values, problems = resource.clean_cells(row.cells, MATCHER)
        assert values.keys() | {key for key, _ in problems} <= row.cells.keys()
        for key in row.cells:
            sheet, number, cell = row.address(key)
            assert cell.endswith(str(number)) and sheet in {table.sheet for table in sheets}
