"""What /healthz says when a part is down; that all is well is seen on a running server."""

import json
import time
from datetime import date
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from tests.running.conftest import run

ASK = """
import json, django
django.setup()
from django.test import Client
answer = Client().get("/healthz", secure=True)
print(json.dumps([answer.status_code, answer.json()]))
"""


@pytest.fixture
def alive(db: None, today: date) -> None:
    """A worker and a beat that have just given a sign of life."""
    for name in ("worker", "beat", "queue:mail", "queue:files", "queue:reports"):
        cache.set(f"heartbeat:{name}", time.time(), timeout=None)


def test_all_up_is_200_without_signing_in_and_leaves_no_session(
    alive: None, client: Client
) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_process_that_has_been_silent_is_named(alive: None, client: Client, name: str) -> None:
    cache.set(f"heartbeat:{name}", time.time() - 61, timeout=None)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["down"] == [name]
    assert answer.json()[name]["state"] == "down"
    assert answer.json()[name]["age_seconds"] == 61


def test_a_queue_that_no_worker_serves_is_named(alive: None, client: Client) -> None:
    cache.set("heartbeat:queue:mail", time.time() - 61, timeout=None)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["down"] == ["queues"]
    assert answer.json()["queues"] == {"state": "down", "unserved": ["mail"]}


def test_a_process_that_never_gave_a_sign_is_named(db: None, client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.json()["down"] == ["worker", "beat", "queues"]
    assert answer.json()["beat"] == {"state": "down", "age_seconds": None}


def test_a_database_behind_the_code_is_named(alive: None, client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["down"] == ["migrations"]
    assert answer.json()["migrations"] == "pending"


def test_a_missing_cache_table_does_not_break_the_answer(db: None, client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE workforce_tracker_cache")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "up"
    assert answer.json()["beat"]["state"] == "unknown"


def test_without_database_and_broker_the_answer_still_comes(tmp_path: Path) -> None:
    answer = run(
        "-c",
        ASK,
        data=tmp_path,
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        CELERY_BROKER_URL="redis://127.0.0.1:1/0",
        SECRET_KEY="x" * 50,
        ALLOWED_HOSTS="testserver",
    )
    assert answer.returncode == 0, answer.stderr
    status, body = json.loads(answer.stdout)
    assert status == 503
    assert body["down"] == ["database", "migrations", "worker", "beat", "queues", "broker"]
    assert body["database"] == body["broker"] == "down"
    assert body["migrations"] == "unknown"


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
