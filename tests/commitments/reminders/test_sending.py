"""What is sent, once, and what happens when something goes wrong."""

import json
import threading
import time
from datetime import date, datetime, timedelta
from io import StringIO
from itertools import combinations

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from commitments.models import Commitment, Milestone, Reminder
from commitments.reminders import ledger, sending
from commitments.reminders.delivery import refusals
from commitments.reminders.tasks import send_due_reminders
from organisations.models import Role, User
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.commitments.reminders.smtp import Server
from tests.conftest import TODAY, Bodies, Cast, day
from workforce_tracker import clock
from workforce_tracker.clock import LONDON

pytestmark = pytest.mark.django_db


def test_one_message_collects_everything_that_is_due(
    cast: Cast, promise: Commitment, send: Send, settings
) -> None:
    settings.SITE_URL = "https://tracker.example"
    for title, due in (
        ("Rota agreed", date(2026, 11, 7)),
        ("Bank rates <published>", TODAY),
        ("Portal open", date(2026, 11, 20)),
        ("Review", "summer 2026"),
        ("Far away", date(2027, 6, 1)),
    ):
        factories.milestone(promise, title, forecast=due, owner=cast.lead)
    factories.milestone(promise, "Evaluation", forecast="Q3 2026/27", owner=cast.lead)
    result = send(TODAY)
    assert (result["planned"], result["sent"], result["messages"]) == (4, 4, 1)
    [message] = mail.outbox
    assert message.to == ["Lena Lead <lena.lead@test.example>"]
    assert message.subject == "4 milestones to look at, 1 of them late"
    text = message.body
    html = message.alternatives[0].content
    assert "Hello Lena Lead," in text
    assert "Late by 12 days: Rota agreed" in text
    assert "Was due: Saturday 7 November 2026" in text
    assert "Due today: Bank rates <published>" in text
    assert "Due tomorrow: Portal open" in text
    assert "Evaluation\n  Due: Q3 2026/27 (31 December 2026 at the latest)" in text
    assert "Far away" not in text
    assert text.count("https://tracker.example/commitments/WYP/WYP-001/") == 4
    assert "You are told because you own this milestone." in text
    assert text.index("Rota agreed") < text.index("Bank rates") < text.index("Portal open")
    assert html.count('href="https://tracker.example/commitments/WYP/WYP-001/"') == 4
    assert "Bank rates &lt;published&gt;" in html
    assert "<strong>Late by 12 days.</strong>" in html
    assert "<style" not in html and "style=" not in html and '<html lang="en">' in html


def test_one_milestone_is_told_in_the_subject(cast: Cast, promise: Commitment, send: Send) -> None:
    factories.milestone(promise, "Rota\nagreed", forecast=date(2026, 11, 18), is_demonstration=True)
    send(TODAY)
    [message] = mail.outbox
    assert message.subject == "Late by 1 day: Rota agreed"
    assert "Rota agreed (demonstration)" in message.body
    assert (
        "You are told because you report for Leeds Community Healthcare NHS Trust, "
        "which answers for it." in message.body
    )


def test_the_message_can_be_recognised_and_sorted(
    cast: Cast, promise: Commitment, send: Send, settings
) -> None:
    settings.SITE_URL = "https://tracker.example"
    factories.milestone(promise, forecast=TODAY)
    send(TODAY)
    headers = mail.outbox[0].message()
    assert headers["Message-ID"] == f"<{Reminder.objects.get().message_id}@tracker.example>"
    assert headers["List-Id"] == "Reminders <reminders.tracker.example>"
    assert headers["Auto-Submitted"] == "auto-generated"


def test_running_twice_sends_once(cast: Cast, promise: Commitment, send: Send) -> None:
    factories.milestone(promise, forecast=TODAY)
    first = send(TODAY)
    second = send(TODAY)
    assert (first["planned"], first["sent"]) == (1, 1)
    counts = ("planned", "sent", "withheld", "failed", "messages")
    assert [second[name] for name in counts] == [0, 0, 0, 0, 0]
    assert len(mail.outbox) == 1


def test_a_dry_run_says_what_would_go_to_whom_and_changes_nothing(
    cast: Cast, promise: Commitment, send: Send
) -> None:
    factories.milestone(promise, "Rota agreed", forecast=TODAY)
    result = send(TODAY, "--dry-run")
    assert (result["dry_run"], result["planned"], result["sent"]) == (True, 1, 0)
    [message] = result["would_send"]
    assert message["to"] == "tariq.trust@test.example"
    assert message["subject"] == "Due today: Rota agreed"
    assert message["milestones"][0]["stage"] == "on the day"
    assert not Reminder.objects.exists()
    assert mail.outbox == []
    assert send(TODAY)["sent"] == 1


