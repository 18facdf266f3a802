"""The mergers of 1 April 2026, replayed: the register of 2025, the plans as they are loaded and one
commitment more for each closed board as lead and as partner, then the register of 2026."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from commitments.models import Commitment
from organisations.loading import load_register
from organisations.models import Organisation, Succession
from organisations.succession import proposals
from tests import factories as make
from tests.organisations.succession import april

FIGURES = Path(settings.BASE_DIR) / "docs" / "figures" / "april-2026.md"


@pytest.fixture
def before(db, tmp_path) -> None:
    """The product on the last day of March 2026."""
    report = load_register(*april.register_of_2025(tmp_path))
    assert report.problems == []
    call_command("load_plans", stdout=open("/dev/null", "w"))  # noqa: SIM115
    plan = make.plan("GEN", title="Generated for the replay")
    other = Organisation.objects.get(code="QWO")
    for code in april.closed_boards():
        board = Organisation.objects.get(code=code)
        make.commitment(plan, board, reference=f"{code}-LEAD")
        make.commitment(plan, other, board, reference=f"{code}-PARTNER")


def test_the_register_of_2025_has_42_boards_and_knows_nothing_of_april(before):
    boards = Organisation.objects.filter(kind="icb")
    assert boards.open_on(april.LAST_DAY).count() == boards.open_on(april.FIRST_DAY).count() == 42
    assert not Succession.objects.filter(on__gte=april.FIRST_DAY).exists()


def test_no_promise_of_the_closed_boards_is_lost(before):
    platform = make.person("Pat Platform", is_platform_administrator=True)
    promised = {(p.pk, p.organisation_id, p.name) for p in april.parties_of_closed()}
    commitments = Commitment.objects.count()
    earlier = april.count(april.parties_of_closed(), platform, april.LAST_DAY)
    assert all(row.answered == {row.code: row.parties} for row in earlier)

    report = load_register(april.ORGANISATIONS, april.OVERLAPS)
    assert report.problems == []

    assert Commitment.objects.count() == commitments
    assert {(p.pk, p.organisation_id, p.name) for p in april.parties_of_closed()} == promised
    same_day_before = april.count(april.parties_of_closed(), platform, april.LAST_DAY)
    assert [row.answered for row in same_day_before] == [row.answered for row in earlier]
    counts = april.count(april.parties_of_closed(), platform, april.FIRST_DAY)
    print("\n" + april.table(counts))
    assert len(counts) == 12
    assert [row.lost for row in counts] == [0] * 12
    assert all(sum(row.answered.values()) + row.waiting == row.parties >= 2 for row in counts)
    # Three boards were divided, and only what they promised waits.
    assert {row.code for row in counts if row.waiting} == {"QNQ", "QM7", "QJG"}
    assert all(not row.answered for row in counts if row.waiting)
    assert april.table(counts) in FIGURES.read_text(encoding="utf-8")


def test_the_newer_file_is_proposed_before_it_is_loaded_and_then_proposes_nothing(before):
    found = proposals.propose(april.ORGANISATIONS, april.OVERLAPS)
    assert not Organisation.objects.filter(code="S1Y5D").exists()
    by_sort = {sort: {p.code for p in found.found if p.sort == sort} for sort in proposals.SORTS}
    assert set(april.closed_boards()) <= by_sort["closing"]
    assert {"S1Y5D", "Z9B2Z", "D7T5G"} <= by_sort["opening"]
    assert {"QNQ", "QM7", "QJG"} <= by_sort["succession"]
    load_register(april.ORGANISATIONS, april.OVERLAPS)
    assert proposals.propose(april.ORGANISATIONS, april.OVERLAPS).found == []
