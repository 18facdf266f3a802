"""What people see of reminders: those of a commitment, and the outbox."""

import re
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.urls import reverse

from commitments.models import Commitment, Milestone, Reminder
from commitments.reminders import ledger
from organisations.models import Role
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(promise: Commitment) -> str:
    return reverse("commitment_reminders", args=[promise.plan.code, promise.reference])


def text_of(response) -> str:
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_the_page_says_what_was_sent_withheld_and_comes_next(
    cast: Cast, promise: Commitment, address: str, send: Send, sign_in, today: date
) -> None:
    factories.milestone(promise, "Rota agreed", forecast=TODAY)
    factories.milestone(promise, "Portal open", forecast=date(2027, 6, 1), owner=cast.lead)
    send(TODAY)
    Reminder.objects.create(
        person=cast.council,
        kind="milestone",
        thing_id=Milestone.objects.get(title="Rota agreed").pk,
        commitment=promise,
        stage="before_1",
        due_on=TODAY,
        send_on=date(2026, 11, 18),
        state="withheld",
        cause="overtaken",
        reason="Overtaken by the reminder on the day",
    )
    text = text_of(sign_in(cast.trust).get(address))
    assert "Sent 19 November 2026, 10:00am" in text
    assert "Tariq Trust reports for Leeds Community Healthcare NHS Trust" in text
    assert "Not sent Overtaken by the reminder on the day" in text
    assert "Portal open due 1 June 2027 Lena Lead owner 16 April 2027" in text
    assert "Rota agreed due 19 November 2026 Tariq Trust" in text
    assert "20 November 2026 1 working day after" in text


def test_a_milestone_without_a_date_has_nothing_to_come_and_stops_no_page(
    cast: Cast, promise: Commitment, address: str, sign_in, today: date
) -> None:
    factories.milestone(promise, "Some day", baseline="to be confirmed")
    factories.milestone(promise, "Portal open", forecast=date(2027, 6, 1))
    for page in (address, reverse("my_reminders")):
        text = text_of(sign_in(cast.trust).get(page))
        assert "Portal open" in text and "Some day" not in text


def test_a_removed_milestone_leaves_its_reminders_readable(
    cast: Cast, promise: Commitment, address: str, send: Send, sign_in, today: date
) -> None:
    step = factories.milestone(promise, forecast=TODAY)
    send(TODAY)
    step.delete()
    assert "A milestone that was removed" in text_of(sign_in(cast.trust).get(address))


def test_without_reminders_the_page_says_what_would_cause_one(
    cast: Cast, address: str, sign_in, today: date
) -> None:
    text = text_of(sign_in(cast.trust).get(address))
    assert "No reminder is on its way" in text
    assert "Nobody has been reminded yet" in text


def test_who_also_leads_the_programme_is_told_of_the_next_reminder_and_not_of_the_escalation(
    cast: Cast, bodies: Bodies, promise: Commitment, address: str, sign_in, today: date
) -> None:
    paula = factories.person("Paula Programme", (Role.PROGRAMME_LEAD, bodies.trust))
    factories.milestone(promise, "Rota agreed", forecast=date(2026, 11, 24), owner=paula)
    for path in (address, "/reminders/all/"):
        page = text_of(sign_in(paula).get(path))
        assert "23 November 2026 1 working day before" in page
        assert "escalation, 15" not in page


def test_what_counts_from_a_day_off_is_not_dated_before_it(
    cast: Cast, promise: Commitment, address: str, sign_in
) -> None:
    with time_machine.travel("2026-11-21 10:00 +0000", tick=False):  # a Saturday
        factories.comment(promise, cast.lead, mentions=[cast.trust])
        ledger.plan(date(2026, 11, 21))
        for path in ("/reminders/", "/reminders/all/", address):
            page = text_of(sign_in(cast.trust).get(path))
            assert "21 November 2026" in page
            assert "20 November 2026" not in page


def test_names_are_for_those_who_report_or_edit(
    cast: Cast, promise: Commitment, address: str, sign_in, client
) -> None:
    for person in (cast.trust, cast.council, cast.lead, cast.platform):
        assert sign_in(person).get(address).status_code == 200, person
    for person in (cast.viewer, cast.lga, cast.national, cast.other_lead, cast.nobody):
        assert sign_in(person).get(address).status_code == 403, person
    client.logout()
    assert client.get(address).status_code == 302


def test_who_may_not_see_the_commitment_sees_nothing(
    cast: Cast, bodies: Bodies, promise: Commitment, address: str, sign_in
) -> None:
    type(promise.plan).objects.update(visibility="internal", owner=bodies.board)
    assert sign_in(cast.viewer).get(address).status_code == 404


