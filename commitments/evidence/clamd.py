"""A scanner: ClamAV's daemon, asked over TCP or a Unix socket.

The file is streamed (INSTREAM of the protocol in `man clamd`), so that the daemon may run as
another user or on another machine and needs no right to read our files.
"""

import socket
import struct
from typing import IO

from django.conf import settings

CHUNK = 64 * 1024
SECONDS = 60


class NoAnswer(Exception):
    """The scanner could not say whether a file is harmful; it is asked again later."""


def scan(file: IO[bytes]) -> str:
    """The name of what the daemon found in a file, "" for nothing. Raises NoAnswer."""
    try:
        with _connection(settings.CLAMD_ADDRESS) as daemon:
            daemon.sendall(b"zINSTREAM\0")
            while chunk := file.read(CHUNK):
                daemon.sendall(struct.pack("!I", len(chunk)) + chunk)
            daemon.sendall(struct.pack("!I", 0))
            answer = _answer(daemon)
    except OSError as problem:
        raise NoAnswer(f"clamd at {settings.CLAMD_ADDRESS}: {problem}") from problem
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise NoAnswer(f"clamd at {settings.CLAMD_ADDRESS} said: {answer[:200]!r}")


def _connection(address: str) -> socket.socket:
    """A connection to "/run/clamav/clamd.ctl" or "127.0.0.1:3310"."""
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise NoAnswer(f"CLAMD_ADDRESS is {address!r}: a path, or host:port, is expected.")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)


def _answer(daemon: socket.socket) -> str:
    """What the daemon says, up to its closing zero."""
    said = b""
    while not said.endswith(b"\0") and len(said) < 4096 and (part := daemon.recv(1024)):
        said += part
    return said.rstrip(b"\0").decode(errors="replace")
