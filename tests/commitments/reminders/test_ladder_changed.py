"""A plan's ladder that is changed while its reminders are on their way."""

from datetime import date, timedelta

import pytest

from commitments.models import Commitment, Ladder, Reminder
from commitments.reminders import ledger
from organisations.models import Role
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db


def choose(promise: Commitment, *days: int) -> None:
    Ladder.objects.update_or_create(
        plan=promise.plan, defaults={"milestone_days": list(days), "milestone_escalation": 20}
    )


def states() -> dict[str, tuple[str, str]]:
    return {row.stage: (row.state, row.cause) for row in Reminder.objects.all()}


@pytest.fixture
def step(cast: Cast, promise: Commitment, today: date) -> None:
    """A milestone due today that our trust's contributor owns."""
    factories.milestone(promise, forecast=TODAY, owner=cast.trust)


def test_a_stage_that_lies_before_what_was_sent_is_not_sent_after_it(
    promise: Commitment, step: None, send: Send
) -> None:
    assert send(TODAY)["sent"] == 1
    choose(promise, -20, -5, 3)
    assert send(TODAY)["sent"] == 0
    assert states() == {
        "on_day": ("sent", ""),
        "before_5": ("withheld", "overtaken"),
    }
    assert "19 November 2026" in Reminder.objects.get(stage="before_5").reason
    assert send(TODAY)["withheld"] == 0
    assert send(date(2026, 11, 24))["sent"] == 1


def test_a_stage_that_is_added_and_nobody_was_told_since_is_sent(
    promise: Commitment, step: None, send: Send
) -> None:
    send(TODAY)
    choose(promise, 0, 2)
    assert send(date(2026, 11, 24))["sent"] == 1
    assert Reminder.objects.get(stage="after_2").state == "sent"


def test_a_stage_that_is_dropped_while_it_waits_says_so_and_comes_back_with_the_ladder(
    promise: Commitment, step: None, send: Send
) -> None:
    send(TODAY - timedelta(days=1))
    ledger.plan(TODAY)
    assert states()["on_day"] == ("planned", "")
    choose(promise, -1, 5)
    assert send(TODAY)["sent"] == 0
    assert Reminder.objects.get(stage="on_day").reason == "The plan no longer reminds at this stage"
    choose(promise, -1, 0, 5)
    assert send(TODAY)["sent"] == 1
    assert states() == {"before_1": ("sent", ""), "on_day": ("sent", "")}


def test_an_escalation_that_is_put_off_while_it_waits_comes_on_its_new_day(
    cast: Cast, bodies: Bodies, promise: Commitment, step: None, send: Send
) -> None:
    factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    send(TODAY)
    ledger.plan(date(2026, 12, 10))
    assert states()["escalation"] == ("planned", "")
    choose(promise, 0)
    send(date(2026, 12, 10))
    assert states()["escalation"] == ("withheld", "overtaken")
    send(date(2026, 12, 17))
    assert states()["escalation"] == ("sent", "")


def test_a_ladder_without_stages_is_not_taken_for_a_person_who_has_gone(
    promise: Commitment, step: None, send: Send
) -> None:
    ledger.plan(TODAY)
    choose(promise)
    send(TODAY)
    assert Reminder.objects.get(stage="on_day").reason == "The plan no longer reminds at this stage"
