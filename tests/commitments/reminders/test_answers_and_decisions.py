"""Reminders of answers, nudges, changes to decide, disputes, comments, evidence, figures."""

from collections.abc import Callable
from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from commitments.evidence.actions import take_back, verify
from commitments.models import (
    BaselineChange,
    Comment,
    Commitment,
    Mention,
    Nudge,
    Plan,
    ProgressUpdate,
    Reminder,
    ReminderChoices,
    Review,
)
from commitments.reminders import preferences, sending
from commitments.reminders.tasks import sweep_reminders
from organisations.models import Role, Succession, User
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db
FRIDAY, MONDAY, TUESDAY = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)


def at(day: date, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


def told(**filters: object) -> list[tuple[str, str, str]]:
    rows = Reminder.objects.filter(state="sent", **filters)
    found = rows.order_by("send_on", "kind", "person__name")
    return [(str(row.person), row.kind, row.stage) for row in found]


def causes(**filters: object) -> dict[str, str]:
    return {r.kind: r.cause or r.state for r in Reminder.objects.filter(**filters)}


@pytest.fixture
def said(cast: Cast, bodies: Bodies, promise: Commitment) -> ProgressUpdate:
    """What our trust has reported."""
    return factories.update(promise, cast.trust, bodies.trust)


@pytest.fixture
def asked(said: ProgressUpdate, bodies: Bodies) -> Review:
    """Our council is asked for its answer, by Thursday 26 November."""
    return factories.review(said, bodies.council, asked_at=at(TODAY), due_on=date(2026, 11, 26))


@pytest.fixture
def unreachable(settings) -> Callable[[bool], None]:
    """`unreachable(True)` takes the mail server away, `unreachable(False)` brings it back."""
    working = settings.EMAIL_BACKEND

    def switch(away: bool) -> None:
        smtp = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_BACKEND = smtp if away else working
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    return switch


# --- answers of a joint review ------------------------------------------------------------------


def test_an_answer_is_asked_for_at_once_and_counted_to_its_day(
    cast: Cast, bodies: Bodies, asked: Review, send: Send, settings
) -> None:
    settings.REMINDERS_PER_PERSON_A_DAY = 100
    factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.council))
    assert send(TODAY)["sent"] == 1
    assert told() == [("Rhys Reviewer", "review_asked", "on_day")]
    body = mail.outbox[0].body
    assert "ANSWERS TO GIVE" in body and "you review for Leeds City Council" in body
    assert reverse("commitment_reviews", args=["WYP", "WYP-001"]) in body
    for day in (FRIDAY, MONDAY, TUESDAY, date(2026, 11, 25), date(2026, 11, 26)):
        send(day)
    assert told(kind="review") == [
        ("Rhys Reviewer", "review", "before_5"),
        ("Rhys Reviewer", "review", "before_2"),
        ("Paula Programme", "review", "escalation"),
        ("Rhys Reviewer", "review", "on_day"),
    ]


def test_the_sweep_of_every_few_minutes_tells_of_what_is_asked_and_of_nothing_else_new(
    cast: Cast, promise: Commitment, asked: Review, time_machine, unreachable
) -> None:
    time_machine.move_to(at(TODAY), tick=False)
    step = factories.milestone(promise, forecast=TODAY)
    assert sweep_reminders()["sent"] == 1
    assert causes() == {"review_asked": "sent"}
    sending.run(TODAY, now=at(TODAY))
    assert causes() == {"review_asked": "sent", "milestone": "sent"}
    # What waits of others is neither planned again nor withdrawn by it, what is asked is.
    Reminder.objects.update(state="planned", sent_at=None)
    unreachable(True)
    step.delete()
    asked.delete()
    sweep_reminders()
    assert causes() == {"review_asked": "removed", "milestone": "planned"}


def test_what_is_asked_goes_out_before_the_hour_and_besides_the_daily_message(
    cast: Cast, bodies: Bodies, promise: Commitment, asked: Review, send: Send, unreachable
) -> None:
    ReminderChoices.objects.create(person=cast.council_reviewer, digest_hour=18, weekly=True)
    factories.milestone(promise, forecast=TODAY, owner=cast.council_reviewer)
    unreachable(True)
    send(TODAY)
    ready = preferences.ready(at(FRIDAY))
    assert [row.kind for row in ready] == ["review_asked"]
    Reminder.objects.filter(kind="review_asked").update(state="sent", sent_at=at(FRIDAY))
    assert [row.kind for row in preferences.ready(at(FRIDAY, 19))] == ["milestone"]


