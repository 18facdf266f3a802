"""The return that can be filled in offline is told beside the updates that are owed."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from commitments.models import Commitment
from tests import factories as make
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db


def test_who_owes_updates_is_sent_the_address_of_the_return_once(
    cast: Cast, bodies: Bodies, promise: Commitment, send: Send, settings, sign_in, today
) -> None:
    settings.SITE_URL = "https://tracker.example"
    ours = [make.commitment(promise.plan, bodies.trust) for _ in range(2)]
    round_ = make.round_(promise.plan, TODAY - timedelta(days=9), TODAY, name="Round 3")
    send(TODAY)
    [message] = [m for m in mail.outbox if cast.trust.email in m.to[0]]
    path = reverse("return_file", args=[round_.pk, bodies.trust.code])
    line = f"Or fill in the return offline (WYP, Round 3): https://tracker.example{path}"
    assert message.body.count(line) == 1
    assert message.alternatives[0].content.count(f'href="https://tracker.example{path}"') == 1
    client: Client = sign_in(cast.trust)
    assert client.get(path).status_code == 200
    assert all(one.title in message.body for one in ours)


def test_a_milestone_alone_offers_no_return(cast: Cast, promise: Commitment, send: Send) -> None:
    make.milestone(promise, "Rota agreed", forecast=TODAY, owner=cast.lead)
    send(TODAY)
    [message] = mail.outbox
    assert "offline" not in message.body
