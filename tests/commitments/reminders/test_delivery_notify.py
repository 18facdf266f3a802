"""Sending through GOV.UK Notify, against a server of our own that answers as Notify documents."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest

from commitments.models import Commitment, Reminder
from organisations.models import Role
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast
from tests.serving import serving

pytestmark = pytest.mark.django_db
SERVICE = "11111111-1111-4111-8111-111111111111"
SECRET = "22222222-2222-4222-8222-222222222222"
REFUSED = {
    "status_code": 400,
    "errors": [
        {"error": "ValidationError", "message": "email_address Not a valid email address"},
    ],
}


class Notify(ThreadingHTTPServer):
    """Keeps what it takes; `answers` are the answers for single addresses."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.taken: list[dict] = []
        self.answers: dict[str, tuple[int, dict]] = {}


class Request(BaseHTTPRequestHandler):
    server: Notify

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind, _, token = self.headers["Authorization"].partition(" ")
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_iat": False})
        good = self.path == "/v2/notifications/email" and kind == "Bearer"
        assert good and claims["iss"] == SERVICE
        status, answer = self.server.answers.get(body["email_address"], (201, {"id": "1"}))
        if status == 201:
            self.server.taken.append(body)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Notify]:
    server = Notify()
    with serving(server):
        yield server


@pytest.fixture
def notify(settings) -> Iterator[Notify]:
    with running() as server:
        settings.EMAIL_BACKEND = "commitments.reminders.delivery.notify.EmailBackend"
        settings.NOTIFY_API_KEY = f"tracker-{SERVICE}-{SECRET}"
        settings.NOTIFY_TEMPLATE_ID = "33333333-3333-4333-8333-333333333333"
        settings.NOTIFY_URL = f"http://127.0.0.1:{server.server_address[1]}"
        yield server


def test_a_reminder_goes_out_with_its_words_and_a_reference(
    cast: Cast, promise: Commitment, send: Send, notify: Notify, settings
) -> None:
    settings.SITE_URL = "https://tracker.example"
    factories.milestone(promise, "Rota agreed", forecast=TODAY)
    assert send(TODAY)["sent"] == 1
    [taken] = notify.taken
    assert taken["email_address"] == "tariq.trust@test.example"
    assert taken["template_id"] == settings.NOTIFY_TEMPLATE_ID
    assert taken["personalisation"]["subject"] == "Due today: Rota agreed"
    assert "Rota agreed" in taken["personalisation"]["body"]
    assert taken["reference"] == f"{Reminder.objects.get().message_id}@tracker.example"


def test_an_address_that_notify_refuses_is_marked(
    cast: Cast, promise: Commitment, send: Send, notify: Notify
) -> None:
    factories.milestone(promise, forecast=TODAY)
    notify.answers["tariq.trust@test.example"] = (400, REFUSED)
    assert send(TODAY)["failed"] == 1
    cast.trust.refresh_from_db()
    assert cast.trust.is_refused
    assert "Not a valid email address" in cast.trust.refused_reason


def test_a_fault_of_notify_with_one_message_stops_nobody_else(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, notify: Notify
) -> None:
    factories.person("Zoe Last", (Role.CONTRIBUTOR, bodies.trust))
    factories.milestone(promise, forecast=TODAY)
    notify.answers["tariq.trust@test.example"] = (500, {"errors": []})
    result = send(TODAY)
    assert (result["sent"], result["failed"]) == (1, 1)
    assert Reminder.objects.get(person=cast.trust).attempts == 1


@pytest.mark.parametrize("status", [403, 429])
def test_a_bad_key_or_a_limit_is_nobodys_attempt(
    cast: Cast, promise: Commitment, send: Send, notify: Notify, status: int
) -> None:
    factories.milestone(promise, forecast=TODAY)
    answer = {"errors": [{"error": "AuthError", "message": "no"}]}
    notify.answers["tariq.trust@test.example"] = (status, answer)
    assert send(TODAY)["failed"] == 1
    row = Reminder.objects.get()
    assert (row.state, row.attempts) == ("planned", 0)
    assert row.reason == f"GOV.UK Notify answered {status} no"


def test_when_notify_cannot_be_reached_everything_waits(
    cast: Cast, promise: Commitment, send: Send, notify: Notify, settings
) -> None:
    settings.NOTIFY_URL = "http://127.0.0.1:1"
    factories.milestone(promise, forecast=TODAY)
    assert send(TODAY)["failed"] == 1
    assert Reminder.objects.get().attempts == 0
