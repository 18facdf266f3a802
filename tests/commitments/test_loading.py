"""Loading the published plans that ship with the tracker."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.loading import FILES
from commitments.models import Commitment, Figure, Measure, Milestone, Note, Party, Plan
from commitments.register.actions import change_commitment, complete_milestone
from organisations.loading import ORGANISATIONS, load_register
from organisations.writing import undone
from tests import factories
from tests.conftest import TODAY


@pytest.fixture(scope="module")
def first_load(django_db_setup: None, django_db_blocker) -> Iterator[dict]:
    """The shipped register and plans, loaded once for this file; tests undo only what they do."""
    with django_db_blocker.unblock(), undone():
        load_register(ORGANISATIONS)
        yield load()


@pytest.fixture
def loaded(first_load: dict, db: None) -> dict:
    """What the first load reported."""
    return first_load


def load(*files: Path) -> dict:
    out = StringIO()
    call_command("load_plans", *files, "--json", stdout=out)
    return json.loads(out.getvalue())


def rows() -> list[dict[str, str]]:
    found = []
    for file in (FILES[0], FILES[2]):
        with file.open(encoding="utf-8") as handle:
            found += list(csv.DictReader(handle))
    return found


def test_every_row_of_every_plan_is_in(loaded: dict) -> None:
    given = rows()
    assert loaded["problems"] == [] and len(given) == 314
    assert loaded["plans"]["new"] == Plan.objects.count() == 31
    assert Commitment.objects.count() == 303
    kept = {row["reference"] for row in given if row["row_type"] == "commitment"}
    assert set(Commitment.objects.values_list("reference", flat=True)) == kept
    # Progress and context are figures or notes, never commitments.
    assert loaded["figures"]["new"] + loaded["notes"]["new"] == 11
    assert Milestone.objects.count() == loaded["milestones"]["new"] == 11


def test_loading_again_changes_nothing_and_is_quick(loaded: dict) -> None:
    events = Commitment.pgh_event_model.objects.count()  # type: ignore[attr-defined]
    with CaptureQueriesContext(connection) as queries:
        again = load()
    assert again["commitments"] == {"new": 0, "changed": 0, "unchanged": 303}
    assert again["plans"] == {"new": 0, "changed": 0, "unchanged": 31}
    assert again["notes"]["unchanged"] + again["figures"]["unchanged"] == 11
    assert not again["kept"]
    assert Commitment.pgh_event_model.objects.count() == events  # type: ignore[attr-defined]
    written = ("INSERT", "UPDATE", "DELETE")
    assert not [q["sql"] for q in queries if q["sql"].lstrip().upper().startswith(written)]
    assert len(queries) < 15 * 31


def test_values_survive_as_given(loaded: dict) -> None:
    def measure(reference: str) -> Measure:
        return Measure.objects.get(commitment__reference=reference)

    joiners = measure("LTWP-053")
    assert (joiners.target_low, joiners.target_high) == (9, Decimal("10.5"))
    assert joiners.target_text == "9-10.5 % of joiners recruited overseas"
    assert (joiners.baseline_value, joiners.baseline_text, joiners.direction) == (
        25,
        "2022",
        "within",
    )
    nurses = measure("LTWP-012")
    assert (nurses.qualifier, nurses.unit, nurses.direction) == (
        "minimum",
        "places per year",
        "at_least",
    )
    assert measure("LTWP-051").unit == "£ billion" and measure("LTWP-051").target_low == Decimal(
        "2.4"
    )
    overseas = measure("10YHP-006")
    assert (overseas.qualifier, overseas.direction) == ("less_than", "at_most")
    assert measure("LTWP-016").qualifier == "approximate"
    doubled = measure("LTWP-002")
    assert doubled.name == "Medical school places" and doubled.target_low == 15000


def test_every_value_and_date_of_every_commitment_is_kept(loaded: dict) -> None:
    stored = {c.reference: c for c in Commitment.objects.prefetch_related("measures", "parties")}
    for row in rows():
        if row["row_type"] != "commitment":
            continue
        found = stored[row["reference"]]
        assert (found.title, found.target.text) == (row["title"], row["target_date"])
        if row["target_date_iso"]:
            assert found.target_date == date.fromisoformat(row["target_date_iso"]), row
        measures = list(found.measures.all())
        assert len(measures) == bool(row["target_value"] or row["baseline_value"])
        if measures:
            given = f"{row['target_value']} {row['target_unit']}".strip()
            assert measures[0].target_text == given
            assert measures[0].baseline_text == row["baseline_date"]
        names = [p.name for p in found.parties.all() if p.role == "lead"]
        assert "; ".join(names) == row["lead_org"]
        partners = [p.name for p in found.parties.all() if p.role == "partner"]
        assert "; ".join(partners) == row["partner_orgs"]


def test_a_class_of_bodies_keeps_its_name_and_side_and_is_nobody(loaded: dict) -> None:
    leads = Party.objects.filter(role="lead")
    assert {
        (p.name, p.side) for p in leads.filter(organisation=None).exclude(side="other")
    } == {
        ("Integrated care boards", "nhs"),
        ("NHS trusts", "nhs"),
        ("Clinical commissioning groups", "nhs"),
    }  # fmt: skip
    trusts = Commitment.objects.filter(parties__in=leads.filter(name="NHS trusts")).first()
    assert trusts and not trusts.standing.is_assigned


def test_several_leads_are_several_parties(loaded: dict) -> None:
    leads = Party.objects.filter(commitment__reference="ASC-CP-001", role="lead")
    assert [p.organisation.code for p in leads if p.organisation] == [
        "NAT-ADASS",
        "NAT-LGA",
        "NAT-SFC",
    ]


def test_joint_commitments_are_told_from_the_others(loaded: dict) -> None:
    joint = Commitment.objects.filter(standing__is_joint=True)
    assert joint.filter(reference="JFP2425-001").exists()
    assert not joint.filter(plan__code="LTHT-PP").exists()


def test_progress_is_a_figure_where_one_measure_counts_the_same(loaded: dict) -> None:
    figure = Figure.objects.get(measure__commitment__reference="LTWP-062")
    assert (figure.value, figure.period_text, figure.period_date) == (
        Decimal("8.1"),
        "2023-08",
        date(2023, 8, 31),
    )
    assert "LTWP-064" in figure.note and "9.4 % leaver rate (2022-08)" in figure.note
    assert not Note.objects.filter(reference="LTWP-064").exists()
    note = Note.objects.get(reference="MIDD-EST-001")
    assert (note.kind, note.value_text, note.baseline_text, note.when_text) == (
        "progress",
        "7.35 days per FTE",
        "10.45 days per FTE (2023/24)",
        "2024/25",
    )
    assert Note.objects.get(reference="SFC-WS-001").kind == "context"


def test_milestones_keep_the_words_of_their_source(loaded: dict) -> None:
    final = Milestone.objects.get(commitment__reference="IPP-ICS-011")
    assert (final.baseline_text, final.baseline_date, final.state) == (
        "autumn/winter 2019",
        date(2020, 2, 29),
        "not_started",
    )
    published = Milestone.objects.get(commitment__reference="LGA-IWIP-006")
    assert (published.actual_on, published.state) == (date(2019, 6, 3), "complete")
    assert published.slip_days == 34


def test_the_first_publisher_keeps_the_plan_and_others_keep_only_a_name(loaded: dict) -> None:
    plans = {plan.code: plan for plan in Plan.objects.select_related("owner")}
    owners = {code: plan.owner.code if plan.owner else None for code, plan in plans.items()}
    assert owners["LTWP"] == "NAT-NHSE" and owners["WY-JFP"] == "QWO"
    assert owners["LCH-WS"] == "RY6" and owners["IPP"] == "NAT-NHSI"
    assert owners["JFP2425"] is None and owners["LEEDS-OW"] is None
    assert {plan.visibility for plan in plans.values()} == {"public"}
    assert plans["ICSPF"].published_text == "2021-08" and plans["GPGP"].published_date is None


def test_only_headings_that_say_so_are_mapped(loaded: dict) -> None:
    plan = Plan.objects.get(code="SFC-WS")
    themes = dict(plan.pillars.values_list("name", "theme"))
    assert themes == {"Attract and retain": "retain", "Train": "train", "Transform": ""}


def test_what_people_changed_is_kept_and_reported(loaded: dict) -> None:
    person = factories.person("Pat Platform", is_platform_administrator=True)
    ours = Commitment.objects.get(reference="LTWP-002")
    change_commitment(
        by=person, commitment=ours, base_version=1, changes={"title": "Ours"}, today=TODAY
    )
    step = Milestone.objects.get(commitment__reference="LTPIF-001")
    complete_milestone(by=person, milestone=step, on=date(2019, 10, 1), today=TODAY)

    again = load()

    ours.refresh_from_db()
    step.refresh_from_db()
    assert ours.title == "Ours" and step.state == "complete"
    assert again["commitments"]["changed"] == 0
    assert len(again["kept"]) == 2
    assert any("LTWP-002" in line and "Title" in line for line in again["kept"])