def test_the_command_says_it_in_words_too(cast: Cast, promise: Commitment) -> None:
    factories.milestone(promise, "Rota agreed", forecast=TODAY)

    def said(*options: str) -> str:
        out = StringIO()
        call_command("send_reminders", "--date", str(TODAY), *options, stdout=out)
        return out.getvalue()

    dry = said("--dry-run")
    assert "Nothing was sent or changed." in dry
    assert "tariq.trust@test.example: Due today: Rota agreed" in dry
    assert "planned 1, sent 1 in 1 message, withheld 0, failed 0." in said()


def test_a_day_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match=r'"31/02/2027" is not a date. Use year-month-day'):
        call_command("send_reminders", "--date", "31/02/2027")


def test_the_daily_task_sends_what_is_due_today(
    cast: Cast, promise: Commitment, today: date
) -> None:
    factories.milestone(promise, forecast=TODAY)
    assert send_due_reminders.name == "commitments.reminders.tasks.send_due_reminders"
    assert send_due_reminders.acks_late
    result = send_due_reminders()
    assert json.loads(json.dumps(result))["sent"] == 1
    assert send_due_reminders()["sent"] == 0


def test_a_connection_that_is_dropped_is_opened_again_for_the_next(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, smtp: Server
) -> None:
    factories.person("Zoe Last", (Role.CONTRIBUTOR, bodies.trust))
    factories.milestone(promise, forecast=TODAY)
    smtp.dropped.add("tariq.trust@test.example")
    result = send(TODAY)
    assert (result["sent"], result["failed"]) == (1, 1)
    assert smtp.addresses() == ["zoe.last@test.example"]


def test_a_row_that_cannot_be_told_fails_alone(cast: Cast, promise: Commitment, send: Send) -> None:
    odd = factories.commitment(promise.plan, promise.parties.get(role="lead").organisation)
    Commitment.objects.filter(pk=odd.pk).update(reference="A/B")  # no address leads there
    factories.milestone(odd, "Odd", forecast=TODAY)
    factories.milestone(promise, "Even", forecast=TODAY)
    result = send(TODAY)
    assert (result["sent"], result["failed"], result["messages"]) == (1, 1, 1)
    assert "Even" in mail.outbox[0].body and "Odd" not in mail.outbox[0].body
    row = Reminder.objects.get(commitment=odd)
    assert (row.state, row.attempts) == ("planned", 1)
    assert row.reason.startswith("NoReverseMatch")


def test_line_breaks_in_names_do_not_break_the_subject_or_reach_the_headers(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, smtp: Server
) -> None:
    Commitment.objects.update(title="Fill the bank\r\nBcc: evil@test.example")
    factories.round_(promise.plan, day(-10), TODAY, name="Autumn\nround")
    User.objects.filter(pk=cast.trust.pk).update(name="Tariq\nTrust")
    assert send(TODAY)["messages"] == 1
    [(to, message)] = smtp.taken
    assert to == cast.trust.email
    assert "Bcc" not in message
    assert "Autumn round: update on Fill the bank Bcc:" in " ".join(message["Subject"].split())


def test_what_is_due_today_stands_with_what_is_late_before_what_is_to_come(
    cast: Cast, promise: Commitment, send: Send
) -> None:
    for offset in (1, 0, -1):
        factories.milestone(promise, f"Step {offset}", forecast=day(offset), owner=cast.trust)
    send(TODAY)
    text = mail.outbox[0].body
    parts = ["DUE TODAY OR PAST THEIR DATE", "Step -1", "Step 0", "COMING UP", "Step 1"]
    assert sorted(parts, key=text.index) == parts


def test_a_dry_run_foresees_nothing_for_a_refused_address(
    cast: Cast, promise: Commitment, send: Send
) -> None:
    factories.milestone(promise, forecast=TODAY, owner=cast.trust)
    refusals.mark(cast.trust, "no such mailbox", timezone.now())
    assert send(TODAY, "--dry-run")["would_send"] == []
    assert send(TODAY)["messages"] == 0


def test_an_address_that_would_break_the_message_fails_alone(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send
) -> None:
    factories.person("Bad Address", (Role.CONTRIBUTOR, bodies.trust), email="b\nad@test.example")
    factories.milestone(promise, forecast=TODAY)
    result = send(TODAY)
    assert (result["sent"], result["failed"]) == (1, 1)


def test_a_message_costs_the_same_queries_however_long_it_is(
    cast: Cast, promise: Commitment, django_assert_max_num_queries
) -> None:
    def cost(milestones: int) -> int:
        for _ in range(milestones):
            factories.milestone(promise, forecast=TODAY, owner=cast.lead)
        with django_assert_max_num_queries(40) as queries:
            assert sending.run(TODAY).messages == 1
        return len(queries)

    assert cost(1) == cost(25)


# --- several runs at once, and runs cut short ---------------------------------------------------


