"""The same background work through RabbitMQ. Only where it is installed; Redis serves all other
tests."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.running import rabbitmq
from tests.running.conftest import LONG, PROJECT, environment, eventually, run

pytestmark = pytest.mark.skipif(
    rabbitmq.program() is None,
    reason="RabbitMQ is not installed (Debian: apt-get install rabbitmq-server)",
)
SEND = "import sys; from tests.running.probe import probe; probe.delay(sys.argv[1], 4)"
BROKER = """
import django; django.setup()
from workforce_tracker.health import check_broker
print(check_broker())
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with rabbitmq.running(tmp_path_factory.mktemp("rabbitmq")) as address:
        yield address


class Worker:
    """A worker of the product, on the queue for mail."""

    def __init__(self, broker: str, data: Path) -> None:
        command = [sys.executable, "-m", "celery", "-A", "tests.running.probe", "worker"]
        command += ["--concurrency=1", "-Q", "mail", "--without-gossip", "--without-mingle"]
        self.process = subprocess.Popen(
            [*command, f"-n{data.name}-{os.urandom(4).hex()}@%h"],
            cwd=PROJECT,
            env=environment(data, CELERY_BROKER_URL=broker),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """At once, with what it has started."""
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        for member in family:
            with suppress(psutil.NoSuchProcess):  # it went with the one before it
                member.kill()
        self.process.wait(LONG)


def test_a_killed_workers_task_is_done_by_another_at_once(broker: str, tmp_path: Path) -> None:
    told = tmp_path / "told"
    first = Worker(broker, tmp_path)
    try:
        sent = run("-c", SEND, str(told), data=tmp_path, CELERY_BROKER_URL=broker)
        assert sent.returncode == 0, sent.stderr
        eventually(told.exists)
    finally:
        first.kill()
    second = Worker(broker, tmp_path)
    try:
        eventually(lambda: "ended" in told.read_text())
    finally:
        second.kill()
    lines = told.read_text().split("\n")
    assert [line.split()[0] for line in lines if line] == ["began", "began", "ended"]


def test_a_tasks_end_is_what_takes_it_from_the_queue(broker: str, tmp_path: Path) -> None:
    told = tmp_path / "told"
    worker = Worker(broker, tmp_path)
    try:
        run("-c", SEND, str(told), data=tmp_path, CELERY_BROKER_URL=broker)
        eventually(lambda: told.exists() and "ended" in told.read_text())
    finally:
        worker.kill()
    count = "from tests.running.probe import app; c = app.connection_for_read(); c.connect(); "
    count += "print(c.default_channel.queue_declare('mail', passive=True).message_count)"
    left = run("-c", count, data=tmp_path, CELERY_BROKER_URL=broker)
    assert left.stdout.strip() == "0", left.stderr


def test_healthz_knows_whether_it_answers(broker: str, tmp_path: Path) -> None:
    settings = {"DJANGO_SETTINGS_MODULE": "workforce_tracker.settings"}
    up = run("-c", BROKER, data=tmp_path, CELERY_BROKER_URL=broker, **settings)
    assert up.stdout.strip() == "up", up.stderr
    gone = "amqp://guest:guest@127.0.0.1:1//"
    down = run("-c", BROKER, data=tmp_path, CELERY_BROKER_URL=gone, **settings)
    assert down.stdout.strip() == "down", down.stderr
