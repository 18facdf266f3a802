"""The register's files: read, checked, saved all or nothing, and the same again the next time."""

import csv
import json
from collections.abc import Callable, Iterable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from organisations.kinds import Kind, Reach, reach_of
from organisations.loading import ORGANISATIONS, OVERLAPS, load_register
from organisations.loading.files import LONGEST, ORGANISATION_COLUMNS, OVERLAP_COLUMNS
from organisations.models import Alias, Area, Organisation, Succession

Rows = Iterable[dict[str, str]]
BOARD = {
    "code": "QAA",
    "name": "NHS Anywhere Integrated Care Board",
    "kind": "integrated care board",
}
COUNCIL = {"code": "E06009999", "name": "Anywhere Council", "kind": "council (unitary)"}
TRUST = {"code": "RAA", "name": "Anywhere NHS Trust", "kind": "NHS trust", "parent_code": "QAA"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """`write("x.csv", rows)`: a file of organisations, or of overlaps when told its columns."""

    def to_file(name: str, rows: Rows, columns: Iterable[str] = ORGANISATION_COLUMNS) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(columns), restval="")
            writer.writeheader()
            writer.writerows(
                {"code_system": "own", **row} if "code" in row else row for row in rows
            )
        return path

    return to_file


def run(*arguments: Any) -> dict[str, Any]:
    """The command's JSON report."""
    out = StringIO()
    call_command("load_organisations", *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def messages(path: Path, overlaps: Path | None = None) -> list[str]:
    report = load_register(path, overlaps)
    assert Organisation.objects.count() == 0, "something was saved beside a problem"
    return [str(problem) for problem in report.problems]


def test_loading_again_changes_nothing(db: None) -> None:
    first = run()
    assert (first["new"], first["changed"], first["problems"]) == (829, 0, [])
    assert first["overlaps"]["new"] == 665
    events = Organisation.pgh_event_model.objects.count()
    assert events == 829, "one event for each body, parents before children"
    again = run()
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 829)
    assert again["overlaps"] == {"new": 0, "changed": 0, "unchanged": 665, "kept": 0}
    assert Organisation.pgh_event_model.objects.count() == events


def test_a_load_costs_the_same_few_statements_however_many_rows(
    db: None, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40):
        load_register(ORGANISATIONS, OVERLAPS)


def test_only_what_differs_is_changed(db: None, write: Callable[..., Path]) -> None:
    run(write("a.csv", [BOARD, COUNCIL, TRUST]))
    moved = {
        **TRUST,
        "name": "Anywhere Hospitals NHS Trust",
        "notes": "formerly: Anywhere NHS Trust",
    }
    report = run(write("b.csv", [BOARD, moved]))
    assert (report["new"], report["changed"], report["unchanged"]) == (0, 1, 1)
    assert report["kept"] == ["E06009999"]
    assert Organisation.objects.filter(code="E06009999").exists()
    trust = Organisation.objects.get(code="RAA")
    assert trust.name == "Anywhere Hospitals NHS Trust"
    assert trust.aliases.get(kind=Alias.Kind.FORMER).name == "Anywhere NHS Trust"


def test_names_that_people_have_added_stay(db: None, write: Callable[..., Path]) -> None:
    path = write("a.csv", [BOARD])
    run(path)
    board = Organisation.objects.get()
    Alias.objects.create(organisation=board, name="The Anywhere Board", kind=Alias.Kind.SHORT)
    assert run(path)["unchanged"] == 1
    assert board.aliases.filter(name="The Anywhere Board").exists()


