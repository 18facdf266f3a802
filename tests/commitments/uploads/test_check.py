"""Rows into drafts: what is accepted, what is said, and what stays as it is."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from commitments.models import Commitment, Plan
from commitments.register.actions import CommitmentDraft, save_commitments
from commitments.uploads.check import Checked, Part, check
from commitments.uploads.queries import grouped
from commitments.uploads.reading import Table, read
from organisations.models import Alias
from tests import factories
from tests.commitments.uploads.workbooks import workbook
from tests.conftest import TODAY, Bodies, Cast

DATA = Path("commitments/data")


@pytest.fixture
def plan(bodies: Bodies) -> Plan:
    """An empty plan of our board."""
    return factories.plan("JFP", owner=bodies.board, title="Joint forward plan")


def drafts_in(tables: Sequence[Table], plan: Plan, cast: Cast) -> list[CommitmentDraft]:
    """What a file amounts to."""
    drafts: list[CommitmentDraft] = []

    def take(part: Part) -> None:
        drafts.extend(entry.draft for entry in part.entries if entry.draft)

    check(tables, plan=plan, by=cast.lead, today=TODAY, take=take)
    return drafts


@pytest.fixture
def checked(cast: Cast, plan: Plan):
    """`checked(headings, row, row…)`: what the check says of these rows to our programme lead."""

    def with_rows(*rows: list[Any]) -> Checked:
        tables = read(workbook(*rows), ".xlsx")
        return check(tables, plan=plan, by=cast.lead, today=TODAY)

    return with_rows


@pytest.fixture
def imported(checked, cast: Cast, plan: Plan):
    """The same, and applied; gives the plan's commitments by reference."""

    def with_rows(*rows: list[Any]) -> dict[str, Commitment]:
        found = checked(*rows)
        assert not found.errors, [error.message for error in found.errors]
        drafts = drafts_in(read(workbook(*rows), ".xlsx"), plan, cast)
        save_commitments(by=cast.lead, plan=plan, drafts=drafts, today=TODAY)
        return {each.reference: each for each in plan.commitments.all()}

    return with_rows


def messages(findings: list[Any]) -> list[str]:
    return [finding.message for finding in findings]


