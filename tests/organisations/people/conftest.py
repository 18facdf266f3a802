"""Pages about people: posting as somebody, and reading the messages that go out after it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from organisations.models import Organisation, User

Post = Callable[..., HttpResponse]


@pytest.fixture
def post(django_capture_on_commit_callbacks) -> Post:
    """`post(client, address, **data)`: posts, and lets happen what waits for the transaction."""

    def now(client: Client, address: str, **data: Any) -> HttpResponse:
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, data)

    return now


@pytest.fixture
def signed_in():
    """`signed_in(user)`: a client of its own, so that several people can be signed in at once."""

    def as_person(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return as_person


def links(body: str) -> list[str]:
    """The addresses in a message, without the host."""
    return [re.sub(r"^https?://[^/]+", "", found) for found in re.findall(r"https?://\S+", body)]


def words(response: HttpResponse) -> str:
    """What a page says, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def address(organisation: Organisation, rest: str = "") -> str:
    """A page about an organisation's people."""
    return f"/organisations/{organisation.code}/people/{rest}"