def test_dates_are_kept_as_exactly_as_they_are_known(db: None, write: Callable[..., Path]) -> None:
    old = {**COUNCIL, "opened": "1971", "closed": "2007-04", "successor_code": "QAA"}
    load_register(write("a.csv", [old, BOARD]))
    body = Organisation.objects.get(code="E06009999")
    assert (str(body.opened), body.opened_text) == ("1971-01-01", "1971")
    assert (str(body.closed), body.closed_text) == ("2007-04-30", "April 2007")
    assert str(body.successions_out.get().on) == "2007-05-01"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"kind": "hospital"}, '"kind": "hospital" is not a kind that is known here'),
        ({"parent_code": "QZZ"}, '"parent_code": "QZZ" is not the code of an organisation'),
        ({"parent_code": "RAA"}, '"parent_code": "RAA" leads back to this organisation'),
        ({"opened": "01/04/2020"}, '"opened": "01/04/2020" is not a date. Use year-month-day'),
        ({"opened": "2026-02-30"}, '"opened": "2026-02-30" is not a date.'),
        (
            {"opened": "2020-04-01", "closed": "2019"},
            '"closed": "2019" is before the day it opened, 2020-04-01.',
        ),
        ({"successor_code": "QAA"}, '"closed": Give the last day'),
        ({"closed": "2020", "successor_code": "RAA"}, '"successor_code": "RAA" is this organ'),
        ({"closed": "2020", "successor_code": "QAA;Q?"}, '"successor_code": "Q?" is not the code'),
        ({"name": ""}, '"name": This cell is empty.'),
        ({"name": "x" * 201}, "is longer than 200 characters."),
        ({"code": "R/A"}, '"code": "R/A" is not a code.'),
        ({"code": "qaa"}, '"code": "QAA" stands in row 2 already.'),
    ],
)
def test_a_problem_is_named_by_its_row_and_nothing_is_saved(
    db: None, write: Callable[..., Path], row: dict[str, str], message: str
) -> None:
    (found,) = messages(write("a.csv", [BOARD, {**TRUST, **row}]))
    assert found.startswith("a.csv, row 3, ")
    assert message in found


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"icb_code": "RAA"}, '"icb_code": "RAA" is not an integrated care board.'),
        ({"council_code": "E1"}, '"council_code": "E1" is not the code of an organisation'),
        ({"edition": "latest"}, '"edition": "latest" does not begin with a year.'),
        ({"share_of_lsoas": "1.5"}, '"share_of_lsoas": "1.5" is not a share.'),
        ({"lsoa21_count": "many"}, '"lsoa21_count": "many" is not a whole number above 0.'),
    ],
)
def test_a_problem_with_an_overlap_stops_the_load_as_well(
    db: None, write: Callable[..., Path], row: dict[str, str], message: str
) -> None:
    good = {
        "council_code": "E06009999",
        "council_short_name": "Anywhere",
        "edition": "2024",
        "icb_code": "QAA",
        "lsoa21_count": "10",
        "share_of_lsoas": "1.0000",
    }
    overlaps = write("b.csv", [{**good, **row}], OVERLAP_COLUMNS)
    (found,) = messages(write("a.csv", [BOARD, COUNCIL, TRUST]), overlaps)
    assert found.startswith("b.csv, row 2, ")
    assert message in found


def test_a_file_that_cannot_be_read_is_said_to_be_so(db: None, tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"code,name\nQ,Caf\xe9\n")
    (tmp_path / "short.csv").write_text("code,name\nQAA,Board\n")
    (tmp_path / "empty.csv").write_text(",".join(ORGANISATION_COLUMNS) + "\n")
    assert messages(tmp_path / "no.csv") == [
        "no.csv: The file cannot be read: No such file or directory."
    ]
    assert "not a CSV file in UTF-8" in messages(tmp_path / "latin.csv")[0]
    assert 'no column "code_system", "kind", "parent_code"' in messages(tmp_path / "short.csv")[0]
    assert messages(tmp_path / "empty.csv") == [
        "empty.csv: The file has no rows below its headings."
    ]


def test_the_command_fails_and_lists_every_problem(db: None, write: Callable[..., Path]) -> None:
    path = write("a.csv", [{**BOARD, "kind": "club"}, {**TRUST, "opened": "soon"}])
    out = StringIO()
    with pytest.raises(CommandError, match=r"Nothing was changed\. Problems: 2\."):
        call_command("load_organisations", str(path), stdout=out)
    assert [line.split(":")[0] for line in out.getvalue().splitlines()] == [
        'a.csv, row 2, "kind"',
        'a.csv, row 3, "opened"',
    ]


def test_the_lengths_that_are_checked_are_those_of_the_table() -> None:
    for column, longest in LONGEST.items():
        assert Organisation._meta.get_field(column).max_length == longest


# --- the shipped files --------------------------------------------------------------------------
@pytest.fixture
def register(db: None) -> None:
    report = load_register(ORGANISATIONS, OVERLAPS)
    assert report.problems == []


def successors(code: str) -> set[tuple[str, str, str]]:
    rows = Succession.objects.filter(predecessor__code=code)
    return {(row.successor.code, row.kind, str(row.on)) for row in rows}


