"""Which row holds the headings, and what they stand for."""

import pytest

from commitments.numbering import free_references
from commitments.uploads.columns import key_of, letters
from commitments.uploads.layout import find_layout
from commitments.uploads.reading import Table, Unreadable
from commitments.uploads.rows import find_rows, in_series


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("Reference", "reference"),
        ("Ref.", "reference"),
        ("Action ref", "reference"),
        ("Commitment *", "title"),
        ("ACTION", "title"),
        ("Commitment (required)", "title"),
        ("Theme (Train/Retain/Reform)", "theme"),
        ("Heading (pillar)", "pillar"),
        ("By\nwhen?", "target_date"),
        ("target_date", "target_date"),
        ("Lead organisation(s)", "lead"),
        ("lead_org_code", "lead_code"),
        ("partner_orgs", "partners"),
        ("Milestone 2", "milestone_2"),
        ("Milestone 2 date", "milestone_2_date"),
        ("Key milestone", "milestone_1"),
        ("Milestone due date", "milestone_1_date"),
        ("Comments", None),
        ("Milestone 12", "milestone_12"),
        ("Milestone 31", None),
        ("", None),
    ],
)
def test_headings_are_known_by_name_and_synonym(heading: str, key: str | None) -> None:
    assert key_of(heading) == key


def test_the_heading_row_is_found_below_titles() -> None:
    table = Table("", [["Our plan", ""], ["", ""], ["Action", "Due"], ["x", "2027"]])
    layout = find_layout(table)
    assert layout is not None
    assert (layout.heading_row, layout.places) == (2, {"title": 0, "target_date": 1})
    assert layout.cell(3, "target_date") == "B4"
    assert layout.label("target_date") == "Due"


@pytest.mark.parametrize(
    "rows",
    [
        [["Commitment", "Colour"]],
        [["By when", "Lead"]],
        [["x"]] * 30 + [["Commitment", "By when"]],
    ],
    ids=["one known", "neither title nor reference", "too far down"],
)
def test_other_rows_are_no_headings(rows: list[list[str]]) -> None:
    assert find_layout(Table("", rows)) is None


def test_the_same_thing_in_two_columns_is_refused() -> None:
    table = Table("", [["Action", "Due", "By when"], ["x", "", ""]])
    with pytest.raises(Unreadable) as refused:
        find_rows([table])
    assert str(refused.value) == (
        'Columns B ("Due") and C ("By when") would both be read as "By when". '
        "Rename or delete one of them."
    )


def test_what_is_passed_over_is_said() -> None:
    found = find_rows(
        [
            Table("Cover", [["Our plan"]]),
            Table("Plan", [
                ["Reference", "Commitment", "Colour"],
                ["EXAMPLE", "Do not read me", ""],
                ["", "", ""],
                ["", "", "red"],
                ["A-1", "One", "blue"],
            ]),
        ]
    )  # fmt: skip
    assert [row.number for row in found.rows] == [5]
    assert found.notes == [
        'Sheet "Cover" has no row of headings that are known: not read.',
        'Columns that are not known, so not read: "Colour".',
        "The example, so not read: row 2.",
        "Nothing under a heading that is known, so not read: row 4.",
    ]


def test_several_sheets_are_read_and_named() -> None:
    rows = [["Reference", "Commitment"], ["A-1", "One"]]
    found = find_rows([Table("North", rows), Table("South", rows)])
    said = found.rows[1].finding("error", "title", "no.")
    assert said.message == 'Sheet "South", row 2, "Commitment": no.'


def test_letters_go_on_after_z() -> None:
    assert [letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("taken", "following"),
    [
        ([], ["JFP-001", "JFP-002"]),
        (["LTWP-009", "LTWP-010"], ["LTWP-011", "LTWP-012"]),
        (["A1", "A2", "B7"], ["A3", "A4"]),
        (["X.9"], ["X.10", "X.11"]),
        (["people", "pay"], ["JFP-001", "JFP-002"]),
    ],
)
def test_free_references_follow_the_plans_own_style(taken: list[str], following: list[str]) -> None:
    free = free_references("JFP", taken)
    assert [next(free), next(free)] == following


def test_a_long_series_ends_in_how_many_more() -> None:
    assert in_series(["a"]) == "a"
    assert in_series(["a", "b", "c"]) == "a, b and c"
    assert in_series(list("abcde"), most=2) == "a, b and 3 more"
