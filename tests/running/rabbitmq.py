"""A private RabbitMQ for one test: its own port, data folder and name server, on the loopback."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.running.conftest import eventually, free_port


def program() -> str | None:
    """RabbitMQ's own start script; None when RabbitMQ is not installed. Debian's first asks for an
    account of the whole machine, which the one beside it does not."""
    found = shutil.which("rabbitmq-server") or "/usr/sbin/rabbitmq-server"
    for candidate in ("/usr/lib/rabbitmq/bin/rabbitmq-server", found):
        if os.access(candidate, os.X_OK):
            return candidate
    return None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The server, for as long as the block lasts; gives its address for Celery."""
    script, names = program(), shutil.which("epmd")
    assert script and names
    port, name_port = free_port(), free_port()
    (folder / "plugins").write_text("[].\n")
    environment = {
        **os.environ,
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(name_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"tests-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_CONFIG_FILE": str(folder / "none"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }
    output = (folder / "output").open("ab")
    # Erlang would start a name server that outlives it; this one is ours to end.
    started = [
        subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=folder)
        for command in ([names, "-port", str(name_port), "-address", "127.0.0.1"], [script])
    ]
    try:
        eventually(lambda: "completed with" in (folder / "output").read_text())
        yield f"amqp://guest:guest@127.0.0.1:{port}//"
    finally:
        output.close()
        for process in reversed(started):
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The start script and the server that it started."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for member in reversed(family):
        with suppress(psutil.NoSuchProcess):  # it went with the one before it
            member.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=60)
    for member in alive:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    process.wait(60)
