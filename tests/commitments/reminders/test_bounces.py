"""Messages that were taken and came back later: mail servers' reports, and receipts of Notify."""

import io
import json
from datetime import date
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from commitments.models import Commitment, Reminder
from organisations.models import Role
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parent / "notices"
TARIQ = "tariq.trust@test.example"
TOKEN = "a long and random token"


def sample(shape: str, name: str = "<unknown@elsewhere.example>", address: str = TARIQ) -> bytes:
    """A report as a mail server of some make writes it, about a message of that name."""
    text = (SAMPLES / f"{shape}.eml").read_text()
    return text.replace("NAME", name).replace("ADDRESS", address).encode()


@pytest.fixture
def pipe(monkeypatch):
    """`pipe(data)` gives a message to the command as a mail server does; returns what it says."""

    def give(data: bytes) -> str:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        out = StringIO()
        call_command("read_bounces", stdout=out)
        return out.getvalue()

    return give


@pytest.fixture
def name(cast: Cast, promise: Commitment, send: Send, today: date) -> str:
    """The Message-ID of a message with two reminders that was sent to Tariq."""
    factories.milestone(promise, "Rota agreed", forecast=TODAY)
    factories.milestone(promise, "Rota published", forecast=TODAY)
    send(TODAY)
    [message] = mail.outbox
    mail.outbox.clear()
    return message.extra_headers["Message-ID"]


def states() -> set[tuple[str, str]]:
    return set(Reminder.objects.filter(person__email=TARIQ).values_list("state", "cause"))


@pytest.mark.parametrize("shape", ["postfix", "exchange-online", "forwarded"])
def test_an_address_that_does_not_exist_is_marked_and_its_administrators_are_told(
    cast: Cast, bodies: Bodies, name: str, pipe, send: Send, shape: str
) -> None:
    factories.person("Ann Keeper", (Role.ADMINISTRATOR, bodies.trust))
    said = pipe(sample(shape, name))
    assert "the address is marked" in said
    cast.trust.refresh_from_db()
    assert cast.trust.is_refused
    assert cast.trust.refused_reason.startswith("It came back: 550 ")
    assert states() == {("withheld", "address")}
    assert send(TODAY)["sent"] == 0
    assert [message.to for message in mail.outbox] == [["ann.keeper@test.example"]]
    assert cast.trust.refused_reason in mail.outbox[0].body


def test_what_came_back_is_sent_again_under_its_name_once_the_address_is_mended(
    cast: Cast, name: str, pipe, send: Send
) -> None:
    pipe(sample("postfix", name))
    cast.trust.email = "tariq@test.example"
    cast.trust.save()
    assert send(TODAY)["sent"] == 2
    again = [
        message for message in mail.outbox if message.to == ["Tariq Trust <tariq@test.example>"]
    ]
    assert [message.extra_headers["Message-ID"] for message in again] == [name]


def test_the_same_report_twice_tells_once(cast: Cast, name: str, pipe, send: Send) -> None:
    pipe(sample("postfix", name))
    send(TODAY)
    told = len(mail.outbox)
    pipe(sample("postfix", name))
    send(TODAY)
    assert len(mail.outbox) == told == 1


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ("postfix-delayed", "It is late on its way: connect to mx.test.example"),
        ("exchange-server-full", "It did not arrive: 554 5.2.2 mailbox full"),
    ],
)
def test_what_may_pass_is_noted_and_changes_nothing(
    cast: Cast, name: str, pipe, sign_in, shape: str, words: str
) -> None:
    assert "noted at its reminders" in pipe(sample(shape, name))
    cast.trust.refresh_from_db()
    assert not cast.trust.is_refused
    assert states() == {("sent", "")}
    assert words in sign_in(cast.trust).get(reverse("my_reminders")).content.decode()


@pytest.mark.parametrize("shape", ["postfix", "forwarded", "postfix-delayed"])
def test_a_report_about_a_message_that_is_not_ours_changes_nothing(
    cast: Cast, name: str, pipe, shape: str
) -> None:
    said = pipe(sample(shape))
    assert "left alone" in said and TARIQ in said
    cast.trust.refresh_from_db()
    assert not cast.trust.is_refused
    assert states() == {("sent", "")}


def test_a_report_about_an_address_that_somebody_no_longer_has_changes_nothing(
    cast: Cast, name: str, pipe
) -> None:
    cast.trust.email = "tariq@test.example"
    cast.trust.save()
    assert "left alone" in pipe(sample("postfix", name))
    cast.trust.refresh_from_db()
    assert not cast.trust.is_refused


