"""A ClamAV daemon for tests: a server that reads the INSTREAM protocol as clamd does."""

import socketserver
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.serving import serving

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Daemon:
    """What came in, where to reach it, and the largest stream that it takes."""

    address: str = ""
    received: list[bytes] = field(default_factory=list)
    limit: int = 1_000_000


class _Handler(socketserver.StreamRequestHandler):
    daemon: Daemon

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            if not (more := self.rfile.read(1)):
                return  # hung up before a word was said
            command += more
        if command != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > self.daemon.limit:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.daemon.received.append(content)
        found = b"Eicar-Signature FOUND" if EICAR in content else b"OK"
        self.wfile.write(b"stream: " + found + b"\0")


class _OnAPort(socketserver.ThreadingTCPServer):
    daemon_threads = True


class _OnASocket(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def clamd(tcp: bool = False) -> Iterator[Daemon]:
    """A daemon on a Unix socket, or on a port of this machine."""
    daemon = Daemon()
    handler = type("Handler", (_Handler,), {"daemon": daemon})
    # The folder of a test would be too long for a socket.
    with tempfile.TemporaryDirectory(prefix="wt-") as folder:
        if tcp:
            server: socketserver.BaseServer = _OnAPort(("127.0.0.1", 0), handler)
            daemon.address = f"127.0.0.1:{server.server_address[1]}"
        else:
            daemon.address = f"{folder}/clamd.ctl"
            server = _OnASocket(daemon.address, handler)
        with serving(server):
            yield daemon
