"""Files of more rows than go through the check at once: still one file, all of it or nothing."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from commitments.models import Commitment, Milestone, Plan, Upload
from commitments.uploads import actions
from commitments.uploads.actions import Outdated, Target
from commitments.uploads.check import ROWS_AT_ONCE, check
from commitments.uploads.problem_rows import MOST_ERRORS
from commitments.uploads.reading import read
from tests import factories
from tests.conftest import TODAY, Bodies, Cast

ROWS = ROWS_AT_ONCE + 100
LAST = ROWS - 1
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HEAD = "Reference,Commitment,Heading,By when"


@pytest.fixture
def plan(bodies: Bodies, settings: Any, tmp_path: Path) -> Plan:
    """An empty plan of our board; files are kept in a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return factories.plan("JFP", owner=bodies.board, title="Joint forward plan")


def content(head: str = HEAD, rows: int = ROWS, **others: str) -> bytes:
    """A file of numbered rows, of which some are `others`, by "row_7"."""
    text = io.StringIO()
    text.write(f"{head}\n")
    for number in range(rows):
        row = others.get(f"row_{number}", f"JFP-{number:05},Promise {number},Growing,2030")
        text.write(f"{row}\n")
    return text.getvalue().encode()


def received(cast: Cast, plan: Plan, file: bytes) -> Upload:
    """The file as an upload that has been looked at."""
    return actions.receive(
        by=cast.lead, content=file, filename="plan.csv", target=Target(plan=plan), today=TODAY
    )


def applied(cast: Cast, upload: Upload) -> bool:
    return actions.apply(by=cast.lead, upload=upload, accepted=True, today=TODAY, now=NOW)


def test_all_of_it_goes_in_under_one_heading(cast: Cast, plan: Plan) -> None:
    upload = received(cast, plan, content())
    assert (upload.state, upload.counts["new"]) == (Upload.State.CHECKED, ROWS)
    pages = list(upload.changes.order_by("number").values_list("kind", "number"))
    assert pages == [("new", number) for number in range(1, ROWS // 50 + 1)]
    assert applied(cast, upload)
    assert plan.commitments.count() == ROWS
    assert [pillar.name for pillar in plan.pillars.all()] == ["Growing"]
    assert set(plan.commitments.values_list("pillar__name", flat=True)) == {"Growing"}


def test_an_error_in_the_last_rows_leaves_the_first_out_too(cast: Cast, plan: Plan) -> None:
    file = {
        "by": cast.lead, "content": content(**{f"row_{LAST}": "JFP-9,Late,,31/02/2027"}),
        "filename": "plan.csv", "target": Target(plan=plan), "today": TODAY,
    }  # fmt: skip
    checked = actions.import_file(**file, now=NOW)
    (error,) = checked.errors
    assert (error.row, checked.counts()["new"]) == (ROWS + 1, 0)
    assert not plan.commitments.exists()
    assert not plan.pillars.exists()
    assert not Upload.objects.exists()


def test_a_file_that_is_refused_is_not_kept(cast: Cast, plan: Plan, settings: Any) -> None:
    file = content(rows=2, row_1="JFP-9,Late,,31/02/2027")
    target = Target(plan=plan)
    actions.import_file(
        by=cast.lead, content=file, filename="p.csv", target=target, today=TODAY, now=NOW
    )
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_reference_of_the_first_rows_is_found_again_in_the_last(cast: Cast, plan: Plan) -> None:
    upload = received(cast, plan, content(**{f"row_{LAST}": "jfp-00003,Again,Growing,2030"}))
    assert upload.state == Upload.State.FAULTY
    (error,) = upload.result["errors"]
    assert '"jfp-00003" is on row 5 as well' in error["message"]


def test_rows_without_references_are_numbered_through(cast: Cast, plan: Plan) -> None:
    upload = received(
        cast, plan, content(row_0=",Nameless at first,,", **{f"row_{LAST}": ",Nameless at last,,"})
    )
    assert applied(cast, upload)
    found = plan.commitments.filter(title__startswith="Nameless").order_by("title")
    first, last = (int(each.reference.removeprefix("JFP-")) for each in found)
    assert (first, last) == (LAST, LAST + 1)


def test_a_change_to_the_last_rows_meanwhile_stops_the_first_too(cast: Cast, plan: Plan) -> None:
    applied(cast, received(cast, plan, content()))
    later = content().replace(b",2030", b",2031")
    upload = received(cast, plan, later)
    plan.commitments.filter(reference=f"JFP-{LAST:05}").update(title="Renamed meanwhile")
    with pytest.raises(Outdated, match=f"JFP-{LAST:05}"):
        applied(cast, upload)
    assert not plan.commitments.filter(target_text="2031").exists()
    upload.refresh_from_db()
    assert upload.state == Upload.State.CHECKED
    assert applied(cast, upload)
    assert plan.commitments.filter(target_text="2031").count() == ROWS


def test_ratings_that_change_are_found_in_all_rows_and_leave_no_trace(
    cast: Cast, plan: Plan
) -> None:
    head = "Reference,Commitment,Milestone 1,Milestone 1 date"
    row = "JFP-{:05},Promise {},Agreed,{}"
    made = [row.format(n, n, "31/12/2026") for n in range(ROWS)]
    applied(cast, received(cast, plan, "\n".join([head, *made]).encode()))
    made[0], made[LAST] = (row.format(n, n, "31/05/2031") for n in (0, LAST))
    history = Milestone.pgh_event_model.objects.count()
    upload = received(cast, plan, "\n".join([head, *made]).encode())
    [kept] = upload.changes.filter(kind="ratings")
    assert [each["reference"] for each in kept.rows] == ["JFP-00000", f"JFP-{LAST:05}"]
    assert Milestone.pgh_event_model.objects.count() == history
    assert not Milestone.objects.exclude(forecast_text="").exists()
    assert Commitment.objects.filter(plan=plan, moves__gt=0).count() == 0


def test_errors_of_cells_and_of_whole_commitments_are_said_together(cast: Cast, plan: Plan) -> None:
    long = "x" * 130
    checked = check(
        read(f"Reference,Commitment,By when,Milestone 1,Milestone 2\n"
             f"JFP-1,One,31/02/2027,,\nJFP-2,Two,,Same,Same\n{long},Three,,,\n".encode(), ".csv"),
        plan=plan, by=cast.lead, today=TODAY,
    )  # fmt: skip
    assert [(error.row, error.cell) for error in checked.errors] == [
        (2, "C2"), (3, "D3"), (4, "A4"),
    ]  # fmt: skip


def test_a_file_in_which_everything_is_wrong_is_counted_in_full(cast: Cast, plan: Plan) -> None:
    dates = [f"Milestone {n} date" for n in range(1, 11)]
    bad = ",".join(["31/02/2027"] * len(dates))
    rows = [f"JFP-{number:05},Promise,{bad}" for number in range(ROWS)]
    heads = ",".join(["Reference", "Commitment", *dates])
    upload = received(cast, plan, "\n".join([heads, *rows]).encode())
    assert upload.counts["errors"] > MOST_ERRORS
    assert len(upload.result["errors"]) == MOST_ERRORS
    assert upload.counts["errors"] % ROWS == 0
    assert json.dumps(upload.result["problem_rows"]).count('"number"') == 100
