"""Runs the product as its users do: as processes of their own, on a data folder of their own."""

import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
# Until when something counts as hanging, on a machine that is busy with other things.
LONG = 300


def environment(data: Path, **more: str) -> dict[str, str]:
    """This environment, but with the embedded services on `data`."""
    ours = {"DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL", "SECRET_KEY", "PORT", "HOST"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "DATA_DIR": str(data), "PYTHONUNBUFFERED": "1", **more}


def run(*arguments: str, data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the arguments to its end and give what it said."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=environment(data, **more),
        capture_output=True,
        text=True,
        timeout=LONG,
    )


def free_port() -> int:
    """A port that nobody uses, and that no connection of another test is given before we use it:
    Linux gives those ports from 32768, macOS from 49152."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as trial, suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port


def eventually(condition: Callable[[], Any], within: float = LONG) -> Any:
    """The condition's first true answer; fails when there is none in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"Not within {within} s: {condition}")


class Server:
    """The supervisor under test, with what it prints in a file."""

    def __init__(self, data: Path, *arguments: str, **more: str) -> None:
        self.data = data
        self.port = free_port()
        self.output = data.parent / f"output-{self.port}.txt"
        command = [sys.executable, "-m", "workforce_tracker.serve", *arguments]
        with self.output.open("a") as output:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment(data, PORT=str(self.port), **more),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        """Everything printed until now."""
        return self.output.read_text()

    def wait_until_started(self) -> None:
        """Return when the address has been printed."""
        eventually(
            lambda: "Ctrl-C stops everything" in self.said() or self.process.poll() is not None,
            within=2 * LONG,
        )
        assert self.process.poll() is None, self.said()

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page."""
        request = urllib.request.Request(f"http://localhost:{self.port}{path}")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status and content of /healthz."""
        status, body = self.get("/healthz")
        return status, json.loads(body)

    def family(self) -> list[psutil.Process]:
        """Every process below the supervisor."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, *words: str) -> psutil.Process:
        """The supervisor's own child whose command has all the words."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # one that ends meanwhile has no command any more
                if all(word in " ".join(child.cmdline()) for word in words):
                    return child
        raise LookupError(words)

    def stop(self) -> int:
        """Ask it to end, and give its exit code."""
        self.process.terminate()
        return self.process.wait(LONG)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended. One that has may still be listed, until whoever inherited it has
    taken note of its end."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has started, shared by the tests of a module."""
    running = Server(tmp_path_factory.mktemp("server") / "data")
    try:
        running.wait_until_started()
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()
