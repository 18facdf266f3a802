"""Signs of life of work, for the page that waits for it and for the sweep.

The work is one transaction, which nobody else can look into; so a thread beside it, with a
connection of its own, writes how far it is.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection

from commitments.models import Work
from commitments.uploads.check import Tell
from workforce_tracker import clock

EVERY_SECONDS = 0.7


class Signs:
    """What the work says, and the thread that passes it on."""

    def __init__(self, work: Work) -> None:
        self.rows = type(work)._default_manager.filter(pk=work.pk)
        self.told = ("", 0, 0)
        self.is_over = threading.Event()

    def tell(self, stage: str, done: int, total: int) -> None:
        """Note how far the work is."""
        self.told = (stage, done, total)

    def write(self) -> None:
        """Pass it on until the work is over. What takes no time gives no sign."""
        try:
            while not self.is_over.wait(EVERY_SECONDS):
                stage, done, total = self.told
                try:
                    self.rows.update(stage=stage, done=done, total=total, alive_at=clock.now())
                except Error:
                    # A sign that could not be given is given again in a moment.
                    connection.close()
        finally:
            connection.close()


@contextmanager
def signs_of_life(work: Work) -> Iterator[Tell]:
    """While inside, what is told with the function given is on the work for all to see."""
    signs = Signs(work)
    thread = threading.Thread(target=signs.write, name=f"work {work.pk}", daemon=True)
    thread.start()
    try:
        yield signs.tell
    finally:
        signs.is_over.set()
        thread.join()