def in_threads(count: int) -> list[sending.Outcome]:
    """Run the sending on as many connections at once."""
    start = threading.Barrier(count)
    outcomes: list[sending.Outcome] = []

    def work() -> None:
        start.wait()
        try:
            outcomes.append(sending.run(TODAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_three_runs_at_once_send_once(
    cast: Cast, bodies: Bodies, promise: Commitment, smtp: Server
) -> None:
    for number in range(8):
        factories.person(f"Person {number}", (Role.CONTRIBUTOR, bodies.trust))
    for _ in range(4):
        factories.milestone(promise, forecast=TODAY)
    smtp.delay = 0.02
    outcomes = in_threads(3)
    assert len(outcomes) == 3
    assert len(smtp.taken) == len(set(smtp.addresses())) == 9
    assert sum(outcome.planned for outcome in outcomes) == 36
    assert sum(outcome.sent for outcome in outcomes) == 36
    assert set(Reminder.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_sending_and_stamping_repeats_the_same_message_id(
    cast: Cast, promise: Commitment, smtp: Server
) -> None:
    factories.milestone(promise, forecast=TODAY)

    def kill_the_sender() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE state = 'idle in transaction' AND datname = current_database()"
            )
        connection.close()

    smtp.on_taken = kill_the_sender
    in_threads(1)
    assert Reminder.objects.get().state == "planned"
    Reminder.objects.update(next_try_at=None)
    smtp.on_taken = lambda: None
    assert sending.run(TODAY).sent == 1
    first, second = (message["Message-ID"] for _, message in smtp.taken)
    assert first == second


@pytest.mark.django_db(transaction=True)
def test_a_milestone_completed_while_messages_go_out_is_not_told(
    cast: Cast, bodies: Bodies, promise: Commitment, smtp: Server
) -> None:
    factories.person("Zoe Last", (Role.CONTRIBUTOR, bodies.trust))
    step = factories.milestone(promise, forecast=TODAY)

    def complete() -> None:
        Milestone.objects.filter(pk=step.pk).update(state="complete", actual_on=TODAY)
        connection.close()

    smtp.on_taken = complete
    assert sending.run(TODAY).sent == 1
    assert sending.run(TODAY).withheld == 1
    # Whoever came first was told; the other no longer.
    [told] = smtp.addresses()
    assert told in ("tariq.trust@test.example", "zoe.last@test.example")


@pytest.mark.django_db(transaction=True)
def test_a_planning_that_waited_for_a_sender_does_not_withdraw_what_was_sent(
    cast: Cast, promise: Commitment, smtp: Server
) -> None:
    step = factories.milestone(promise, forecast=TODAY)
    withheld: list[int] = []

    def work() -> None:
        try:
            withheld.append(ledger.plan(TODAY).withheld)
        finally:
            connection.close()

    planning = threading.Thread(target=work, daemon=True)

    def complete_and_plan() -> None:
        Milestone.objects.filter(pk=step.pk).update(state="complete", actual_on=TODAY)
        planning.start()
        while planning.is_alive() and not waits_for_a_lock():
            time.sleep(0.01)
        connection.close()

    smtp.on_taken = complete_and_plan
    assert sending.run(TODAY).sent == 1
    planning.join()
    assert withheld == [0]
    assert Reminder.objects.get().state == "sent"


def waits_for_a_lock() -> bool:
    """Whether any connection to this database waits for a row that another one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_where_another_run_has_sent_a_part_the_rest_is_not_said_today(
    cast: Cast, bodies: Bodies, promise: Commitment, smtp: Server
) -> None:
    factories.person("Zoe Last", (Role.CONTRIBUTOR, bodies.trust))
    factories.milestone(promise, "Rota agreed", forecast=TODAY)
    factories.milestone(promise, "Portal open", forecast=TODAY)
    noon = datetime.combine(TODAY, datetime.min.time(), LONDON) + timedelta(hours=12)

    def send_one_of_the_others() -> None:
        told = smtp.taken[0][0]
        rest = Reminder.objects.exclude(person__email=told).filter(state="planned")
        rest.filter(pk=rest.order_by("pk").values("pk")[:1]).update(state="sent", sent_at=noon)
        connection.close()

    smtp.on_taken = send_one_of_the_others
    # The other has had their message today, so what is left of it waits for the next.
    assert sending.run(TODAY, now=noon).messages == 1
    assert Reminder.objects.filter(state="planned").count() == 1


@pytest.mark.parametrize("kinds", [*combinations(Reminder.Kind.values, 2), Reminder.Kind.values])
def test_a_claim_can_be_made_whatever_kinds_wait_together(kinds: list[str]) -> None:
    given = {"person": 0, "rows": [0], "today": TODAY, "now": clock.now(), "midnight": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(ledger.statement("claim", kinds), given)
        assert cursor.fetchall() == []