def predecessors(code: str) -> dict[str, str]:
    rows = Succession.objects.filter(successor__code=code, on="2026-04-01")
    return {row.predecessor.code: row.kind for row in rows}


def test_the_boards_of_april_2026_come_out_right(register: None) -> None:
    boards = Organisation.objects.filter(kind=Kind.ICB)
    assert boards.open_on(date(2026, 3, 31)).count() == 42
    assert boards.open_on(date(2026, 4, 1)).count() == 36
    assert boards.closed_by(date(2026, 4, 1)).count() == 12
    assert {
        board.code: predecessors(board.code) for board in boards.filter(opened="2026-04-01")
    } == {
        "S1Y5D": {"QHG": "merger", "QUE": "merger", "QM7": "split"},
        "D7T5G": {"QH8": "merger", "QM7": "split", "QJG": "split"},
        "T6Y0W": {"QMM": "merger", "QJG": "split"},
        "Z9B2Z": {"QRV": "merger", "QMJ": "merger"},
        "S0E4D": {"QU9": "merger", "QNQ": "split"},
        "S9B9J": {"QXU": "merger", "QNX": "merger", "QNQ": "split"},
    }
    assert predecessors("QRL") == {"QNQ": "split"}


def test_national_bodies_passed_on_what_they_did(register: None) -> None:
    assert successors("NAT-HEE") == {("NAT-NHSE", "merger", "2023-04-01")}
    assert successors("NAT-DLUHC") == {("NAT-MHCLG", "rename", "2024-07-09")}
    assert successors("NAT-TOPSS") == {("NAT-SFC", "rename", "2005-04-01")}
    assert {kind for _, kind, _ in successors("NAT-ADSS")} == {"split"}
    assert successors("RR1") == {("RRK", "merger", "2018-04-02")}


def test_every_commissioning_group_closed_and_has_a_successor(register: None) -> None:
    groups = Organisation.objects.filter(kind=Kind.CCG)
    assert groups.count() == 106
    assert not groups.filter(closed=None).exists()
    assert not groups.filter(successions_out=None).exists()
    # Taken over by a body of another kind, so not renamed.
    assert not Succession.objects.filter(predecessor__kind=Kind.CCG, kind="rename").exists()
    assert Succession.objects.filter(predecessor__kind=Kind.CCG, kind="split").count() == 6


def test_only_the_local_government_association_reaches_all_councils(register: None) -> None:
    reaching = [o.code for o in Organisation.objects.all() if reach_of(o.kind) == Reach.SECTOR]
    assert reaching == ["NAT-LGA"]
    sides = dict(Organisation.objects.filter(code__startswith="NAT-").values_list("code", "side"))
    assert {code for code, side in sides.items() if side == "local_government"} == {
        f"NAT-{name}" for name in ("LGA", "WLGA", "ADASS", "ADSS", "ADCS", "SOLACE", "PPMA")
    }
    assert sides["NAT-HEE"] == sides["NAT-NHSCONF"] == "nhs"
    assert sides["NAT-CQC"] == sides["NAT-DHSC"] == sides["NAT-BASW"] == "other"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("QWO", {"NHS West Yorkshire ICB", "West Yorkshire ICB", "E54000054"}),
        ("E08000035", {"Leeds", "LDS"}),
        ("E06000010", {"Kingston upon Hull, City of", "Kingston upon Hull"}),
        ("QRL", {"E54000067", "E54000042"}),
        ("CCG-15N", {"15N", "E38000230"}),
        ("NAT-DHSC", {"DHSC", "Department of Health"}),
        ("NAT-SOLACE", {"Solace"}),
        (
            "RA7",
            {
                "University Hospitals Bristol and Weston NHS Foundation Trust",
                "University Hospitals Bristol NHS Foundation Trust",
            },
        ),
    ],
)
def test_bodies_are_found_by_their_other_names(register: None, code: str, names: set[str]) -> None:
    known = set(Alias.objects.filter(organisation__code=code).values_list("name", flat=True))
    assert names <= known


def test_overlaps_begin_on_the_first_of_april_of_their_edition(register: None) -> None:
    editions = Area.objects.values_list("edition", "valid_from").distinct()
    assert {edition: str(day) for edition, day in editions} == {
        "2024": "2024-04-01",
        "2026-derived": "2026-04-01",
    }
