"""Servers that tests talk to: mail, a virus scanner, sign-in, GOV.UK Notify."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    """It answers, in a thread of its own, for as long as the block lasts, and is closed then. The
    thread does not keep a run from ending."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
