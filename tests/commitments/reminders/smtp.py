"""A small mail server on the loopback that can be told to refuse, drop and be slow."""

import socketserver
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message

from tests.serving import serving


class Server(socketserver.ThreadingTCPServer):
    """Keeps what it takes in `taken`, as (address, message)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.refused: set[str] = set()
        self.busy: set[str] = set()
        self.answers: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.delay = 0.0
        self.on_taken: Callable[[], None] = lambda: None
        self.taken: list[tuple[str, Message]] = []
        self.connections = 0

    @property
    def port(self) -> int:
        return self.server_address[1]

    def addresses(self) -> list[str]:
        return sorted(address for address, _ in self.taken)


class Session(socketserver.StreamRequestHandler):
    """One connection: just enough of RFC 5321."""

    server: Server
    to = ""

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.server.connections += 1
        self.say("220 loopback")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].split()[0].upper()
            if verb == "RCPT":
                self.to = line.split("<")[1].split(">")[0]
                if self.to in self.server.dropped:
                    return
                if self.to in self.server.refused:
                    self.say("550 no such mailbox")
                elif self.to in self.server.busy:
                    self.say("451 try again later")
                else:
                    self.say(self.server.answers.get(self.to, "250 ok"))
            elif verb == "DATA":
                self.say("354 go on")
                self.take()
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return  # hung up in the middle
            lines.append(line)
        time.sleep(self.server.delay)
        self.server.taken.append((self.to, message_from_bytes(b"".join(lines))))
        self.server.on_taken()
        self.say("250 taken")


@contextmanager
def running() -> Iterator[Server]:
    """The server, for as long as the block lasts."""
    server = Server()
    with serving(server):
        yield server
