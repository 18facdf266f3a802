"""Lists of commitments taken away as workbooks: what is in them, what is locked, who gets what."""

import csv
import io
import zipfile
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from commitments.models import Commitment, Plan
from commitments.uploads import exporting, making
from commitments.uploads.offline import COMMITMENTS
from commitments.uploads.reading import read
from tests import factories as make
from tests.conftest import Bodies, Cast


@pytest.fixture
def promise(bodies: Bodies, today: Any) -> Commitment:
    """One promise of our trust, with a milestone and a measure that has an actual."""
    plan = make.plan("LTWP", owner=bodies.board, visibility=Plan.Visibility.INTERNAL)
    make.pillar(plan, "Train")
    make.pillar(plan, "Retain", theme="retain")
    made = make.commitment(
        plan, bodies.trust, bodies.council, reference="LTWP-001", title="More places",
        description="=HYPERLINK(1)", target="2031/32",
    )  # fmt: skip
    make.milestone(made, "Plan agreed", baseline="30/09/2026", forecast="March 2027")
    measure = make.measure(made, name="Places", unit="places a year")
    make.figure(measure, 12, on=today)
    return made


def sheet_of(client: Client, name: str = "Commitments", **query: str) -> Any:
    """A sheet of the exported workbook as openpyxl sees it."""
    answer = client.get(reverse("commitments_export", args=["xlsx"]), query)
    assert answer.status_code == 200, answer
    return openpyxl.load_workbook(io.BytesIO(answer.content))[name]


def by_heading(sheet: Any, row: int = 2) -> dict[str, Any]:
    """The cells of a row by the heading of their column."""
    return {cell.value: sheet.cell(row, cell.column) for cell in sheet[1] if cell.value}