def test_the_page_costs_the_same_queries_however_long_it_is(
    cast: Cast,
    promise: Commitment,
    address: str,
    send: Send,
    sign_in,
    django_assert_max_num_queries,
) -> None:
    client = sign_in(cast.trust)

    def cost() -> int:
        with django_assert_max_num_queries(40) as queries:
            client.get(address)
        return len(queries)

    factories.milestone(promise, forecast=date(2026, 11, 20))
    send(date(2026, 11, 19))
    few = cost()
    for _ in range(15):
        factories.milestone(promise, forecast=date(2026, 11, 20))
        factories.milestone(promise, forecast=date(2099, 11, 20), owner=cast.lead)
    send(date(2026, 11, 19))
    assert cost() == few


# --- the outbox ---------------------------------------------------------------------------------


@pytest.fixture
def outbox(settings, tmp_path: Path) -> Path:
    """The embedded default: mail is kept as files."""
    settings.EMBEDDED = True
    settings.EMAIL_BACKEND = "commitments.reminders.outbox.EmailBackend"
    settings.OUTBOX_DIR = tmp_path / "outbox"
    return settings.OUTBOX_DIR


def test_the_outbox_shows_the_reminder_as_text_and_as_html(
    cast: Cast, promise: Commitment, send: Send, sign_in, outbox: Path
) -> None:
    factories.milestone(promise, "Rota <agreed>", forecast=TODAY)
    send(TODAY)
    client = sign_in(cast.viewer)
    listing = client.get("/outbox/").content.decode()
    assert "Due today: Rota &lt;agreed&gt;" in listing
    [link] = re.findall(r'href="(/outbox/[\w-]+/)"', listing)
    page = client.get(link).content.decode()
    assert "Hello Tariq Trust" in page
    assert "Rota &lt;agreed&gt;" in page
    assert 'href="http://localhost:8000/commitments/WYP/WYP-001/"' in page
    response = client.get(f"{link}html/")
    assert "<h1>1 milestone to look at</h1>" in response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "'self'" not in policy


def test_the_newest_message_comes_first(cast: Cast, sign_in, outbox: Path) -> None:
    for number in range(3):
        EmailMessage(f"Message {number}", "Text", to=["a@test.example"]).send()
    listing = sign_in(cast.lead).get("/outbox/").content.decode()
    assert re.findall(r"Message \d", listing) == ["Message 2", "Message 1", "Message 0"]


def test_a_message_without_html_has_no_html_version(cast: Cast, sign_in, outbox: Path) -> None:
    EmailMessage("Plain", "Text", to=["a@test.example"]).send()
    [name] = [path.stem for path in outbox.iterdir()]
    client = sign_in(cast.lead)
    assert "HTML" not in client.get(f"/outbox/{name}/").content.decode()
    assert client.get(f"/outbox/{name}/html/").status_code == 404


def test_an_odd_file_does_not_hide_the_others(cast: Cast, sign_in, outbox: Path) -> None:
    EmailMessage("Plain", "Text", to=["a@test.example"]).send()
    (outbox / "99990101T000000-odd.eml").write_bytes(b"\xff\x00 Date: never\n\n\xff")
    (outbox / "99990101T000001-part.part").write_bytes(b"half")
    response = sign_in(cast.lead).get("/outbox/")
    assert "Plain" in response.content.decode()
    assert "No subject" in response.content.decode()


def test_an_empty_outbox_says_what_fills_it(cast: Cast, sign_in, outbox: Path) -> None:
    assert "No email yet" in sign_in(cast.lead).get("/outbox/").content.decode()


def test_a_name_leads_nowhere_else(cast: Cast, sign_in, outbox: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.eml").write_text("Subject: secret\n\nx")
    client = sign_in(cast.lead)
    for name in ("nothing", "..%2Fsecret", "..", "%2e%2e/secret"):
        assert client.get(f"/outbox/{name}/").status_code == 404


def test_elsewhere_there_is_no_outbox(cast: Cast, sign_in, outbox: Path, settings) -> None:
    EmailMessage("Plain", "Text", to=["a@test.example"]).send()
    [name] = [path.stem for path in outbox.iterdir()]
    settings.EMBEDDED = False
    client = sign_in(cast.platform)
    for path in ("/outbox/", f"/outbox/{name}/", f"/outbox/{name}/html/"):
        assert client.get(path).status_code == 404


def test_the_outbox_asks_who_is_there(client, outbox: Path) -> None:
    assert client.get("/outbox/").status_code == 302