def test_what_is_no_report_is_named_and_left(cast: Cast, name: str, pipe) -> None:
    said = pipe(sample("absence", name))
    assert "Not a delivery status notification" in said
    assert "“Automatic reply: Due today: Rota agreed” from Tariq Trust" in said
    assert states() == {("sent", "")}
    for broken in (b"", b"\xff\xfe\x00", b"Content-Type: multipart/report\n\nno boundary"):
        assert "Not a delivery status notification" in pipe(broken)


def test_a_maildir_is_read_once_and_what_was_not_understood_stays_unread(
    cast: Cast, name: str, tmp_path: Path
) -> None:
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "1.mail").write_bytes(sample("postfix", name))
    (tmp_path / "new" / "2.mail").write_bytes(sample("absence", name))
    (tmp_path / "new" / "3.mail").write_bytes(sample("postfix"))
    out = StringIO()
    call_command("read_bounces", "--maildir", str(tmp_path), stdout=out)
    assert len(out.getvalue().splitlines()) == 3
    assert list((tmp_path / "new").iterdir()) == []
    read = sorted(path.name for path in (tmp_path / "cur").iterdir())
    assert read == ["1.mail:2,S", "2.mail:2,", "3.mail:2,"]
    assert states() == {("withheld", "address")}


def test_a_folder_that_is_no_maildir_is_named(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a Maildir folder"):
        call_command("read_bounces", "--maildir", str(tmp_path))


def test_without_a_database_the_mail_server_is_asked_to_try_again(name: str, pipe) -> None:
    with connection.execute_wrapper(_gone), pytest.raises(CommandError) as refused:
        pipe(sample("postfix", name))
    assert refused.value.returncode == 75


def _gone(*given: object) -> None:
    raise OperationalError("the server closed the connection")


# --- GOV.UK Notify ------------------------------------------------------------------------------


@pytest.fixture
def tell(settings, client: Client):
    """`tell(to=..., status=...)` posts a receipt as Notify does; gives the answer's status."""
    settings.NOTIFY_CALLBACK_TOKEN = TOKEN

    def post(token: str = TOKEN, body: object = None, **receipt: object) -> int:
        whole = {
            "id": "740e5834-3a29-46b4-9a6f-16142fde533a",
            "reference": None,
            "to": TARIQ,
            "status": "delivered",
            "created_at": "2026-11-19T10:00:00.000000Z",
            "completed_at": "2026-11-19T10:00:02.000000Z",
            "sent_at": "2026-11-19T10:00:01.000000Z",
            "notification_type": "email",
        }
        answer = client.post(
            reverse("notify_receipt"),
            json.dumps(whole | receipt) if body is None else body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code

    return post


def test_notify_tells_of_an_address_that_does_not_exist(cast: Cast, name: str, tell) -> None:
    assert tell(status="permanent-failure", reference=name.strip("<>")) == 200
    cast.trust.refresh_from_db()
    assert cast.trust.refused_reason == ("It came back: GOV.UK Notify reports permanent-failure")
    assert states() == {("withheld", "address")}


def test_notify_needs_no_reference_to_tell_of_an_address(cast: Cast, tell) -> None:
    assert tell(status="permanent-failure", to=TARIQ.upper()) == 200
    cast.trust.refresh_from_db()
    assert cast.trust.is_refused


@pytest.mark.parametrize("status", ["temporary-failure", "technical-failure"])
def test_notify_tells_of_what_may_pass(cast: Cast, name: str, tell, status: str) -> None:
    assert tell(status=status, reference=name.strip("<>")) == 200
    cast.trust.refresh_from_db()
    assert not cast.trust.is_refused
    assert set(Reminder.objects.filter(person=cast.trust).values_list("reason", flat=True)) == {
        f"It did not arrive: GOV.UK Notify reports {status}"
    }


def test_what_arrived_changes_nothing(cast: Cast, name: str, tell) -> None:
    assert tell(reference=name.strip("<>")) == 200
    assert tell(to="stranger@elsewhere.example", status="permanent-failure") == 200
    assert tell(notification_type="sms", to="07700900900", status="permanent-failure") == 200
    assert states() == {("sent", "")}


def test_nobody_else_can_tell(cast: Cast, tell, client: Client, settings) -> None:
    for token in ("", "a long and random toke", "ä"):
        assert tell(token=token, status="permanent-failure") == 401
    cast.trust.refresh_from_db()
    assert not cast.trust.is_refused
    assert client.get(reverse("notify_receipt")).status_code == 405
    settings.NOTIFY_CALLBACK_TOKEN = ""
    assert tell(token="", status="permanent-failure") == 404


@pytest.mark.parametrize("body", ["", "[]", "{}", "null", '{"status": 1, "to": "a@b"}', "\x00"])
def test_what_is_no_receipt_is_refused(db: None, tell, body: str) -> None:
    assert tell(body=body) == 400