def test_a_contributor_may_say_how_it_goes_and_change_nothing_else(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    sheet = sheet_of(sign_in(cast.trust))
    cells = by_heading(sheet)
    assert sheet.protection.sheet and sheet.protection.password is None
    open_cells = {name for name, cell in cells.items() if not cell.protection.locked}
    assert open_cells == {column.label for column in COMMITMENTS if column.needs == "report"}
    assert (cells["Reference"].value, cells["By when"].value) == ("LTWP-001", "2031/32")
    assert cells["Your rating"].value is None


def test_who_edits_may_change_words_and_heading_too(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    cells = by_heading(sheet_of(sign_in(cast.lead)))
    assert not cells["Commitment"].protection.locked and not cells["Heading"].protection.locked
    assert cells["By when"].protection.locked


def test_who_only_looks_finds_everything_locked(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    cells = by_heading(sheet_of(sign_in(cast.national)))
    assert all(cell.protection.locked for cell in cells.values())


def test_versions_are_there_and_hidden(promise: Commitment, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.trust)
    for name, version in (("Commitments", promise.version), ("Milestones", 1)):
        sheet = sheet_of(client, name)
        cell = by_heading(sheet)["Row version"]
        assert cell.value == str(version)
        hidden = [d for d in sheet.column_dimensions.values() if d.hidden]
        assert any(d.min <= cell.column <= d.max for d in hidden)


def test_drop_downs_offer_ratings_states_and_the_headings_of_the_plan(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(
        sign_in(cast.lead).get(reverse("commitments_export", args=["xlsx"])).content
    ))  # fmt: skip
    offered = {}
    for name in ("Commitments", "Milestones"):
        for rule in book[name].data_validations.dataValidation:
            column = next(iter(rule.sqref.ranges)).min_col
            cells = book["Lists"][rule.formula1.removeprefix("Lists!").replace("$", "")]
            offered[book[name].cell(1, column).value] = [cell.value for (cell,) in cells]
    assert offered["Your rating"] == ["Complete", "Green", "Amber", "Red"]
    assert offered["State"] == ["Not started", "In progress", "Complete", "Cancelled"]
    assert set(offered["Heading"]) == {"Train", "Retain"}
    assert book["Lists"].sheet_state == "hidden"


def test_the_filters_of_the_list_are_those_of_the_export(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    make.commitment(promise.plan, "NHS trusts", reference="LTWP-002", title="Another one")
    client = sign_in(cast.lead)
    assert sheet_of(client, show="all").max_row == 3
    assert sheet_of(client, q="another").cell(2, 2).value == "LTWP-002"
    address = reverse("commitments_export", args=["xlsx"])
    answer = client.get(address, {"mine": "yes", "plan": "none"}, follow=True)
    assert answer.redirect_chain[0][0].endswith("?mine=yes&plan=none")
    assert b"There is nothing to take away" in answer.content


@pytest.mark.parametrize("form", ["xlsx", "ods", "csv"])
def test_nobody_gets_what_they_may_not_see(
    promise: Commitment, cast: Cast, sign_in: Any, form: str
) -> None:
    for person, sees in ((cast.trust, True), (cast.viewer, False), (cast.nobody, False)):
        answer = sign_in(person).get(reverse("commitments_export", args=[form]))
        if answer.status_code == 302:  # nothing that they see fits
            assert not sees
            continue
        content = answer.content
        if form == "ods":
            content = zipfile.ZipFile(io.BytesIO(content)).read("content.xml")
        if form == "xlsx":
            content = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
        assert (b"More places" in content) is sees


@pytest.mark.parametrize("form", ["xlsx", "ods", "csv"])
@pytest.mark.parametrize("text", ["=1+1", "+44", "-5 to 5", "@home", "'=x", "it's", "''@y"])
def test_text_like_a_formula_is_made_harmless_and_comes_back_as_it_was(
    promise: Commitment, cast: Cast, sign_in: Any, form: str, text: str
) -> None:
    Commitment.objects.update(description=text)
    answer = sign_in(cast.lead).get(reverse("commitments_export", args=[form]))
    content = answer.content
    table = read(content, f".{form}")[0]
    place = table.rows[0].index("Description")
    assert table.rows[1][place] == text
    if form == "csv":
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert not lines[1][place].startswith(("=", "+", "-", "@"))


def test_an_ods_file_locks_hides_and_offers_the_same(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    answer = sign_in(cast.trust).get(reverse("commitments_export", args=["ods"]))
    package = zipfile.ZipFile(io.BytesIO(answer.content))
    assert package.infolist()[0].filename == "mimetype"
    root = ElementTree.fromstring(package.read("content.xml"))
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    sheets = root.findall(f".//{table}table")
    assert [s.get(f"{table}name") for s in sheets][:3] == ["Commitments", "Milestones", "Figures"]
    assert sheets[0].get(f"{table}protected") == "true"
    columns = sheets[0].findall(f"{table}table-column")
    assert [c.get(f"{table}visibility") for c in columns][-3:] == ["collapse"] * 3
    cells = sheets[0].findall(f"{table}table-row")[0].findall(f"{table}table-cell")
    kinds = [cell.get(f"{table}style-name") for cell in cells]
    place = [column.key for column in COMMITMENTS].index("rating")
    assert (kinds[place], kinds[0]) == ("open", "locked")
    assert cells[place].get(f"{table}content-validation-name") == "ratings"


def test_an_unknown_form_is_not_found(promise: Commitment, cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.lead).get("/exports/commitments.pdf").status_code == 404


def test_the_cost_of_an_export_in_queries_does_not_grow(
    promise: Commitment, cast: Cast, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(cast.lead)
    address = reverse("commitments_export", args=["xlsx"])
    for _ in range(20):
        more = make.commitment(promise.plan, "NHS trusts")
        make.milestone(more)
        make.figure(make.measure(more), 1, on=promise.created_at.date())
    with django_assert_max_num_queries(30):
        client.get(address)
    assert exporting.BATCH > 100 and making.SMALL > 100
