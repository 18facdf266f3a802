"""Who is owed a reminder, when, and what withdraws it."""

from datetime import date, datetime
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commitments.models import Commitment, Milestone, Party, Reminder
from commitments.reminders import ledger
from organisations.models import Membership, Role, Succession
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.make_aware(datetime(2026, 1, 5))


def recipients() -> list[str]:
    return sorted(message.to[0].split("<")[0].strip(' "') for message in mail.outbox)


def states(**filters: Any) -> dict[str, str]:
    rows = Reminder.objects.filter(**filters).order_by("send_on")
    return {row.stage: row.cause or row.state for row in rows}


def test_the_owner_is_reminded_and_nobody_else(cast: Cast, promise: Commitment, send: Send) -> None:
    factories.milestone(promise, forecast=TODAY, owner=cast.lead)
    assert send(TODAY)["sent"] == 1
    assert recipients() == ["Lena Lead"]


def test_without_an_owner_those_who_report_for_the_lead_are_reminded(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    factories.person("Vic Viewer", (Role.VIEWER, bodies.trust))
    factories.milestone(promise, baseline=TODAY)
    assert send(TODAY)["sent"] == 2
    assert recipients() == ["Paula Programme", "Tariq Trust"]
    assert set(Reminder.objects.values_list("through", flat=True)) == {bodies.trust.pk}


def test_a_milestone_that_names_its_own_organisation_goes_there(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    factories.milestone(promise, forecast=TODAY, organisation=bodies.council)
    send(TODAY)
    assert recipients() == ["Cora Council"]


def test_somebody_with_two_roles_there_is_reminded_once(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    Membership.objects.create(user=cast.trust, organisation=bodies.trust, role=Role.PROGRAMME_LEAD)
    factories.milestone(promise, forecast=TODAY)
    assert send(TODAY)["sent"] == 1


def test_whoever_took_over_is_reminded_but_a_split_waits_for_a_person(
    cast: Cast, bodies: Bodies, send: Send
) -> None:
    old, middle, split = (factories.organisation(name) for name in ("Old", "Middle", "Split"))
    for before, after, kind in (
        (old, middle, "rename"),
        (middle, bodies.trust, "merger"),
        (split, bodies.council, "split"),
    ):
        Succession.objects.create(
            predecessor=before, successor=after, on=date(2026, 4, 1), kind=kind
        )
    plan = factories.plan()
    factories.milestone(factories.commitment(plan, old), forecast=TODAY)
    factories.milestone(factories.commitment(plan, split), forecast=TODAY)
    send(TODAY)
    assert recipients() == ["Tariq Trust"]
    Party.objects.filter(organisation=split).update(assigned_to=bodies.council)
    send(TODAY)
    assert recipients() == ["Cora Council", "Tariq Trust"]


def test_an_owner_who_has_left_counts_as_none(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    closed = factories.person("Ina Active", (Role.VIEWER, bodies.board), is_active=False)
    factories.milestone(promise, forecast=TODAY, owner=cast.nobody)
    factories.milestone(promise, forecast=TODAY, owner=closed)
    assert send(TODAY)["messages"] == 1
    assert recipients() == ["Tariq Trust"]


def test_nobody_is_reminded_of_what_is_not_open_not_dated_or_not_active(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    own = {"owner": cast.lead, "forecast": TODAY}
    factories.milestone(promise, state="complete", actual_on=TODAY, **own)
    factories.milestone(promise, state="cancelled", **own)
    factories.milestone(promise, owner=cast.lead)
    draft = factories.commitment(promise.plan, bodies.board, state="draft", draft_of=bodies.board)
    withdrawn = factories.commitment(promise.plan, bodies.board, state="withdrawn")
    factories.milestone(draft, **own)
    factories.milestone(withdrawn, **own)
    assert send(TODAY)["planned"] == 0
    assert not Reminder.objects.exists()


def test_an_owner_who_may_not_see_the_commitment_gets_nothing_until_they_may(
    cast: Cast, bodies: Bodies, send: Send
) -> None:
    plan = factories.plan(visibility="internal", owner=bodies.board)
    hidden = factories.commitment(plan, bodies.trust)
    factories.milestone(hidden, forecast=TODAY, owner=cast.viewer)
    first = send(TODAY)
    assert (first["sent"], first["withheld"]) == (0, 1)
    assert states() == {"on_day": "access"}
    again = send(TODAY)
    assert (again["planned"], again["sent"], again["withheld"]) == (0, 0, 0)
    Membership.objects.create(user=cast.viewer, organisation=bodies.board, role=Role.VIEWER)
    assert send(TODAY)["sent"] == 1
    assert recipients() == ["Vera Viewer"]


def test_each_stage_is_sent_once_as_the_days_go_by(
    cast: Cast, promise: Commitment, send: Send, settings
) -> None:
    settings.REMINDERS_PER_PERSON_A_DAY = 100  # all of these days pass on one day of the clock
    Milestone.objects.filter(
        pk=factories.milestone(promise, forecast=TODAY, owner=cast.lead).pk
    ).update(created_at=LONG_AGO)
    days = [date(2026, 10, 7), date(2026, 10, 8), date(2026, 10, 9), date(2026, 11, 10)]
    days += [date(2026, 11, 18), TODAY, date(2026, 11, 20), date(2026, 11, 30), date(2026, 12, 9)]
    days += [date(2026, 12, 10), date(2027, 6, 1)]
    sent = [send(day)["sent"] for day in days]
    assert sent == [0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0]
    assert set(states().values()) == {"sent"}


def test_after_an_outage_only_the_most_advanced_stage_is_sent(
    cast: Cast, promise: Commitment, send: Send
) -> None:
    step = factories.milestone(promise, forecast=TODAY, owner=cast.lead)
    Milestone.objects.filter(pk=step.pk).update(created_at=LONG_AGO)
    assert send(date(2026, 10, 8))["sent"] == 1
    result = send(date(2026, 11, 23))
    assert (result["planned"], result["sent"], result["withheld"]) == (1, 1, 3)
    assert states() == {
        "before_30": "sent",
        "before_7": "overtaken",
        "before_1": "overtaken",
        "on_day": "overtaken",
        "after_1": "sent",
    }
    reasons = set(Reminder.objects.filter(cause="overtaken").values_list("reason", flat=True))
    assert reasons == {"Overtaken by the reminder 1 working day after"}


def test_a_milestone_made_late_has_not_missed_the_stages_before_it_was_made(
    cast: Cast, promise: Commitment, send: Send, today: date
) -> None:
    factories.milestone(promise, forecast=TODAY, owner=cast.lead)
    send(TODAY)
    assert states() == {"on_day": "sent"}


def test_a_long_outage_does_not_lose_what_was_begun(
    cast: Cast, promise: Commitment, send: Send
) -> None:
    factories.milestone(promise, forecast=TODAY, owner=cast.lead)
    send(TODAY)
    assert send(date(2027, 4, 1))["sent"] == 1
    assert states()["after_14"] == "sent"


def test_what_was_long_late_before_the_ledger_saw_it_is_not_mailed(
    cast: Cast, promise: Commitment, send: Send
) -> None:
    factories.milestone(promise, forecast=date(2026, 10, 7), owner=cast.lead)
    factories.milestone(promise, forecast=date(2019, 3, 31), owner=cast.lead)
    assert send(TODAY)["planned"] == 0
    factories.milestone(promise, forecast=date(2026, 10, 8), owner=cast.lead)
    assert send(TODAY)["sent"] == 1
    assert states() == {"after_14": "sent"}


def test_at_the_weekend_what_friday_missed_is_sent_and_nothing_new(
    cast: Cast, promise: Commitment, send: Send
) -> None:
    factories.milestone(promise, forecast=date(2026, 11, 22), owner=cast.lead)
    assert send(date(2026, 11, 21))["sent"] == 1
    assert send(date(2026, 11, 22))["sent"] == 0
    assert "Due tomorrow" in mail.outbox[0].body


def test_a_moved_date_arms_the_reminder_again(cast: Cast, promise: Commitment, send: Send) -> None:
    step = factories.milestone(promise, forecast=TODAY, owner=cast.lead)
    send(TODAY)
    step.forecast = factories.fuzzy(date(2026, 12, 3))
    step.save()
    assert send(TODAY)["sent"] == 1
    assert send(date(2026, 12, 3))["sent"] == 1
    due = set(Reminder.objects.filter(state="sent").values_list("stage", "due_on"))
    assert due == {
        ("on_day", TODAY),
        ("before_30", date(2026, 12, 3)),
        ("on_day", date(2026, 12, 3)),
    }


@pytest.fixture
def unsent(cast: Cast, promise: Commitment, send: Send, settings) -> Milestone:
    """A milestone of our trust, due today, whose reminder could not be delivered yet."""
    step = factories.milestone(promise, forecast=TODAY, title="Rota agreed")
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    result = send(TODAY)
    assert (result["planned"], result["sent"], result["failed"]) == (1, 0, 1)
    settings.EMAIL_BACKEND = backend
    return step


def test_an_unreachable_mail_server_delays_and_loses_nothing(unsent: Milestone, send: Send) -> None:
    row = Reminder.objects.get()
    assert (row.state, row.attempts) == ("planned", 0)
    assert row.reason.startswith("The mail server cannot be reached")
    assert send(TODAY)["sent"] == 1
    row.refresh_from_db()
    assert (row.state, row.reason, row.attempts) == ("sent", "", 1)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"state": "complete", "actual_on": TODAY}, "complete"),
        ({"state": "cancelled"}, "cancelled"),
        ({"forecast_date": date(2027, 6, 1)}, "moved"),
        ({"forecast_date": None, "forecast_precision": "none"}, "moved"),
    ],
)
def test_what_happens_to_a_milestone_withdraws_what_is_not_sent_and_undoing_it_sends(
    unsent: Milestone, change: dict[str, Any], cause: str, send: Send
) -> None:
    same = Milestone.objects.filter(pk=unsent.pk)
    before = same.values("state", "actual_on", "forecast_date", "forecast_precision").get()
    same.update(**change)
    result = send(TODAY)
    assert (result["sent"], result["withheld"]) == (0, 1)
    assert states() == {"on_day": cause}
    same.update(**before)
    assert send(TODAY)["sent"] == 1
    assert states() == {"on_day": "sent"}


def test_the_reason_names_the_new_date(unsent: Milestone, send: Send) -> None:
    Milestone.objects.filter(pk=unsent.pk).update(forecast_date=date(2027, 6, 1))
    send(TODAY)
    assert Reminder.objects.get().reason == "The date was moved to 1 June 2027"


def test_losing_the_role_the_milestone_or_the_commitment_withdraws(
    unsent: Milestone, cast: Cast, send: Send
) -> None:
    Commitment.objects.filter(pk=unsent.commitment_id).update(state="withdrawn")
    send(TODAY)
    assert states() == {"on_day": "commitment"}
    Commitment.objects.filter(pk=unsent.commitment_id).update(state="active")
    Membership.objects.filter(user=cast.trust).update(ended_at=timezone.now())
    send(TODAY)
    assert states() == {"on_day": "commitment"}  # it was never armed again: nobody was owed it
    assert mail.outbox == []


def test_a_role_that_ended_withdraws(unsent: Milestone, cast: Cast, send: Send) -> None:
    Membership.objects.filter(user=cast.trust).update(ended_at=timezone.now())
    assert send(TODAY)["withheld"] == 1
    assert states() == {"on_day": "person"}


def test_a_removed_milestone_withdraws(unsent: Milestone, send: Send) -> None:
    unsent.delete()
    assert send(TODAY)["withheld"] == 1
    assert states() == {"on_day": "removed"}


def test_the_next_stage_overtakes_what_could_not_be_sent(unsent: Milestone, send: Send) -> None:
    result = send(date(2026, 11, 20))
    assert (result["planned"], result["sent"], result["withheld"]) == (1, 1, 1)
    assert states() == {"on_day": "overtaken", "after_1": "sent"}


def test_a_new_owner_takes_the_reminder_over(unsent: Milestone, cast: Cast, send: Send) -> None:
    Milestone.objects.filter(pk=unsent.pk).update(owner=cast.lead)
    send(TODAY)
    assert recipients() == ["Lena Lead"]
    assert states(person=cast.trust) == {"on_day": "person"}


def test_planning_costs_the_same_however_much_there_is(
    cast: Cast, bodies: Bodies, promise: Commitment
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            ledger.plan(TODAY)
        return len(queries)

    factories.milestone(promise, forecast=TODAY)
    few = cost()
    for number in range(20):
        person = factories.person(f"Person {number}", (Role.CONTRIBUTOR, bodies.trust))
        factories.milestone(promise, forecast=TODAY, owner=person)
        factories.milestone(promise, forecast=date(2026, 11, 30))
    many = cost()
    assert Reminder.objects.count() > 400
    assert many == few < 15
