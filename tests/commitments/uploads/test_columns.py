"""Which row holds the headings, and what they stand for."""

import json

import pytest

from commitments.numbering import free_references
from commitments.uploads.columns import key_of, letters
from commitments.uploads.layout import (
    SheetProposal,
    explain_mapping,
    find_layout,
    is_certain,
    layout_key,
    mapping_of,
    propose,
)
from commitments.uploads.reading import Table, Unreadable
from commitments.uploads.rows import find_rows, in_series
from commitments.uploads.sheets import filled_down


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


# --- the proposal and the mapping -----------------------------------------------------------------
PLAN = Table(
    "Plan",
    [
        ["Ref", "Action", "Progress Q2 2026/27", "Due date agreed at board"],
        ["A-1", "One", "Going well", "2027"],
        ["A-2", "Two", "", "March 2028"],
    ],
)


def test_a_column_is_proposed_with_samples_and_a_reason() -> None:
    (proposal,) = propose([PLAN])
    assert (proposal.kind, proposal.heading_rows, proposal.rows) == ("commitments", (1, 1), 2)
    due = proposal.columns[3]
    assert (due.letter, due.field, due.label, due.is_certain) == (
        "D", "target_date", "By when", False,
    )  # fmt: skip
    assert due.samples == ["2027", "March 2028"]
    assert due.reason == "Its heading holds the words “due date”."
    assert SheetProposal.from_json(json.loads(json.dumps(proposal.as_json()))) == proposal


def test_a_file_is_asked_about_until_its_layout_is_remembered() -> None:
    proposals = propose([PLAN])
    assert not is_certain(proposals)
    said = {layout_key(proposals[0]): {"A": "reference", "B": "title", "C": "", "D": ""}}
    assert is_certain(proposals, said)
    assert mapping_of(proposals, said)["Plan"]["D"] == ""
    assert mapping_of(proposals)["Plan"]["D"] == "target_date"


def test_next_quarters_file_has_the_same_layout() -> None:
    heads, *rows = PLAN.rows
    later = [heads[0], heads[1], "Progress Q3 2027/28", heads[3]]
    moved = [heads[1], heads[0], *heads[2:]]
    other = [*heads[:3], "Comments"]
    keys = [
        layout_key(propose([Table(name, [row, *rows])])[0])
        for name, row in (("Plan", heads), ("Sheet1", later), ("Plan", moved), ("Plan", other))
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_without_a_person_only_what_is_certain_is_read() -> None:
    found = find_rows([PLAN])
    assert found.rows[0].cells == {"reference": "A-1", "title": "One"}
    (question,) = found.questions
    assert (question.kind, question.cell) == ("column", "D1")
    assert question.message == (
        'Column D ("Due date agreed at board"): this may be "By when". It is not read unless '
        "somebody says so."
    )


def test_what_a_person_says_of_the_columns_is_what_is_read() -> None:
    fields = {"A": "", "B": "title", "C": "description", "D": "target_date"}
    found = find_rows([PLAN], {"Plan": fields})
    assert found.rows[0].cells == {
        "title": "One", "description": "Going well", "target_date": "2027",
    }  # fmt: skip
    assert found.questions == []


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"A": "title", "B": "title"}, 'Columns A and B are both "Commitment". Choose one of '
         "them."),
        ({"A": "lead"}, 'No column is "Commitment" or "Reference". Choose at least one of the '
         "two."),
        ({"A": "", "B": ""}, "No column is read. Say at least which one holds the commitments."),
        ({"A": "colour", "B": "title"}, 'Column A: "colour" is no field. Choose another.'),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_explained(mapping: dict[str, str], words: str) -> None:
    assert words in explain_mapping(propose([PLAN]), {"Plan": mapping})


def test_several_columns_of_partners_are_one_list() -> None:
    table = Table("", [["Ref", "Action", "Partner 1", "Partner 2"], ["A-1", "One", "X", "Y"]])
    assert find_rows([table]).rows[0].cells["partners"] == "X\nY"


def test_a_milestone_of_another_sheet_keeps_its_own_place() -> None:
    plan = Table("Plan", [["Ref", "Action", "Lead"], ["A-1", "One", "X"]])
    steps = Table("Milestones", [["Ref", "Milestone", "Due"], ["A-1", "Step", "31/02/2027"]])
    (row,) = find_rows([plan, steps]).rows
    assert row.milestones == 1
    assert row.address("milestone_1_date") == ("Milestones", 2, "C2")
    said = row.finding("error", "milestone_1_date", "no.")
    assert (said.sheet, said.cell, said.message) == (
        "Milestones", "C2", 'Sheet "Milestones", row 2, "Due": no.',
    )  # fmt: skip


def test_merged_cells_on_top_of_each_other_are_no_more_work_than_the_table_has_cells() -> None:
    rows = [["Ref", "Action"], *([f"A-{n}", "One"] for n in range(500))]
    table = Table("", rows, [(top, 1, 500, 1) for top in range(1, 500)])
    assert len(find_rows([table]).rows) == 500
    assert len(list(filled_down(table, start=1))) <= 2 * len(rows)
