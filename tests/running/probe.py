"""The product's Celery application with one task more, which tells what became of it.

`celery -A tests.running.probe worker`.
"""

import os
import time
from pathlib import Path

from workforce_tracker.celery import app


@app.task(name="commitments.reminders.tasks.probe")
def probe(path: str, seconds: float) -> None:
    """Write a line to the file at the beginning, and one at the end."""
    _say(path, f"began {os.getpid()}")
    time.sleep(seconds)
    _say(path, "ended")


def _say(path: str, words: str) -> None:
    with Path(path).open("a") as file:
        file.write(f"{words}\n")
