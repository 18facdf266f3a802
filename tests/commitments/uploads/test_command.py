"""`manage.py import_commitments`, and the template that it and the page take back."""

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from commitments.models import Plan, Upload
from commitments.uploads.check import check
from commitments.uploads.reading import read
from commitments.uploads.template import template_workbook
from tests import factories
from tests.commitments.uploads.workbooks import workbook
from tests.conftest import TODAY, Bodies, Cast
from workforce_tracker.spreadsheets import safe_cell


@pytest.fixture
def plan(bodies: Bodies, settings: Any, tmp_path: Path, today: Any) -> Plan:
    """A plan of our board with one commitment; files are kept in a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    made = factories.plan("JFP", owner=bodies.board, title="Joint forward plan")
    factories.commitment(made, bodies.board, reference="JFP-001", title="One contract")
    return made


@pytest.fixture
def run(tmp_path: Path, cast: Cast, capsys: pytest.CaptureFixture[str]):
    """`run(rows, …)`: the command over a workbook with these rows, and its last line."""

    def command(*rows: list[Any], by: str = "", plan: str = "JFP", **options: Any) -> Any:
        file = tmp_path / "plan.xlsx"
        file.write_bytes(workbook(["Reference", "Commitment", "By when", "Lead"], *rows))
        out = io.StringIO()
        arguments = [str(file), "--plan", plan, "--as", by or cast.lead.email, "--json"]
        failed = False
        try:
            call_command("import_commitments", *arguments, stdout=out, **options)
        except CommandError as error:
            failed = error.returncode == 1
        return json.loads(out.getvalue().splitlines()[-1]) | {"failed": failed}

    return command


def test_the_same_problem_in_many_rows_is_one_line(plan: Plan, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    # What holds the commitment is only guessed, so that no row has any.
    rows = [f"NEW-{n},Double the number of nurses on ward {n},2028" for n in range(1, 5)]
    file.write_text("\n".join(["Ref,What we will do,By when", *rows]))
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command(
            "import_commitments", str(file), "--plan", "JFP", "--as", cast.lead.email, stdout=out
        )
    (error,) = [line for line in out.getvalue().splitlines() if "NEW" in line or "Rows" in line]
    assert error == (
        '  Rows 2, 3, 4 and 5, "Commitment": no column of the file is read as this. Say which one '
        "holds it, or add it. The reference is not in the plan yet."
    )


def test_it_imports_and_says_what_it_did(run, plan: Plan, cast: Cast) -> None:
    said = run(
        ["JFP-001", "One contract", "2029/30"],
        ["JFP-002", "More nurses", "2031/32", "Leeds City Councl"],
    )
    assert not said["failed"]
    assert (said["new"], said["changed"], said["unchanged"], said["milestones"]) == (1, 1, 0, 0)
    assert said["errors"] == []
    (question,) = said["to_confirm"]
    assert (question["sheet"], question["cell"]) == ("Plan", "D3")
    assert question["value"] == "Leeds City Councl"
    made = plan.commitments.get(reference="JFP-002")
    assert made.parties.get().organisation is None
    upload = Upload.objects.get()
    assert (upload.state, upload.uploaded_by, upload.plan) == ("applied", cast.lead, plan)
    event = made.events.latest("pgh_id")
    assert event.pgh_context.metadata["user"] == cast.lead.pk


def test_errors_change_nothing(run, plan: Plan) -> None:
    said = run(["JFP-002", "Fine"], ["JFP-003", "Not fine", "31/02/2027"])
    assert said["failed"]
    (error,) = said["errors"]
    assert (error["sheet"], error["cell"], error["value"]) == ("Plan", "C3", "31/02/2027")
    assert error["message"].startswith('Row 3, "By when": "31/02/2027" is not a date.')
    assert (said["new"], plan.commitments.count(), Upload.objects.count()) == (0, 1, 0)


def test_a_dry_run_says_the_same_and_changes_nothing(run, plan: Plan, settings: Any) -> None:
    said = run(["JFP-002", "More nurses"], dry_run=True)
    assert (said["new"], said["failed"]) == (1, False)
    assert (plan.commitments.count(), Upload.objects.count()) == (1, 0)
    assert not settings.MEDIA_ROOT.exists()


def test_it_starts_a_plan(run, plan: Plan, bodies: Bodies) -> None:
    rows = (["", "More nurses"],)
    assert run(*rows, plan="OPP", new_plan="Our people plan", dry_run=True)["new"] == 1
    assert not Plan.objects.filter(code="OPP").exists()
    assert run(*rows, plan="OPP", new_plan="Our people plan")["new"] == 1
    made = Plan.objects.get(code="OPP")
    assert (made.title, made.owner) == ("Our people plan", bodies.board)
    assert made.commitments.get().reference == "OPP-001"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": "nobody@test.example"}, "Nobody with the address"),
        ({"plan": "NONE"}, "There is no plan NONE"),
        ({"plan": "JFP", "new_plan": "Again"}, 'is the code of "Joint forward plan"'),
        ({"by": "vera.viewer@test.example"}, "may not import into JFP"),
        ({"by": "otis.other@test.example"}, "may not import into JFP"),
        ({"by": "vera.viewer@test.example", "plan": "N", "new_plan": "N"}, "may not import into N"),
    ],
)
def test_it_refuses_in_plain_words(run, plan: Plan, options: dict[str, str], words: str) -> None:
    said = run(["JFP-002", "More nurses"], **options)
    assert said["failed"]
    assert words in said["errors"][0]["message"]
    assert plan.commitments.count() == 1


def test_an_internal_plan_of_others_does_not_exist(run, plan: Plan) -> None:
    plan.visibility = Plan.Visibility.INTERNAL
    plan.save()
    said = run(["JFP-002", "More nurses"], by="otis.other@test.example")
    assert "There is no plan JFP" in said["errors"][0]["message"]


def test_a_missing_file_is_said(plan: Plan, cast: Cast) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_commitments", "none.xlsx", "--plan", "JFP", "--as", cast.lead.email)


# --- the template -------------------------------------------------------------------------------
def test_the_template_can_be_filled_in_and_taken_back(plan: Plan, cast: Cast) -> None:
    factories.pillar(plan, "Growing")
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(plan, TODAY)))
    sheet = book["Commitments"]
    heads = [cell.value for cell in sheet[1]]
    filled = {"Commitment": "More nurses", "By when": "2031/32", "Milestone 3": "Done",
              "Milestone 3 date": "March 2027", "Heading": "Growing"}  # fmt: skip
    for head, value in filled.items():
        sheet.cell(3, heads.index(head) + 1, value)
    stream = io.BytesIO()
    book.save(stream)
    checked = check(read(stream.getvalue(), ".xlsx"), plan=plan, by=cast.lead, today=TODAY)
    assert checked.errors == []
    (change,) = json.loads(checked.pages.full[0].text)
    assert (change["reference"], change["title"]) == ("JFP-002", "More nurses")
    assert [milestone["title"] for milestone in change["milestones"]] == ["Done"]
    assert "The example, so not read: row 2." in checked.notes


def test_the_template_has_drop_downs_guidance_and_a_frozen_heading(plan: Plan) -> None:
    factories.pillar(plan, "Growing")
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(plan, TODAY)))
    sheet = book["Commitments"]
    lists = {str(each.sqref).split(":")[0]: each.formula1 for each in
             sheet.data_validations.dataValidation}  # fmt: skip
    assert set(lists.values()) >= {"Lists!$A$2:$A$2", "Lists!$B$2:$B$4"}
    assert sheet.freeze_panes == "C2"
    assert book["Lists"].sheet_state == "hidden"
    assert book["Lists"]["A2"].value == "Growing"
    guidance = [cell.value for cell in book["Guidance"]["A"]]
    assert "Lead organisation" in guidance and "Milestone 3 date" in guidance


@pytest.mark.parametrize("text", ["=1+1", "+44", "-5", "@home", "\tx"])
def test_text_that_looks_like_a_formula_is_made_harmless_and_comes_back(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    (table,) = read(workbook([safe_cell(text), "x"]), ".xlsx")
    assert table.rows[0][0] == text.strip()


def test_the_template_is_for_plans_one_may_import_into(plan: Plan, cast: Cast, sign_in) -> None:
    client = sign_in(cast.lead)
    answer = client.get(reverse("upload_template"), {"plan": "jfp"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="commitments-JFP.xlsx"'
    assert answer.content[:2] == b"PK"
    assert client.get(reverse("upload_template"), {"plan": "none"}).status_code == 404
    other = sign_in(cast.other_lead)
    assert other.get(reverse("upload_template"), {"plan": "JFP"}).status_code == 404
    assert sign_in(cast.viewer).get(reverse("upload_template")).status_code == 403
