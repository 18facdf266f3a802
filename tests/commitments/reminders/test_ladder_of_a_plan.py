"""A plan's own ladder, escalation, updates owed in a round, uploads that wait."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from commitments.models import Commitment, Ladder, Plan, Reminder, Upload
from commitments.reminders.ladder import in_words, label, rungs
from organisations.models import Role
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db
FORM = {
    "milestone_before": "20 and 5",
    "milestone_on": "on",
    "milestone_after": "3",
    "milestone_escalation": "10",
    "update_before": "2",
    "update_after": "",
    "update_escalation": "4",
    "senior_owner": "",
}


def told(**filters: object) -> list[tuple[str, str, str]]:
    rows = Reminder.objects.filter(state="sent", **filters).order_by("send_on", "person__name")
    return [(str(row.person), row.kind, row.stage) for row in rows]


def test_a_ladder_is_said_in_words() -> None:
    assert in_words(rungs([-30, -7, -1, 0, 1, 7])) == (
        "30, 7 and 1 working days before, on the day, 1 and 7 working days after"
    )
    assert in_words(rungs([1], 5)) == "1 working day after"
    assert [label(code) for code in ("before_1", "on_day", "after_14", "escalation")] == [
        "1 working day before",
        "on the day",
        "14 working days after",
        "escalation",
    ]


def test_the_programme_lead_changes_when_a_plan_reminds(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, sign_in, today: date
) -> None:
    Plan.objects.update(owner=bodies.board)
    address = f"/plans/{promise.plan.code}/reminders/"
    client = sign_in(cast.lead)
    assert address in client.get(f"/plans/{promise.plan.code}/").content.decode()
    assert 'value="30, 7, 1"' in client.get(address).content.decode()
    response = client.post(address, FORM | {"senior_owner": cast.administrator.pk})
    assert response.status_code == 302
    ladder = Ladder.objects.get()
    assert (ladder.milestone_days, ladder.update_days) == ([-20, -5, 0, 3], [-2])
    assert ladder.senior_owner == cast.administrator
    factories.milestone(promise, forecast=date(2026, 11, 26), owner=cast.trust)
    assert send(TODAY)["sent"] == 1
    assert told() == [("Tariq Trust", "milestone", "before_5")]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"milestone_before": "soon"}, "“soon” is not a number of days"),
        ({"milestone_escalation": "3"}, "Escalation comes after the last reminder"),
        ({"milestone_escalation": "0"}, "Use a number from 1 to 30"),
        ({"update_escalation": "31"}, "Use a number from 1 to 30"),
        ({"milestone_before": "61"}, "Use at most 60 working days before and 29 after"),
        ({"milestone_after": "30", "milestone_escalation": "30"}, "before and 29 after"),
        ({"milestone_after": "0, 3"}, "0 is the day itself: tick the box for it"),
        ({"milestone_before": "1000"}, "Use at most 60 working days"),
    ],
)
def test_what_cannot_be_a_ladder_is_said(
    cast: Cast, bodies: Bodies, promise: Commitment, sign_in, wrong, words, today: date
) -> None:
    Plan.objects.update(owner=bodies.board)
    response = sign_in(cast.lead).post(f"/plans/{promise.plan.code}/reminders/", FORM | wrong)
    text = response.content.decode().replace("&quot;", '"').replace('"soon"', "“soon”")
    assert words in text
    assert "use more than 30" not in text
    assert not Ladder.objects.exists()


def test_the_ladder_is_for_those_who_edit_the_plan(
    cast: Cast, bodies: Bodies, promise: Commitment, sign_in
) -> None:
    Plan.objects.update(owner=bodies.board)
    for person, status in ((cast.lead, 200), (cast.platform, 200), (cast.trust, 403)):
        address = f"/plans/{promise.plan.code}/reminders/"
        assert sign_in(person).get(address).status_code == status, person


def test_what_stays_open_is_escalated_to_programme_leads_and_the_senior_owner(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    paula = factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    sarah = factories.person("Sarah Senior", (Role.VIEWER, bodies.board))
    Ladder.objects.create(plan=promise.plan, senior_owner=sarah)
    factories.milestone(promise, "Rota agreed", forecast=TODAY, owner=cast.trust)
    for day in (TODAY, date(2026, 12, 9)):
        send(day)
    mail.outbox.clear()
    assert send(date(2026, 12, 10))["sent"] == 2
    assert told(stage="escalation") == [
        ("Paula Programme", "milestone", "escalation"),
        ("Sarah Senior", "milestone", "escalation"),
    ]
    bodies_ = {message.to[0].split("<")[0].strip(): message.body for message in mail.outbox}
    assert "ESCALATED TO YOU" in bodies_["Paula Programme"]
    assert "you lead the programme at Leeds Community" in bodies_["Paula Programme"]
    assert "you are the senior responsible owner" in bodies_["Sarah Senior"]
    assert send(date(2026, 12, 11))["sent"] == 0
    assert {paula.pk, sarah.pk} == set(
        Reminder.objects.filter(stage="escalation").values_list("person", flat=True)
    )


def test_without_a_programme_lead_there_those_of_the_plan_are_told(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    Plan.objects.update(owner=bodies.board)
    factories.milestone(promise, forecast=TODAY)
    send(TODAY)
    send(date(2026, 12, 10))
    assert told(stage="escalation") == [("Lena Lead", "milestone", "escalation")]


def test_two_plans_with_different_ladders_each_keep_to_their_own(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    other = factories.commitment(factories.plan("ZZZ"), bodies.trust)
    Ladder.objects.create(plan=other.plan, milestone_days=[-3], milestone_escalation=5)
    for commitment in (promise, other):
        factories.milestone(commitment, forecast=date(2026, 11, 24), owner=cast.trust)
    send(TODAY)
    stages = Reminder.objects.values_list("commitment__plan__code", "stage")
    assert ("ZZZ", "before_3") in stages
    assert ("WYP", "before_7") in stages
    assert not {("WYP", "before_3"), ("ZZZ", "before_7")} & set(stages)


def test_an_update_owed_in_a_round_is_reminded_of_until_it_is_given(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, today: date
) -> None:
    factories.round_(promise.plan, date(2026, 11, 2), date(2026, 11, 20), name="Round 3")
    assert send(TODAY)["sent"] == 1
    assert told() == [("Tariq Trust", "update", "before_1")]
    body = mail.outbox[0].body
    assert "UPDATES TO GIVE" in body
    assert "Due tomorrow: Round 3: update on Fill the bank shifts" in body
    assert "/commitments/WYP/WYP-001/update/" in body
    assert send(date(2026, 11, 20))["sent"] == 1
    factories.update(promise, cast.trust, bodies.trust)
    assert send(date(2026, 11, 23))["sent"] == 0


def test_an_update_given_withdraws_the_reminder_that_could_not_be_sent(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, settings, today: date
) -> None:
    factories.round_(promise.plan, date(2026, 11, 2), date(2026, 11, 20))
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send(TODAY)
    settings.EMAIL_BACKEND = backend
    factories.update(promise, cast.trust, bodies.trust)
    send(TODAY)
    row = Reminder.objects.get(stage="before_1")
    assert (row.cause, row.reason) == ("reported", "An update was given")


def test_a_round_that_is_moved_reminds_again(cast: Cast, promise: Commitment, send: Send) -> None:
    round_ = factories.round_(promise.plan, date(2026, 11, 2), TODAY)
    send(TODAY)
    round_.closes_on, round_.extension_reason = date(2026, 11, 26), "Figures come late"
    round_.save()
    assert send(TODAY)["sent"] == 1
    assert {row[2] for row in told()} == {"on_day", "before_5"}


def test_a_round_to_come_owes_nothing_and_a_new_one_ends_the_old(
    cast: Cast, promise: Commitment, send: Send
) -> None:
    factories.round_(promise.plan, date(2026, 11, 23), date(2026, 11, 27))
    assert send(TODAY)["sent"] == 0
    assert send(date(2026, 11, 23))["sent"] == 1


def upload_of(cast: Cast, bodies: Bodies, plan: Plan, brought: date, **fields: object) -> Upload:
    made = Upload.objects.create(
        plan=plan,
        organisation=bodies.board,
        uploaded_by=cast.lead,
        filename="actions.xlsx",
        size=1,
        **{"state": "checked", **fields},
    )
    at = timezone.make_aware(datetime(brought.year, brought.month, brought.day, 11))
    Upload.objects.filter(pk=made.pk).update(created_at=at)
    return made


def test_a_file_that_waits_two_working_days_is_told_to_who_brought_it(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    Plan.objects.update(owner=bodies.board)
    upload = upload_of(cast, bodies, promise.plan, date(2026, 11, 17))
    assert send(date(2026, 11, 18))["sent"] == 0
    assert send(TODAY)["sent"] == 1
    assert told() == [("Lena Lead", "upload", "after_2")]
    [message] = mail.outbox
    assert message.subject == "Waiting, brought 2 days ago: actions.xlsx"
    assert f"/uploads/{upload.pk}/" in message.body
    assert "you brought this file" in message.body
    Upload.objects.update(state="discarded")
    assert send(TODAY + timedelta(days=20))["sent"] == 0


@pytest.mark.parametrize("state", Upload.OPEN)
def test_a_file_is_told_whatever_it_waits_for(
    state: str, cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    Plan.objects.update(owner=bodies.board)
    upload_of(cast, bodies, promise.plan, date(2026, 11, 17), state=state)
    assert send(TODAY)["sent"] == 1
    assert "brought on Tuesday 17 November 2026, not applied yet" in mail.outbox[0].body
    Upload.objects.update(state="discarded")
    assert send(date(2026, 11, 26))["sent"] == 0


def test_a_file_that_the_person_may_no_longer_see_is_not_mentioned(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    Plan.objects.update(owner=bodies.other_board)
    upload_of(cast, bodies, promise.plan, date(2026, 11, 17))
    assert send(TODAY)["withheld"] == 1
    assert Reminder.objects.get().cause == "access"
