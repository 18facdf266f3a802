"""The product's Celery application with a clock that can be moved, and a hurried beat.

`celery -A tests.chaos.app worker`. The clock is the file that CHAOS_CLOCK names: a moment, which
goes on from when the file was written.
"""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

from workforce_tracker import clock
from workforce_tracker.celery import app

FILE = Path(os.environ["CHAOS_CLOCK"])


def now() -> datetime:
    """The moment that the file says, and the seconds since it was written."""
    moment = datetime.fromisoformat(FILE.read_text()).astimezone(clock.LONDON)
    return moment + timedelta(seconds=max(0.0, time.time() - FILE.stat().st_mtime))


def move(moment: datetime) -> None:
    """Set the clock. Whoever reads it meanwhile reads the old moment or the new one."""
    draft = FILE.with_suffix(".draft")
    draft.write_text(moment.isoformat())
    draft.replace(FILE)


clock.now = now
# What takes an hour and five minutes in life.
for name, seconds in (("reminders", 4.0), ("reminders that wait", 1.5)):
    app.conf.beat_schedule[name] |= {"schedule": seconds, "options": {"expires": 4}}