# --- errors --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("heading", "value", "words"),
    [
        ("By when", "31/02/2027", '"31/02/2027" is not a date. Use day/month/year, such as '
         "28/02/2027, or a year such as 2026/27."),
        ("Theme", "Grow", '"Grow" is not known. Use Train, Retain or Reform.'),
        ("Baseline value", "about half", '"about half" is not a number. Use digits, such as 7500 '
         "or 9.5."),
        ("Baseline date", "31/02/2027", '"31/02/2027" is not a date. Use day/month/year, such as '
         "28/02/2027, or a year such as 2026/27."),
        ("Unit", "x" * 101, "this is 101 characters long. Use at most 100."),
        ("Source", "#REF!", "#REF! is the error of a formula. Type the value itself."),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_taken_says_what_is_accepted(
    checked, heading: str, value: str, words: str
) -> None:
    found = checked(["Reference", "Commitment", heading], ["JFP-1", "One", value])
    (error,) = found.errors
    assert error.message == f'Row 2, "{heading}": {words}'
    assert (error.sheet, error.cell, error.value) == ("Plan", "C2", value)
    assert found.pages.full == []


def test_all_errors_of_a_row_are_said_and_none_that_only_follow(checked) -> None:
    found = checked(
        ["Reference", "Commitment", "By when", "Theme"],
        ["A/1", "x" * 301, "31/02/2027", "Grow"],
    )
    assert {error.cell for error in found.errors} == {"A2", "B2", "C2", "D2"}
    assert len(found.errors) == 4


def test_a_reference_twice_names_both_rows(checked) -> None:
    found = checked(["Ref", "Action"], ["A-1", "One"], ["B-1", "Two"], ["a-1", "Three"])
    assert messages(found.errors) == [
        'Row 4, "Ref": "a-1" is on row 2 as well. Keep one of the two rows, or give this one a '
        "reference of its own."
    ]


def test_rows_with_problems_stand_under_all_of_their_headings(checked) -> None:
    found = checked(
        ["Ref", "Action", "Timescale", "Milestone 1", ""],
        ["", "", "", "What", "Date"],
        ["A-1", "One", "31/02/2027", "Agreed", "June 2027"],
    )
    assert found.errors[0].cell == "C3"
    (table,) = found.as_json()["problem_rows"]
    assert table["headings"] == [
        "Ref", "Action", "Timescale", "Milestone 1 – What", "Milestone 1 – Date"
    ]  # fmt: skip


def test_a_reference_of_another_plan_is_added_and_said(checked, bodies: Bodies, plan: Plan) -> None:
    other = factories.plan("JFP-OLD", owner=bodies.board, title="The plan before")
    factories.commitment(other, reference="JFP-OLD-001")
    hidden = factories.plan("XX", owner=bodies.other_board, visibility="internal")
    factories.commitment(hidden, reference="XX-001")
    found = checked(
        ["Ref", "Action"], ["jfp-old-001", "One"], ["JFP-OLD-002", "Two"], ["XX-001", "Three"]
    )
    assert messages(found.questions) == [
        'Row 2, "Ref": "jfp-old-001" is in another plan, The plan before. Added as new here.'
    ]
    assert found.counts()["new"] == 3


def test_a_row_of_another_plan_is_refused(checked) -> None:
    found = checked(["plan", "reference", "title"], ["LTWP", "LTWP-1", "One"])
    assert messages(found.errors) == [
        'Row 2, "plan": "LTWP" is another plan. This upload goes into JFP. '
        "Delete the row, or upload it into its own plan."
    ]


def test_a_date_needs_its_milestone(checked) -> None:
    found = checked(["Ref", "Action", "Milestone 1", "Milestone 1 date"], ["A", "One", "", "2027"])
    assert messages(found.errors) == [
        'Row 2, "Milestone 1 date": there is a date but no milestone. Name the milestone in '
        '"Milestone 1", or empty this cell.'
    ]


def test_the_same_milestone_twice_in_a_row_is_refused_by_the_actions_words(checked) -> None:
    found = checked(["Ref", "Action", "Milestone 1", "Milestone 2"], ["A", "One", "Step", "step"])
    assert 'Milestone "Step" is given twice' in found.errors[0].message
    assert found.errors[0].cell == "C2"


def test_the_same_error_in_many_cells_is_one_line(checked) -> None:
    rows = [[f"A-{number}", "One", "Grow"] for number in range(3)]
    found = checked(["Ref", "Action", "Theme"], *rows)
    (group,) = grouped(found.as_json()["errors"])
    assert group.message == (
        'Rows 2, 3 and 4, "Theme": "Grow" is not known. Use Train, Retain or Reform.'
    )
    assert group.cells == ["C2", "C3", "C4"]


# --- what is taken -------------------------------------------------------------------------------
def test_a_row_becomes_a_commitment_with_all_that_it_says(imported, bodies: Bodies) -> None:
    made = imported(
        ["Reference", "Commitment", "Heading", "Theme", "Lead", "Partners", "Target", "Unit",
         "Baseline", "Baseline date", "By when", "Staff groups", "Milestone 1",
         "Milestone 1 date"],
        ["JFP-1", "More nurses", "Growing", "train", "E08000035", "RY6\nMedical schools",
         "over 1,300", "places per year", 900, "2022", date(2027, 2, 28), "Nurses; Midwives",
         "Agreed", "Q3 2026/27"],
    )["JFP-1"]  # fmt: skip
    parties = [(each.role, each.name, each.organisation) for each in made.parties.all()]
    assert parties == [
        ("lead", "Leeds City Council", bodies.council),
        ("partner", "Leeds Community Healthcare NHS Trust", bodies.trust),
        ("partner", "Medical schools", None),
    ]
    measure = made.measures.get()
    assert (measure.target_low, measure.qualifier, measure.unit) == (
        1300, "more_than", "places per year",
    )  # fmt: skip
    assert (measure.baseline_value, measure.baseline.text) == (900, "2022")
    assert (made.target.last_day, made.target.precision) == (date(2027, 2, 28), "day")
    assert (made.pillar.name, made.pillar.theme) == ("Growing", "train")
    assert made.staff_groups == ["Nurses", "Midwives"]
    milestone = made.milestones.get()
    assert (milestone.title, milestone.baseline_date) == ("Agreed", date(2026, 12, 31))


@pytest.mark.parametrize(
    ("target", "unit", "low", "high", "stored_unit"),
    [
        ("9–10.5", "% turnover", "9", "10.5", "% turnover"),
        ("£2.4bn", "", "2.4", "2.4", "£ billion"),
        ("5%", "vacancy rate", "5", "5", "% vacancy rate"),
        (0.05, "share", "0.05", "0.05", "share"),
    ],
)
def test_figures_survive_as_given(imported, target, unit, low, high, stored_unit) -> None:
    made = imported(["Ref", "Action", "Target", "Unit"], ["A-1", "One", target, unit])["A-1"]
    measure = made.measures.get()
    assert (measure.target_low, measure.target_high) == (Decimal(low), Decimal(high))
    assert measure.unit == stored_unit


def test_a_blank_or_a_dash_leaves_everything_as_it_is(imported, bodies: Bodies) -> None:
    head = ["Ref", "Action", "Lead", "Partners", "Target", "Unit", "Due", "Heading"]
    imported(head, ["A-1", "One", "RY6", "Medical schools", 10, "posts", "2027", "Growing"])
    found = imported(head, ["A-1", "", "-", "", "n/a", "", "–", ""])["A-1"]
    assert [party.name for party in found.parties.all()] == [
        "Leeds Community Healthcare NHS Trust",
        "Medical schools",
    ]
    assert (found.title, found.target.text, found.pillar.name) == ("One", "2027", "Growing")
    assert found.measures.get().target_low == 10


def test_leads_alone_change_only_the_leads(imported, bodies: Bodies) -> None:
    imported(["Ref", "Action", "Lead", "Partners"], ["A-1", "One", "RY6", "Medical schools"])
    found = imported(["Ref", "Lead"], ["A-1", "Leeds City Council"])["A-1"]
    assert [(p.role, p.name) for p in found.parties.all()] == [
        ("lead", "Leeds City Council"),
        ("partner", "Medical schools"),
    ]


def test_a_target_alone_changes_the_measure_that_is_there(imported) -> None:
    imported(["Ref", "Action", "Target", "Unit"], ["A-1", "One", "at most 10", "% turnover"])
    found = imported(["Ref", "Commitment", "Target"], ["A-1", "", "9"])["A-1"]
    measure = found.measures.get()
    assert (measure.target_low, measure.unit) == (9, "% turnover")


@pytest.mark.parametrize("again", ["31/03/2027", "31 March 2027", "2027-03-31", date(2027, 3, 31)])
def test_the_same_in_other_words_is_no_change(imported, checked, bodies, again: Any) -> None:
    Alias.objects.create(organisation=bodies.trust, name="LCH", kind="short")
    head = ["Ref", "Action", "Lead", "Due", "Target", "Milestone", "Milestone date"]
    imported(head, ["A-1", "One", "LCH", "31/03/2027", "1,000", "Step", "31/03/2027"])
    found = checked(head, ["a-1", "One", "RY6", again, 1000, "STEP", again])
    assert found.counts() | {"unchanged": 0} == dict.fromkeys(found.counts(), 0)
    assert found.counts()["unchanged"] == 1


def test_another_date_for_a_milestone_is_when_it_is_now_expected(imported) -> None:
    head = ["Ref", "Action", "Milestone", "Milestone date"]
    imported(head, ["A-1", "One", "Step", "31/03/2027"])
    milestone = imported(head, ["A-1", "One", "Step", "30/06/2027"])["A-1"].milestones.get()
    assert (milestone.baseline_date, milestone.forecast_date) == (
        date(2027, 3, 31),
        date(2027, 6, 30),
    )


# --- what is to be confirmed ---------------------------------------------------------------------
def test_an_unknown_name_is_kept_with_the_closest_beside_it(checked) -> None:
    found = checked(["Ref", "Action", "Lead"], ["A-1", "One", "Leeds City Councl"])
    (question,) = found.questions
    assert question.kind == "organisation"
    assert ("E08000035", "Leeds City Council") in question.suggestions
    assert (question.cell, question.value) == ("C2", "Leeds City Councl")
    (change,) = json.loads(found.pages.full[0].text)
    assert ("Led by", "Leeds City Councl") in [(f["label"], f["after"]) for f in change["fields"]]


def test_a_name_that_several_bear_is_asked_about(checked, bodies: Bodies) -> None:
    for body in (bodies.trust, bodies.other_trust):
        Alias.objects.create(organisation=body, name="The Trust", kind="short")
    (question,) = checked(["Ref", "Action", "Lead"], ["A-1", "One", "The Trust"]).questions
    assert "can be " in question.message
    assert {code for code, _ in question.suggestions} == {
        bodies.trust.code, bodies.other_trust.code,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "value", "kind", "words"),
    [
        ("Target", "double", "figure", "is not a number: kept as words"),
        ("By when", "TBC", "undated", '"TBC" is no date: kept as words, and undated.'),
        ("By when", "03/04/2027", "date", "Read as 3 April 2027."),
        ("Lead", "NHS trusts", "organisation", "is a kind of body, not one organisation"),
    ],
)
def test_what_is_not_certain_is_taken_and_said(checked, heading, value, kind, words) -> None:
    found = checked(["Ref", "Action", heading], ["A-1", "One", value])
    (question,) = found.questions
    assert question.kind == kind
    assert words in question.message
    assert found.counts()["new"] == 1


