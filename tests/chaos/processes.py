"""The product's workers and beats as processes of their own, killed and started again."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

CELERY = [sys.executable, "-m", "celery", "-A", "tests.chaos.app"]
QUIET = ["--loglevel=CRITICAL"]
UP = 8  # seconds that a process takes to come up on a busy machine


@dataclass
class Crowd:
    """Two workers and two beats. Ends only what it started, by process id."""

    folder: Path
    random: random.Random
    running: dict[str, subprocess.Popen] = field(default_factory=dict)
    absent: dict[str, float] = field(default_factory=dict)
    kills: Counter = field(default_factory=Counter)
    born: dict[str, float] = field(default_factory=dict)
    next_kill: float = 0.0

    def __enter__(self) -> "Crowd":
        for name in ("worker 1", "worker 2", "beat 1", "beat 2"):
            self._start(name)
        self._plan_next_kill()
        return self

    def __exit__(self, *error: object) -> None:
        for name in list(self.running):
            self._kill(name)

    def _start(self, name: str) -> None:
        kind, number = name.split()
        if kind == "worker":
            given = ["worker", *QUIET, "--concurrency=1", "-Q", "mail", f"-nchaos{number}@%h"]
            given += ["--without-gossip", "--without-mingle"]
        else:
            schedule = self.folder / f"beat-{number}-schedule"
            given = ["beat", *QUIET, "--pidfile=", f"--schedule={schedule}"]
        log = (self.folder / f"{kind}-{number}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [*CELERY, *given], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ
        )
        log.close()
        self.born[name] = time.monotonic()

    def _kill(self, name: str) -> None:
        """SIGKILL to the process and to the children that it has at this moment."""
        process = self.running.pop(name)
        children: list[psutil.Process] = []
        with suppress(psutil.Error):
            children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        for child in children:
            with suppress(psutil.Error):
                child.kill()

    def _kill_child(self, name: str) -> bool:
        """SIGKILL to the worker's one child, as the system does when memory runs out."""
        with suppress(psutil.Error):
            for child in psutil.Process(self.running[name].pid).children():
                child.kill()
                return True
        return False

    def turn(self) -> None:
        """Start again what has been absent long enough; kill something when it is time to."""
        now = time.monotonic()
        for name, until in list(self.absent.items()):
            if now >= until:
                del self.absent[name]
                self._start(name)
        if now >= self.next_kill and self.running:
            self._kill_something()
            self._plan_next_kill()

    def _kill_something(self) -> None:
        # What has not come up yet does no work that a kill could spoil.
        up = [name for name in sorted(self.running) if time.monotonic() - self.born[name] > UP]
        if not up:
            return
        name = self.random.choice(up)
        kind = name.split()[0]
        if kind == "worker" and self.random.random() < 0.4:
            self.kills["worker's child"] += self._kill_child(name)
            return
        self._kill(name)
        self.kills[kind] += 1
        self.absent[name] = time.monotonic() + self.random.uniform(0.2, 2.0)

    def _plan_next_kill(self) -> None:
        self.next_kill = time.monotonic() + self.random.uniform(5, 15)

    @property
    def deaths_of_senders(self) -> int:
        """How many kills may have caught a message between "taken" and "stamped"."""
        return self.kills["worker"] + self.kills["worker's child"]
