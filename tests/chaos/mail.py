"""A mail server on the loopback, in asyncio, that can be made to fail as real ones do."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message


@dataclass
class Taken:
    """One message that the server has said yes to."""

    address: str
    name: str
    message: Message


@dataclass
class Troubles:
    """How often what goes wrong, of all recipients (and, for `busy`, of all messages)."""

    dropped: float = 0.0
    refused_for_now: float = 0.0
    busy: float = 0.0
    slow: float = 0.0
    seconds: float = 0.2


@dataclass
class Server:
    """Keeps what it takes; counts what it did to people."""

    troubles: Troubles = field(default_factory=Troubles)
    dice: random.Random = field(default_factory=random.Random)
    refused: set[str] = field(default_factory=set)
    is_down: bool = False
    taken: list[Taken] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.counts["connections that broke"] += 1
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            self.counts["connections turned away"] += 1
            writer.write(b"421 closed for now\r\n")
            await writer.drain()
            return
        writer.write(b"220 loopback\r\n")
        address = ""
        while line := await reader.readline():
            verb = line[:4].upper()
            answer = b"250 ok"
            if verb == b"MAIL" and self._happens(self.troubles.busy, "451 to the sender"):
                answer = b"451 busy"
            elif verb == b"RCPT":
                address = line.decode().split("<")[1].split(">")[0]
                if self._happens(self.troubles.dropped, "connections dropped"):
                    return
                answer = self._to(address)
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                data = await reader.readuntil(b"\r\n.\r\n")
                if self._happens(self.troubles.slow, "slow answers"):
                    await asyncio.sleep(self.dice.random() * self.troubles.seconds)
                message = message_from_bytes(data)
                # From here the server has it, whether or not the sender lives to hear so.
                self.taken.append(Taken(address, str(message["Message-ID"]), message))
            elif verb == b"QUIT":
                answer = b"221 bye"
            writer.write(answer + b"\r\n")
            await writer.drain()
            if verb == b"QUIT":
                return

    def _to(self, address: str) -> bytes:
        if address in self.refused:
            self.counts["550 to an address"] += 1
            return b"550 no such mailbox"
        if self._happens(self.troubles.refused_for_now, "451 to an address"):
            return b"451 try again later"
        return b"250 ok"

    def _happens(self, share: float, what: str) -> bool:
        if self.dice.random() >= share:
            return False
        self.counts[what] += 1
        return True


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server in a thread of its own, for as long as the block lasts."""
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(
        asyncio.start_server(server.serve, "127.0.0.1", 0, limit=10_000_000)
    )
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