def test_what_stands_already_is_not_asked_again(imported, checked) -> None:
    rows = (
        ["Ref", "Action", "Lead", "Target", "Due", "Baseline", "Baseline date",
         "Milestone 1", "Milestone 1 date", "Milestone 2", "Milestone 2 date"],
        ["A-1", "One", "NHS trusts", "double", "TBC", "5", "03/04/2026",
         "Terms agreed", "ongoing", "Terms signed", "03/04/2027"],
    )  # fmt: skip
    imported(*rows)
    assert messages(checked(*rows).questions) == []


def test_rows_without_references_get_the_next_ones(checked, plan: Plan) -> None:
    factories.commitment(plan, reference="JFP-007", title="Known")
    found = checked(["Ref", "Action"], ["", "New"], ["", "Newer"], ["JFP-009", "Third"])
    changes = json.loads(found.pages.full[0].text)
    assert [change["reference"] for change in changes] == ["JFP-010", "JFP-011", "JFP-009"]
    assert "added as new, with JFP-010" in found.questions[0].message


def test_a_heading_keeps_what_it_counts_as(checked, plan: Plan) -> None:
    factories.pillar(plan, "Growing", "train")
    found = checked(["Ref", "Action", "Heading", "Theme"], ["A-1", "One", "growing", "Reform"])
    assert messages(found.questions) == [
        'Row 2, "Theme": "Growing" counts as Train already, and stays so.'
    ]