def test_whoever_wrote_the_update_is_not_asked_and_heirs_are(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    old = factories.organisation("Old Council")
    Succession.objects.create(
        predecessor=old, successor=bodies.council, on=date(2026, 4, 1), kind="merger"
    )
    said = factories.update(promise, cast.council_reviewer, bodies.trust)
    factories.review(said, old, asked_at=at(TODAY))
    factories.person("Rita Reviewer", (Role.REVIEWER, bodies.council))
    send(TODAY)
    assert told() == [("Rita Reviewer", "review_asked", "on_day")]


@pytest.mark.parametrize("end", ["answered", "no_answer", "dropped", "replaced", "returned"])
def test_an_answer_that_is_no_longer_awaited_is_withdrawn(
    cast: Cast, asked: Review, send: Send, unreachable, end: str
) -> None:
    unreachable(True)
    send(TODAY)
    if end == "answered":
        Review.objects.update(
            state="agreed", answered_by=cast.council_reviewer, answered_at=timezone.now()
        )
    elif end == "replaced":
        ProgressUpdate.objects.update(state="replaced")
    elif end == "returned":
        ProgressUpdate.objects.update(
            state="returned", settled_by=cast.lead, settled_at=at(TODAY), settled_reason="Vague"
        )
    else:
        Review.objects.update(state=end, dropped_reason="It left")
    unreachable(False)
    send(TODAY)
    assert causes(kind="review_asked") == {"review_asked": "answered"}


def test_a_day_for_answers_that_is_moved_reminds_again(
    cast: Cast, asked: Review, send: Send
) -> None:
    send(FRIDAY)
    Review.objects.update(due_on=date(2026, 12, 1))
    send(TUESDAY)
    days = Reminder.objects.filter(kind="review", state="sent").values_list("due_on", flat=True)
    assert set(days) == {date(2026, 11, 26), date(2026, 12, 1)}


def test_whoever_may_not_see_the_commitment_is_told_nothing(
    cast: Cast, bodies: Bodies, said: ProgressUpdate, send: Send
) -> None:
    Plan.objects.update(visibility="internal", owner=bodies.board)
    factories.person("Stranger Reviewer", (Role.REVIEWER, bodies.other_trust))
    factories.review(said, bodies.other_trust, asked_at=at(TODAY))
    assert send(TODAY)["sent"] == 0
    assert causes() == {"review_asked": "access"}


def test_a_stand_in_and_a_choice_hold_for_what_is_urgent(
    cast: Cast, bodies: Bodies, asked: Review, send: Send
) -> None:
    stan = factories.person("Stan Din", (Role.VIEWER, bodies.council))
    rita = factories.person("Rita Reviewer", (Role.REVIEWER, bodies.council))
    ReminderChoices.objects.create(person=cast.council_reviewer, away_until=FRIDAY, stand_in=stan)
    ReminderChoices.objects.create(person=rita, no_email=["review_asked"])
    send(TODAY)
    assert told() == [("Stan Din", "review_asked", "on_day")]
    assert causes(person=rita) == {"review_asked": "choice"}
    assert causes(person=cast.council_reviewer) == {"review_asked": "away"}


# --- nudges -------------------------------------------------------------------------------------


def test_a_nudge_goes_once_to_those_who_can_do_what_it_asks_for(
    cast: Cast, bodies: Bodies, promise: Commitment, said: ProgressUpdate, send: Send
) -> None:
    round_ = factories.round_(promise.plan, date(2026, 11, 16), date(2026, 12, 31), name="Q3")
    ProgressUpdate.objects.update(round=round_, submitted_at=at(TODAY))
    factories.review(said, bodies.council, asked_at=at(date(2026, 9, 1)), due_on=date(2027, 1, 8))
    given = {"round": round_, "by": cast.lead, "on": TODAY, "number": 1}
    Nudge.objects.create(organisation=bodies.council, about="answers", **given)
    Nudge.objects.create(organisation=bodies.trust, about="updates", **given)
    send(TODAY)
    assert told(kind="nudge") == [("Rhys Reviewer", "nudge", "on_day")]  # the trust has reported
    text = mail.outbox[0].body
    assert "Q3: Lena Lead asks Leeds City Council for 1 answer" in text and "/reviews/" in text
    send(FRIDAY)
    assert len(told(kind="nudge")) == 1
    Nudge.objects.create(organisation=bodies.council, about="answers", **given | {"on": FRIDAY})
    send(FRIDAY)
    assert len(told(kind="nudge")) == 2


def test_a_nudge_for_updates_goes_to_those_who_report(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    round_ = factories.round_(promise.plan, date(2026, 11, 16), date(2026, 12, 31))
    Nudge.objects.create(
        round=round_, organisation=bodies.trust, about="updates", by=cast.lead, on=TODAY, number=3
    )
    send(TODAY)
    assert told(kind="nudge") == [("Tariq Trust", "nudge", "on_day")]


# --- changes of a promise -----------------------------------------------------------------------


def test_a_change_is_told_to_those_who_decide_but_never_to_the_asker(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, settings
) -> None:
    settings.REMINDERS_PER_PERSON_A_DAY = 100
    paula = factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    change = factories.baseline_change(
        promise, paula, bodies.trust, "2027-03-31", asked_at=at(TODAY)
    )
    Plan.objects.update(owner=bodies.other_board)
    send(TODAY)  # nobody else leads there: the board above and the plan's keeper
    assert told() == [
        ("Lena Lead", "baseline", "on_day"),
        ("Otis Other", "baseline", "on_day"),
    ]
    assert change.get_absolute_url() in mail.outbox[0].body
    factories.person("Peter Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    send(TUESDAY)
    assert told(stage="after_3") == [("Peter Programme", "baseline", "after_3")]


def test_a_change_that_was_taken_back_is_withdrawn(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, unreachable
) -> None:
    factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    factories.baseline_change(promise, cast.trust, bodies.trust, "2027-03-31", asked_at=at(TODAY))
    unreachable(True)
    send(TODAY)
    BaselineChange.objects.update(state="withdrawn")
    send(TODAY)
    assert causes() == {"baseline": "decided"}


# --- disputes -----------------------------------------------------------------------------------


def test_a_dispute_is_told_where_the_update_came_from_and_to_those_it_is_passed_on_to(
    cast: Cast, bodies: Bodies, said: ProgressUpdate, send: Send
) -> None:
    factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    dispute = factories.dispute(said, opened_at=at(TODAY))
    send(TODAY)
    assert told() == [("Paula Programme", "dispute", "on_day")]
    assert "DISPUTES" in mail.outbox[0].body
    dispute.end, dispute.note, dispute.ended_at = "escalated", "Stuck", at(FRIDAY)
    dispute.save()
    dispute.escalated_to.add(cast.lead)
    send(FRIDAY)
    assert told(kind="passed_on") == [("Lena Lead", "passed_on", "on_day")]
    assert "it was passed on to you by name" in mail.outbox[-1].body


# --- updates sent back, comments ----------------------------------------------------------------


def test_an_update_that_was_sent_back_is_told_to_its_author(
    cast: Cast, said: ProgressUpdate, send: Send, unreachable
) -> None:
    ProgressUpdate.objects.update(
        state="returned", settled_by=cast.lead, settled_at=at(TODAY), settled_reason="Vague"
    )
    unreachable(True)
    send(TODAY)
    assert causes() == {"returned": "planned"}
    unreachable(False)
    send(TODAY)
    assert told() == [("Tariq Trust", "returned", "on_day")]
    assert "UPDATES THAT WERE SENT BACK" in mail.outbox[0].body


def test_a_comment_that_names_somebody_is_in_their_next_message_until_seen(
    cast: Cast, promise: Commitment, send: Send, unreachable
) -> None:
    factories.comment(promise, cast.lead, mentions=[cast.trust], written_at=at(TODAY))
    factories.comment(
        promise, cast.lead, mentions=[cast.council], written_at=at(TODAY), removed_at=at(TODAY)
    )
    unreachable(True)
    send(TODAY)
    assert [row.person for row in Reminder.objects.all()] == [cast.trust]
    assert not preferences.ready(at(TODAY, 5)).exists()
    Mention.objects.update(seen_at=timezone.now())
    send(TODAY)
    assert causes() == {"mention": "seen"}
    Mention.objects.update(seen_at=None)
    unreachable(False)
    send(TODAY)
    assert "Lena Lead named you in a comment" in mail.outbox[0].body
    assert Comment.objects.count() == 2


# --- evidence, figures --------------------------------------------------------------------------


def test_evidence_is_mentioned_once_after_a_week_to_whoever_may_verify_it(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, settings
) -> None:
    settings.REMINDERS_PER_PERSON_A_DAY = 100
    factories.evidence(promise, cast.trust, bodies.trust, added_at=at(TODAY), title="Minutes")
    factories.evidence(promise, cast.trust, bodies.trust, added_at=at(TODAY), strength="none")
    assert send(date(2026, 11, 25))["sent"] == 0
    send(date(2026, 11, 26))
    assert told() == [
        ("Cora Council", "evidence", "after_5"),
        (cast.lga.name, "evidence", "after_5"),
        ("Rhys Reviewer", "evidence", "after_5"),
    ]
    assert "Minutes" in mail.outbox[0].body
    assert send(date(2027, 2, 1))["sent"] == 0


def test_evidence_whose_verification_is_taken_back_is_mentioned_after_all(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, unreachable
) -> None:
    given = factories.evidence(promise, cast.trust, bodies.trust, added_at=at(TODAY))
    unreachable(True)
    send(date(2026, 11, 26))
    click = {"by": cast.council, "acting": None, "evidence": given, "today": TODAY}
    verify(**click)
    send(date(2026, 11, 26))
    assert causes() == {"evidence": "verified"}
    take_back(reason="The wrong one", **click)
    unreachable(False)
    send(date(2026, 11, 26))
    assert [person for person, *_ in told()] == ["Cora Council", cast.lga.name, "Rhys Reviewer"]


def test_evidence_of_a_commitment_that_is_not_joint_is_no_business_of_the_sector(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    alone = factories.commitment(promise.plan, bodies.trust, bodies.board)
    factories.evidence(alone, cast.trust, bodies.trust, added_at=at(TODAY))
    send(date(2026, 11, 26))
    assert told() == [(cast.lead.name, "evidence", "after_5")]


def test_a_figure_is_asked_for_after_its_period_until_it_is_given(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, settings
) -> None:
    settings.REMINDERS_PER_PERSON_A_DAY = 100
    measure = factories.measure(promise, name="Bank shifts filled")
    factories.figure(measure, 40, TODAY, kind="trajectory")
    factories.figure(measure, 60, date(2027, 6, 30), kind="trajectory")
    assert send(TODAY)["sent"] == 0
    send(FRIDAY)
    assert told() == [("Tariq Trust", "actual", "after_1")]
    assert "Bank shifts filled" in mail.outbox[0].body
    factories.figure(measure, 38, TODAY)
    assert send(date(2026, 11, 26))["sent"] == 0


# --- seen by people -----------------------------------------------------------------------------


def explained(person: User, kind: str, pk: int, on: date = TODAY) -> str:
    out = StringIO()
    call_command(
        "explain_reminder", "--person", person.email, f"--{kind}", str(pk), "--on", str(on),
        stdout=out,
    )  # fmt: skip
    return out.getvalue()


def test_each_kind_is_explained(cast: Cast, asked: Review, send: Send, today: date) -> None:
    text = explained(cast.council_reviewer, "review-asked", asked.pk)
    assert "Leeds City Council’s answer to Leeds Community" in text
    assert "Owed to Rhys Reviewer since 19 November 2026: the reminder on the day." in text
    assert "It goes at once" in text
    assert "it is owed to Rhys Reviewer" in explained(cast.lead, "review-asked", asked.pk)
    send(TODAY)
    assert "sent 19 November 2026" in explained(cast.council_reviewer, "review-asked", asked.pk)
    later = explained(cast.council_reviewer, "review", asked.pk, FRIDAY)
    assert "escalation, 1 working day before" in later


def test_the_inbox_and_the_commitment_name_and_link_them(
    cast: Cast, bodies: Bodies, promise: Commitment, asked: Review, send: Send, sign_in, today: date
) -> None:
    factories.comment(promise, cast.lead, mentions=[cast.council_reviewer], written_at=at(TODAY))
    send(TODAY)
    page = sign_in(cast.council_reviewer).get("/reminders/").content.decode()
    assert reverse("commitment_reviews", args=["WYP", "WYP-001"]) in page
    assert reverse("commitment_discussion", args=["WYP", "WYP-001"]) in page
    assert "asked 19 November 2026" in page
    ours = sign_in(cast.trust).get("/commitments/WYP/WYP-001/reminders/").content.decode()
    assert "reviews for Leeds City Council" in ours


def test_what_comes_next_is_said_to_a_reviewer(
    cast: Cast, asked: Review, sign_in, today: date
) -> None:
    Review.objects.update(asked_at=at(date(2026, 11, 18)), due_on=date(2026, 12, 4))
    page = sign_in(cast.council_reviewer).get("/reminders/all/").content.decode()
    assert "5 working days before" in page
    assert "You review for Leeds City Council" in page


def test_all_kinds_can_be_chosen(cast: Cast, sign_in, today: date) -> None:
    page: Any = sign_in(cast.trust).get(reverse("reminder_choices")).content.decode()
    assert all(f'value="{kind}"' in page for kind in Reminder.Kind.values)
