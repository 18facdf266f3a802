"""Files of one's own for load_plans: corrected, or with something wrong."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from commitments.loading.files import COMMITMENT_COLUMNS
from commitments.models import Commitment, Plan
from tests.conftest import Bodies


@pytest.fixture
def own_file(tmp_path: Path, bodies: Bodies) -> Callable[..., Path]:
    """Writes a file of one commitment, changed as the test says."""

    def write(**changes: str) -> Path:
        base = dict.fromkeys(sorted(COMMITMENT_COLUMNS), "") | {
            "plan": "OWN",
            "plan_title": "Our plan",
            "reference": "OWN-1",
            "title": "A promise",
            "row_type": "commitment",
            "lead_basis": "stated",
        }
        file = tmp_path / "own.csv"
        with file.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, list(base))
            writer.writeheader()
            writer.writerow(base | changes)
        return file

    return write


def load(*files: Path) -> dict:
    out = StringIO()
    call_command("load_plans", *files, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_corrected_file_corrects_what_nobody_changed(own_file: Callable[..., Path]) -> None:
    load(own_file())
    result = load(own_file(title="A better promise", target_value="5", target_unit="places"))
    assert result["commitments"]["changed"] == 1
    found = Commitment.objects.get()
    assert found.title == "A better promise" and found.measures.get().target_low == 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"row_type": "promise"}, 'Row type "promise" is not known'),
        ({"reference": ""}, "needs a reference"),
        ({"reference": "A/1"}, "has a / in it"),
        ({"lead_org": "Nobody", "lead_org_code": "XX9"}, 'No organisation has the code "XX9"'),
        ({"lead_org": "One", "lead_org_code": "RY6;QWO"}, "1 leads and 2 codes"),
    ],
)
def test_a_problem_is_told_and_nothing_is_changed(
    own_file: Callable[..., Path], changes: dict[str, str], words: str
) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("load_plans", own_file(**changes), stdout=out)
    assert words in out.getvalue()
    assert not Plan.objects.exists() and not Commitment.objects.exists()


def test_a_file_without_its_columns_is_refused(tmp_path: Path, db: None) -> None:
    file = tmp_path / "own.csv"
    file.write_text("plan,title\nOWN,A promise\n")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("load_plans", file, stdout=out)
    assert "These columns are missing: baseline_date" in out.getvalue()
