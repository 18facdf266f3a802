"""A mail server that takes everything, keeps nothing and costs as little as one can in Python.

`python -m tests.bench.sink` prints its port; when its standard input ends it prints how many
messages it took, and ends.
"""

import asyncio
import sys

EHLO = b"250-loopback\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
ANSWERS = {b"EHLO": EHLO, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
END = b"\r\n.\r\n"


class Session(asyncio.Protocol):
    """One connection."""

    taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.heard, self.in_message = transport, b"", False
        transport.write(b"220 loopback\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole command, and every whole message."""
        self.heard += data
        while (end := self.heard.find(END if self.in_message else b"\r\n")) >= 0:
            said, self.heard = self.heard[:end], self.heard[end + (5 if self.in_message else 2) :]
            if self.in_message:
                Session.taken += 1
                self.in_message = False
                self.transport.write(b"250 taken\r\n")
            else:
                verb = said[:4].upper()
                self.in_message = verb == b"DATA"
                self.transport.write(ANSWERS.get(verb, b"250 ok\r\n"))


async def main() -> None:
    """Serve until nobody listens any more."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(Session.taken, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