def test_what_becomes_of_headings_is_said(checked, plan: Plan) -> None:
    factories.pillar(plan, "Growing", "")
    found = checked(
        ["Ref", "Action", "Heading", "Theme"],
        ["A-1", "One", "Growing", "Reform"],
        ["A-2", "Two", "Staying", ""],
        ["A-3", "Three", "", "Train"],
    )
    assert found.notes == [
        'A heading that is new to the plan: "Staying".',
        'A heading that is new to the plan: "Train", which counts as Train.',
        'The heading "Growing" will count as Reform.',
    ]


# --- the shipped plans ---------------------------------------------------------------------------
@pytest.mark.parametrize("code", ["LTWP", "ASC-CP", "PP2021"])
def test_a_published_plan_goes_in_and_comes_back_unchanged(
    cast: Cast, bodies: Bodies, code: str
) -> None:
    lines = (DATA / "published_plan_commitments.csv").read_text(encoding="utf-8-sig").splitlines()
    own = [line for line in lines[1:] if line.startswith(f"{code},")]
    tables = read("\n".join([lines[0], *own]).encode(), ".csv")
    plan = factories.plan(code, owner=bodies.board)
    before = check(tables, plan=plan, by=cast.lead, today=TODAY)
    assert messages(before.errors) == []
    drafts = drafts_in(tables, plan, cast)
    save_commitments(by=cast.lead, plan=plan, drafts=drafts, today=TODAY)
    again = check(tables, plan=plan, by=cast.lead, today=TODAY).counts()
    assert again["unchanged"] == before.counts()["new"] == len(drafts) > 4
    assert again["new"] == again["changed"] == again["to_confirm"] == 0


# --- cost ----------------------------------------------------------------------------------------
def test_a_check_costs_the_same_queries_however_many_rows(
    cast: Cast, plan: Plan, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    def tables(rows: int) -> Any:
        body = [[f"A-{n}", f"Title {n}", "Nobody knows", "2027"] for n in range(rows)]
        return read(workbook(["Ref", "Action", "Lead", "Due"], *body), ".xlsx")

    small, large = tables(2), tables(200)
    drafts = drafts_in(large, plan, cast)
    save_commitments(by=cast.lead, plan=plan, today=TODAY, drafts=drafts)
    with django_assert_max_num_queries(25) as few:
        check(small, plan=plan, by=cast.lead, today=TODAY)
    with django_assert_num_queries(len(few)):
        check(large, plan=plan, by=cast.lead, today=TODAY)
