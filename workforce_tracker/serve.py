"""The supervisor behind script/server: starts, watches and stops everything the product runs on.

`python -m workforce_tracker.serve [--reset]`. Ends with 0 after Ctrl-C or TERM, with 1 and one
line when something keeps it from starting. Leaves no process behind.
"""

import os
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from workforce_tracker import services
from workforce_tracker.services.children import ENDING, Child, Problem, poll
from workforce_tracker.services.folder import check_writable, claim, create, empty

HOST = os.environ.get("HOST") or "127.0.0.1"
# A child that lived this long has started; the count of its failures begins again.
SETTLED_SECONDS = 60
FAILURES_ALLOWED = 5
# How long worker and beat may take before the address is printed without waiting for them.
STARTING_SECONDS = 20
# Who load_demonstration makes. Named here so that the supervisor need not load Django to say it.
DEMONSTRATION_ACCOUNTS = (
    ("lead@demo.example", "programme lead, NHS West Yorkshire ICB"),
    ("council@demo.example", "contributor, Leeds City Council"),
    ("trust@demo.example", "contributor, Leeds Community Healthcare"),
    ("lga@demo.example", "reviewer, Local Government Association"),
    ("viewer@demo.example", "viewer, another integrated care board"),
    ("admin@demo.example", "platform administrator"),
)


class Stop(BaseException):
    """Somebody asked us to end."""


def main(arguments: list[str]) -> int:
    """Run until told to stop; return the exit code."""
    for number in ENDING:
        signal.signal(number, stop_once)
    try:
        if unknown := [argument for argument in arguments if argument != "--reset"]:
            raise Problem(f"Unknown argument {unknown[0]}. Usage: script/server [--reset]")
        port = given_port()
        check_writable()
        with claim() as claimed:
            if not claimed:
                raise Problem(
                    f"Another server or command is using {services.DATA_DIR}. Stop it first."
                )
            # After the folder: a second start of the same server would be told to take another
            # port, and then that the folder is in use.
            check_free(port)
            if arguments:
                reset()
            serve(port)
    except Stop:
        print("Stopped.", flush=True)
        return 0
    except Problem as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    return 0


def stop_once(number: int, frame: object) -> None:
    """The first signal ends everything; more of them must not break that off half-way."""
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    print("\nStopping ...", flush=True)
    raise Stop


def given_port() -> int:
    """The port from PORT, 8000 unless set. Problem when it is no port."""
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise Problem(f'PORT is "{given}". Give a number from 1 to 65535, such as PORT=8001.')
    return int(given)


def check_free(port: int) -> None:
    """Problem when we cannot listen on the port."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            raise Problem(
                f"Port {port} cannot be used ({error.strerror}). "
                f"Choose another: PORT={port % 65535 + 1} script/server"
            ) from None


def reset() -> None:
    """Empty the data folder. Problem when the data is elsewhere."""
    if os.environ.get("DATABASE_URL"):
        raise Problem("--reset only empties the embedded database, and DATABASE_URL is set.")
    print(f"Emptying {services.DATA_DIR}", flush=True)
    empty()


def serve(port: int) -> None:
    """Start everything in order, watch it until a signal comes, stop it in the opposite order."""
    print(f"Starting, with data in {services.DATA_DIR}", flush=True)
    with services.start() as embedded:
        prepare()
        ours = processes(port)
        try:
            ours[0].start()
            for child in ours[1:]:
                child.spawn()
            poll(lambda: health(port) == 200 or not all(map(Child.alive, ours)), STARTING_SECONDS)
            announce(port)
            watch([*embedded, *ours])
        finally:
            for child in ours:
                child.ask_to_stop()
            for child in ours:
                child.stop()


def prepare() -> None:
    """Migrate, collect static files and load what the embedded default starts with."""
    command = [sys.executable, "-m", "workforce_tracker.prepare"]
    preparing = Child(
        "Preparing the database",
        command,
        folder=services.BASE_DIR,
        environment={"PYTHONUNBUFFERED": "1"},
    )
    if preparing.run(timeout=1800):
        raise Problem("The database could not be prepared; the reason is above.")


def processes(port: int) -> list[Child]:
    """Web, worker and beat, the web first."""
    logs = create(services.DATA_DIR / "logs")
    celery = [sys.executable, "-m", "celery", "-A", "workforce_tracker"]
    address = f"[{HOST}]:{port}" if ":" in HOST else f"{HOST}:{port}"
    web = [sys.executable, "-m", "gunicorn", "workforce_tracker.wsgi", "--bind", address]
    web += ["--workers=2", "--threads=4", "--no-control-socket", "--graceful-timeout=5"]
    worker = [*celery, "worker", "--loglevel=WARNING", "--concurrency=2"]
    beat = [*celery, "beat", "--loglevel=WARNING", "--pidfile="]
    beat += [f"--schedule={create(services.DATA_DIR / 'run') / 'beat-schedule'}"]
    term, quit_ = signal.SIGTERM, signal.SIGQUIT
    return [
        Child(
            "Web",
            web,
            log=logs / "web.log",
            ready=lambda: health(port) is not None,
            stops=((term, 8),),
            folder=services.BASE_DIR,
        ),
        Child("Beat", beat, log=logs / "beat.log", folder=services.BASE_DIR),
        # TERM lets the work in hand finish, QUIT gives it back to the queue.
        Child(
            "Worker",
            worker,
            log=logs / "worker.log",
            stops=((term, 15), (quit_, 5)),
            folder=services.BASE_DIR,
        ),
    ]


def health(port: int) -> int | None:
    """The status of /healthz; None while nobody answers, even if the socket listens already."""
    connection = HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def announce(port: int) -> None:
    """Say where it is and who may sign in."""
    print(f"\nWorkforce Tracker is at http://localhost:{port}/")
    password = services.DATA_DIR / "demo-password.txt"
    if not os.environ.get("DATABASE_URL") and password.exists():
        print("Demonstration accounts:")
        for email, what in DEMONSTRATION_ACCOUNTS:
            print(f"  {email:20}  {what}")
        print(f"Their password: {password.read_text().strip()}  (kept in {password})")
    print(f"Logs are in {services.DATA_DIR / 'logs'}. Ctrl-C stops everything.", flush=True)


@dataclass
class Watched:
    """A child with the history of its failures."""

    child: Child
    started: float = field(default_factory=time.monotonic)
    failures: int = 0
    again_at: float | None = None

    def look(self, now: float) -> None:
        """Start the child again when it has ended, waiting longer each time."""
        if self.again_at is None:
            if self.child.alive():
                if now - self.started > SETTLED_SECONDS:
                    self.failures = 0
                return
            self.failures += 1
            if self.failures > FAILURES_ALLOWED:
                raise Problem(f"{self.child.name} keeps stopping: {self.child.last_words()}")
            wait = 2 ** (self.failures - 1)
            print(
                f"{self.child.name} stopped unexpectedly: {self.child.last_words()} "
                f"Starting it again in {wait} s.",
                flush=True,
            )
            self.child.stop()  # what is left of its group
            self.again_at = now + wait
        elif now >= self.again_at:
            self.again_at, self.started = None, now
            self.child.spawn()


def watch(children: list[Child]) -> None:
    """Keep the children running until a signal ends us."""
    watched = [Watched(child) for child in children]
    while True:
        for one in watched:
            one.look(time.monotonic())
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
