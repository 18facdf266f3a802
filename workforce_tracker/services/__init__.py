"""The embedded services: PostgreSQL and Redis for a machine that has neither.

PostgreSQL serves when DATABASE_URL is unset, Redis when CELERY_BROKER_URL is unset. Both keep their
files under DATA_DIR and listen on private Unix sockets only. Settings ask this package for
addresses (`database`, `broker_url`), which is cheap and starts nothing; `start` and `available`
start and stop the servers, and are called by the supervisor, by manage.py and by the tests.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from . import postgres, redis
from .children import Child, Problem, poll
from .folder import BASE_DIR, DATA_DIR, claim, create, remove_socket_folders, use, wait_for_users

__all__ = [
    "BASE_DIR",
    "DATA_DIR",
    "Child",
    "Problem",
    "available",
    "broker_url",
    "database",
    "secret_key",
    "start",
]


def database() -> dict[str, object]:
    """Django's DATABASES entry for the embedded PostgreSQL, running or not."""
    return postgres.settings()


def broker_url() -> str:
    """Celery's broker address for the embedded Redis, running or not."""
    return redis.url()


def secret_key(embedded: bool) -> str:
    """The key that signs sessions: made once and kept in the data folder, or required.

    A production key is never made here, because several machines must share it.
    """
    if not embedded:
        raise Problem("Set SECRET_KEY: it is needed whenever DATABASE_URL is set.")
    path = DATA_DIR / "secret-key"
    if not path.exists():
        create(DATA_DIR)
        made = path.with_name(f"secret-key.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50))
        # Two first starts at once: whoever links first wins, and both read the same key.
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_text()


def wanted() -> tuple[bool, bool]:
    """Which of (PostgreSQL, Redis) this environment leaves to the embedded services."""
    return not os.environ.get("DATABASE_URL"), not os.environ.get("CELERY_BROKER_URL")


@contextmanager
def start(*, durable: bool = True) -> Iterator[list[Child]]:
    """Start what the environment does not provide; stop it when the block ends.

    The caller has claimed the data folder. `durable=False` is for data that nobody will miss:
    faster, and lost when the machine stops. Yields the running children, in starting order.
    """
    children: list[Child] = []
    wants_postgres, wants_redis = wanted()
    try:
        if wants_postgres:
            children.append(postgres.child(durable=durable))
            children[-1].start()
            postgres.create_database()
        if wants_redis:
            children.append(redis.child())
            children[-1].start()
        yield children
    finally:
        for child in reversed(children):
            child.stop()
        remove_socket_folders()


@contextmanager
def available() -> Iterator[None]:
    """Run the block with the services up: those that run already, or our own while it lasts.

    This is what makes `manage.py migrate` work whether or not script/server is running.
    """
    if not any(wanted()):
        yield
        return
    with claim() as claimed:
        if not claimed:
            with use():
                wait_until_answering()
                yield
            return
        with start():
            try:
                yield
            finally:
                if not wait_for_users(timeout=0):
                    print("Waiting for other commands to finish.", file=sys.stderr)
                    wait_for_users(timeout=None)


def wait_until_answering(timeout: float = 60) -> None:
    """Return when the services that somebody else starts answer; Problem when they never do."""
    wants_postgres, wants_redis = wanted()
    answers = poll(
        lambda: (not wants_postgres or postgres.answers()) and (not wants_redis or redis.answers()),
        timeout,
    )
    if not answers:
        raise Problem(f"The services in {DATA_DIR} are being started or stopped. Try again.")


def leave(problem: Problem) -> None:
    """End this process with the one line that says what to do."""
    print(problem, file=sys.stderr)
    sys.exit(1)
