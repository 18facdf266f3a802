"""A promise of our trust, and ways to send what is owed about it."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from commitments.models import Commitment
from tests import factories
from tests.commitments.reminders.smtp import Server, running
from tests.conftest import Bodies


@pytest.fixture
def promise(bodies: Bodies) -> Commitment:
    """A commitment that our trust leads, in a public plan."""
    plan = factories.plan("WYP", title="West Yorkshire People Plan")
    return factories.commitment(
        plan, bodies.trust, bodies.council, reference="WYP-001", title="Fill the bank shifts"
    )


Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send() -> Send:
    """`send("2026-11-19")` runs the command as if on that day, and gives its JSON."""

    def run(day: object, *options: str) -> dict[str, Any]:
        out = StringIO()
        call_command("send_reminders", "--date", str(day), "--json", *options, stdout=out)
        return json.loads(out.getvalue())

    return run


@pytest.fixture
def smtp(settings) -> Iterator[Server]:
    """A real mail server, which the product is set to use."""
    with running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server
