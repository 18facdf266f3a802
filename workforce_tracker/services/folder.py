"""The data folder: where it is, who may use it, and short addresses for its sockets."""

import fcntl
import hashlib
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .children import Problem

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / ".data").absolute()

# Held by whoever runs the services.
LOCK = DATA_DIR / "lock"
# Held (shared) by every other command that uses the services meanwhile.
USERS = DATA_DIR / "users.lock"

# Everything that the embedded default keeps: what --reset removes.
CONTENTS = (
    "postgres",
    "postgres.new",
    "redis",
    "run",
    "logs",
    "static",
    "media",
    "outbox",
    "secret-key",
    "demo-password.txt",
    "prepared.json",
)

# macOS allows 104 bytes for a socket's address, Linux 108; the longest name we add is 20.
LONGEST_SOCKET_FOLDER = 80


def create(folder: Path, mode: int = 0o700) -> Path:
    """Make the folder, private to this account, unless it is there. Problem when it cannot be."""
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"The data folder {folder} cannot be made ({error.strerror}). "
            "Set DATA_DIR to a folder that you may write to."
        ) from None
    return folder


def check_writable() -> None:
    """Problem, in one line, when the data folder cannot be written to."""
    create(DATA_DIR)
    probe = DATA_DIR / f"probe.{os.getpid()}"
    try:
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise Problem(
            f"The data folder {DATA_DIR} cannot be written to ({error.strerror}). "
            "Set DATA_DIR to a folder that you may write to."
        ) from None


@contextmanager
def claim() -> Iterator[bool]:
    """Hold the folder alone for the block; False when another process holds it.

    A lock of the kernel's, so it goes when its holder goes, however that ends.
    """
    check_writable()
    with LOCK.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def use() -> Iterator[None]:
    """Tell the folder's holder that somebody is at work, so that it does not stop under them."""
    with USERS.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield


def wait_for_users(timeout: float | None) -> bool:
    """Wait until nobody uses the services; False when somebody still does at the time-out."""
    deadline = None if timeout is None else time.monotonic() + timeout
    with USERS.open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if deadline is not None and time.monotonic() >= deadline:
                    return False
                time.sleep(0.2)
            else:
                return True


def empty() -> None:
    """Remove what this product keeps in the data folder, and nothing else that lies there.

    The caller has claimed the folder, so the locks stay.
    """
    for name in CONTENTS:
        entry = DATA_DIR / name
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)


def socket_folder(name: str) -> Path:
    """Where a service keeps its socket: in the data folder, or somewhere short when that is long.

    A socket's address has room for about 100 bytes, and addresses in URLs dislike odd characters.
    The same answer in every process, so it does not depend on TMPDIR.
    """
    folder = DATA_DIR / "run" / name
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w./-]+", str(folder)):
        return folder
    mark = hashlib.sha256(os.fsencode(DATA_DIR)).hexdigest()[:12]
    return Path("/tmp") / f"workforce-tracker-{mark}-{name}"


def remove_socket_folders() -> None:
    """Leave no empty folder behind outside the data folder, once the servers have stopped."""
    for name in ("postgres", "redis"):
        with suppress(OSError):
            socket_folder(name).rmdir()


def make_socket_folder(name: str, owner: int, group: int) -> Path:
    """Make a service's socket folder for its account and nobody else.

    Problem when somebody else made it first, which in a shared folder could be an attack.
    """
    folder = socket_folder(name)
    if os.geteuid() == 0:
        create(DATA_DIR / "run").chmod(0o711)
    create(folder)
    if folder.is_symlink() or folder.stat().st_uid not in (owner, os.geteuid()):
        raise Problem(f"{folder} belongs to somebody else. Remove it, or set DATA_DIR.")
    if os.geteuid() == 0:
        os.chown(folder, owner, group)
    folder.chmod(stat.S_IRWXU)
    return folder


def open_to(group: int) -> None:
    """Let root's helper account pass through the data folder (not list it) to its own part."""
    create(DATA_DIR)
    if os.geteuid() == 0 and DATA_DIR.stat().st_uid == 0:
        os.chown(DATA_DIR, 0, group)
        DATA_DIR.chmod(stat.S_IRWXU | stat.S_IXGRP)
