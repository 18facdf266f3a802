"""Answers in a file: the draft that a dry run writes, and what is made of it."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from commitments.models import Plan
from commitments.uploads.answers import Answers
from tests.conftest import Bodies, Cast

HEAD = "Commitment,Lead organisation,By when"
ROWS = ("One contract for all,,2030/31", "More nurses,Leeds City Councl,2031/32")


@pytest.fixture
def run(our_plan: Plan, cast: Cast, tmp_path: Path):
    """`run(lines, …)`: the command over a .csv file with an answers file; gives its last line."""

    def command(*lines: str, **options: Any) -> dict[str, Any]:
        file = tmp_path / "plan.csv"
        file.write_text("\n".join(lines))
        out = io.StringIO()
        call_command("import_commitments", str(file), "--plan", "JFP", "--as", cast.lead.email,
                     "--json", stdout=out, **options)  # fmt: skip
        return json.loads(out.getvalue().splitlines()[-1])

    return command


def test_a_dry_run_drafts_the_answers_and_they_are_taken(
    run, our_plan: Plan, bodies: Bodies, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.json"
    said = run(HEAD, *ROWS, dry_run=True, answers=answers)
    # Without an answer a row that is probably the same stays out.
    assert (said["new"], said["changed"]) == (1, 0)
    draft = json.loads(answers.read_text())
    assert draft["same"] == {"!2": None}
    assert draft["names"] == {"Leeds City Councl": None}
    about = {each["answer_under"]: each["choices"] for each in draft["questions"]}
    assert set(about["same: !2"]) == {"JFP-001", "new"}
    assert about["names: Leeds City Councl"]["E08000035"] == "Leeds City Council"

    draft["same"]["!2"] = "JFP-001"
    draft["names"]["Leeds City Councl"] = "E08000035"
    answers.write_text(json.dumps(draft))
    said = run(HEAD, *ROWS, dry_run=True, answers=answers)
    assert (said["new"], said["changed"]) == (1, 1)
    assert [each["kind"] for each in said["to_confirm"]] == ["reference"]
    assert our_plan.commitments.count() == 1

    said = run(HEAD, *ROWS, answers=answers)
    assert (said["new"], said["changed"]) == (1, 1)
    assert our_plan.commitments.get(reference="JFP-001").target.text == "2030/31"
    made = our_plan.commitments.exclude(reference="JFP-001").get()
    assert made.parties.get().organisation == bodies.council


def test_without_answers_only_what_is_certain_is_applied(run, our_plan: Plan) -> None:
    said = run(HEAD, *ROWS)
    assert (said["new"], said["changed"]) == (1, 0)
    assert {each["kind"] for each in said["to_confirm"]} == {"same", "organisation", "reference"}
    # A second time the new one is known, and nothing is added twice.
    assert run(HEAD, *ROWS)["new"] == 0
    assert our_plan.commitments.count() == 2


def test_columns_that_are_only_guessed_are_answered_in_the_file(
    run, our_plan: Plan, tmp_path: Path
) -> None:
    lines = ("Ref;What we shall do;Deadline", "JFP-002;More nurses on every ward;2031/32")
    answers = tmp_path / "answers.json"
    with pytest.raises(CommandError, match="mend the errors"):  # no title, as far as is certain
        run(*lines, dry_run=True, answers=answers)
    draft = json.loads(answers.read_text())
    assert draft["columns"] == {"": {"A": "reference", "B": None, "C": "target_date"}}
    draft["columns"][""]["B"] = "title"
    answers.write_text(json.dumps(draft))
    assert run(*lines, answers=answers)["new"] == 1
    assert our_plan.commitments.get(reference="JFP-002").title == "More nurses on every ward"


def test_what_the_file_leaves_out_is_withdrawn_when_the_answers_say_so(
    run, our_plan: Plan, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"withdraw": {"references": ["JFP-001"], "reason": "Dropped"}}))
    run("Reference,Commitment", "JFP-002,More nurses", answers=answers)
    assert our_plan.commitments.get(reference="JFP-001").state == "withdrawn"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("no json", "is not JSON"),
        ("[1]", "one JSON object"),
        ('{"sames": {}}', 'not known: "sames"'),
        ('{"names": {"A": 7}}', 'the answer to "A" has to be text'),
        ('{"names": {"A": "NOCODE"}}', '"NOCODE" is the code of no organisation'),
        ('{"withdraw": {"references": ["JFP-001"]}}', "why these are withdrawn"),
    ],
)
def test_answers_that_make_no_sense_are_refused_in_words(
    run, our_plan: Plan, tmp_path: Path, content: str, words: str
) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text(content)
    with pytest.raises(CommandError, match=words):
        run("Reference,Commitment", "JFP-002,More nurses", answers=answers)
    assert our_plan.commitments.count() == 1


def test_a_file_of_answers_that_is_not_there_is_said(run, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("Reference,Commitment", "JFP-002,More nurses", answers=tmp_path / "none.json")


def test_answers_come_back_from_a_database_as_they_went_in() -> None:
    given = Answers({"": {"A": "title"}}, {"x": ""}, {"!2": "new"}, ["A-1"], "Why")
    assert Answers.from_json(json.loads(json.dumps(given.as_json()))) == given
