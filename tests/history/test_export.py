"""The history as a table to take away."""

import csv
import io
from datetime import timedelta

import pghistory
import pytest
from django.core.management import CommandError, call_command

from commitments.models import Commitment
from tests import factories as make
from workforce_tracker import clock
from workforce_tracker.spreadsheets import csv_lines

pytestmark = [pytest.mark.django_db, pytest.mark.real_clock]


@pytest.fixture
def commitment(bodies):
    plan = make.plan("LTWP", owner=bodies.board)
    return make.commitment(plan, bodies.board, reference="LTWP-1", title="15,000 places")


def table(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_who_runs_a_plan_takes_its_history_away(commitment, cast, sign_in):
    with pghistory.context(user=cast.lead.pk):
        Commitment.objects.update(title="=HYPERLINK(1)")
    for path in ("/plans/LTWP/history.csv", "/commitments/LTWP/LTWP-1/history/export.csv"):
        response = sign_in(cast.administrator).get(path)
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        row = next(row for row in table(response) if row["Before"])
        told = (row["Who"], row["Reference"], row["Field"], row["Before"], row["After"])
        assert told == ("Lena Lead", "LTWP-1", "Title", "15,000 places", "'=HYPERLINK(1)")
        assert sign_in(cast.viewer).get(path).status_code == 403


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start):
    line = "".join(csv_lines([[f"{start}1+1", "a=b", None, 5]])).lstrip("\ufeff")
    assert next(csv.reader(io.StringIO(line, newline=""))) == [f"'{start}1+1", "a=b", "", "5"]


def test_a_long_history_comes_whole_and_once(commitment, cast, monkeypatch):
    from commitments import history_export

    monkeypatch.setattr(history_export, "BATCH", 3)
    for number in range(8):
        with pghistory.context(user=cast.lead.pk):
            make.milestone(commitment, f"Step {number}")
    rows = list(history_export.in_words([commitment.pk], clock.now() + timedelta(minutes=1)))
    titles = [row[9] for row in rows[1:] if row[7] == "Title" and "Step" in str(row[9])]
    assert sorted(titles) == [f"Step {number}" for number in range(8)]


def test_an_administrator_reads_and_exports_who_held_which_role(bodies, cast, sign_in):
    with pghistory.context(user=cast.platform.pk):
        cast.lead.memberships.update(role="viewer")
    page = sign_in(cast.administrator).get("/organisations/QWO/history/").content.decode()
    assert "Role of Lena Lead changed" in page and "Pat Platform" in page
    rows = table(sign_in(cast.administrator).get("/organisations/QWO/history/people.csv"))
    changed = next(row for row in rows if row["What"] == "Role of Lena Lead changed")
    assert (changed["Who"], changed["Before"], changed["After"]) == (
        "Pat Platform", "Programme lead", "Viewer",
    )  # fmt: skip
    assert not [row for row in rows if row["What"].startswith("Organisation")]


def test_the_whole_history_of_some_days_is_exported_by_command(commitment, cast, tmp_path):
    with pghistory.context(user=cast.lead.pk, origin="page", method="POST", url="/there/"):
        Commitment.objects.update(title="10,000 places")
    file, day = tmp_path / "history.csv", clock.today()
    call_command("export_history", "--from", str(day), "--to", str(day), str(file))
    rows = list(csv.DictReader(file.open(encoding="utf-8-sig")))
    assert {"commitments_commitment", "organisations_membership"} <= {row["Table"] for row in rows}
    (changed,) = [row for row in rows if row["Change"] == "update" and "10,000" in row["Values"]]
    assert (changed["Who"], changed["Origin"], changed["Where it was done"]) == (
        cast.lead.email, "page", "POST /there/",
    )  # fmt: skip
    earlier = str(day - timedelta(days=2))
    with pytest.raises(CommandError, match="earlier day first"):
        call_command("export_history", "--from", str(day), "--to", earlier)
    call_command("export_history", "--from", earlier, "--to", earlier, str(file))
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1
