"""The demonstration: there once, marked, and gone with one command."""

import shutil
import stat
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from commitments.dates import working_days_between
from commitments.demonstration import load
from commitments.loading import load_plans
from commitments.models import (
    Comment,
    Commitment,
    Evidence,
    Figure,
    Milestone,
    Plan,
    ProgressUpdate,
    Round,
)
from commitments.ratings import with_ratings
from organisations.loading import ORGANISATIONS, load_register
from organisations.models import Membership, User
from organisations.writing import undone
from tests import factories
from tests.conftest import TODAY, quickly

PEOPLE = {"lead", "council", "trust", "lga", "viewer", "admin"}


@pytest.fixture(scope="module")
def first_run(
    django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The register, the plans and the demonstration, as the first start makes them; once for this
    file, tests undo only what they do."""
    folder = tmp_path_factory.mktemp("demonstration")
    with django_db_blocker.unblock(), undone():
        load_register(ORGANISATIONS)
        load_plans(today=TODAY)
        with quickly(), time_machine.travel(f"{TODAY} 10:00 +0000", tick=False):
            load(TODAY, folder)
        yield folder


@pytest.fixture
def shown(first_run: Path, db: None, tmp_path: Path, settings, today: date) -> Path:
    """A data folder of the test's own, with the password that the first start made."""
    settings.DATA_DIR = tmp_path
    settings.EMBEDDED = True
    shutil.copy2(first_run / "demo-password.txt", tmp_path)
    return tmp_path


def count() -> list[int]:
    models = (Commitment, Milestone, Plan, Figure, ProgressUpdate, Round, User, Membership)
    return [model._default_manager.count() for model in models]


def test_every_account_can_sign_in_with_the_kept_password(shown: Path, client: Client) -> None:
    file = shown / "demo-password.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    users = User.objects.filter(is_demonstration=True)
    assert {user.email.split("@")[0] for user in users} == PEOPLE
    for user in users:
        assert client.login(email=user.email, password=file.read_text().strip()), user
    assert not any(user.check_password("") for user in users)


def test_accounts_hold_the_roles_they_are_named_after(shown: Path) -> None:
    held = {
        m.user.email.split("@")[0]: (m.role, m.organisation.code)
        for m in Membership.objects.select_related("user", "organisation")
    }
    assert held == {
        "lead": ("programme_lead", "QWO"),
        "council": ("contributor", "E08000035"),
        "trust": ("contributor", "RY6"),
        "lga": ("reviewer", "NAT-LGA"),
        "viewer": ("viewer", "QOQ"),
    }
    assert User.objects.get(is_platform_administrator=True).email == "admin@demo.example"


def test_everything_made_up_is_marked_and_says_so(shown: Path) -> None:
    plan = Plan.objects.get(is_demonstration=True)
    assert plan.code == "DEMO-WY" and plan.visibility == "internal"
    assert not plan.commitments.filter(is_demonstration=False).exists()
    made_up = Milestone.objects.filter(is_demonstration=True)
    assert made_up.exclude(commitment__plan=plan).count() == 8
    assert not made_up.exclude(title__startswith="Demonstration: ").exists()
    assert not Milestone.objects.filter(commitment__plan=plan, is_demonstration=False).exists()
    assert not Figure.objects.filter(measure__commitment__plan=plan, is_demonstration=False)
    assert not ProgressUpdate.objects.filter(is_demonstration=False).exists()
    # No figure on a published commitment is made up.
    assert not Figure.objects.exclude(measure__commitment__plan=plan).filter(is_demonstration=True)


@pytest.mark.parametrize("who", ["lead", "trust"])
def test_there_is_something_late_and_something_due_for(shown: Path, who: str) -> None:
    mine = Milestone.objects.open().filter(owner__email=f"{who}@demo.example")
    days = [working_days_between(TODAY, m.due_date) for m in mine]
    assert any(number < 0 for number in days) and any(0 < number <= 2 for number in days)


def test_a_round_is_open_and_every_rating_is_to_be_seen(shown: Path) -> None:
    plan = Plan.objects.get(code="DEMO-WY")
    (round_,) = plan.rounds.open_on(TODAY)  # type: ignore[attr-defined]
    assert 0 < working_days_between(TODAY, round_.closes_on) <= 5
    ratings = {
        c.reference: c.evidence_rating  # type: ignore[attr-defined]
        for c in with_ratings(plan.commitments.all(), TODAY)  # type: ignore[arg-type]
    }
    assert set(ratings.values()) >= {"red", "amber", "complete", "no_evidence"}, ratings
    joint = plan.commitments.filter(standing__is_joint=True)
    assert joint.count() == plan.commitments.count()


def test_a_later_run_places_nothing_twice_and_moves_nothing(shown: Path) -> None:
    before = count(), list(Milestone.objects.order_by("pk").values_list("due_date", "version"))
    password = (shown / "demo-password.txt").read_text()
    with time_machine.travel(TODAY + timedelta(days=30), tick=False):
        call_command("load_demonstration", stdout=StringIO())
    assert before == (
        count(),
        list(Milestone.objects.order_by("pk").values_list("due_date", "version")),
    )
    assert (shown / "demo-password.txt").read_text() == password


def test_the_plans_can_be_loaded_again_over_it(shown: Path) -> None:
    report = load_plans(today=TODAY)
    assert report.commitments["unchanged"] == 303 and not report.kept


def test_a_lost_password_is_made_anew(shown: Path, client: Client) -> None:
    (shown / "demo-password.txt").unlink()
    call_command("load_demonstration", stdout=StringIO())
    password = (shown / "demo-password.txt").read_text().strip()
    assert client.login(email="lead@demo.example", password=password)


def test_one_command_removes_all_of_it_for_good(shown: Path) -> None:
    call_command("remove_demonstration", stdout=StringIO())

    for model in (
        Comment, Commitment, Evidence, Milestone, Plan, Figure, ProgressUpdate, Round, User
    ):  # fmt: skip
        assert not model._default_manager.filter(is_demonstration=True).exists(), model
    assert not (shown / "demo-password.txt").exists()
    assert Commitment.objects.count() == 303 and Milestone.objects.count() == 11
    out = StringIO()
    call_command("load_demonstration", stdout=out)
    assert "was removed" in out.getvalue() and not User.objects.exists()
    call_command("load_demonstration", "--again", stdout=out)
    assert Plan.objects.filter(code="DEMO-WY").exists() and User.objects.count() == 6


def test_an_account_that_did_something_that_stays_is_closed(shown: Path, client: Client) -> None:
    author = User.objects.get(email="trust@demo.example")
    commitment = Commitment.objects.get(reference="LCH-WS-001")
    body = author.memberships.get().organisation
    update = factories.update(commitment, author, body)
    password = (shown / "demo-password.txt").read_text().strip()
    out = StringIO()

    call_command("remove_demonstration", stdout=out)

    assert "Closed and kept" in out.getvalue() and "trust@demo.example" in out.getvalue()
    assert ProgressUpdate.objects.get().pk == update.pk
    assert User.objects.get().email == author.email
    assert not client.login(email=author.email, password=password)
    assert not Membership.objects.current().exists()
