"""Signs of life of beat and of the workers, for /healthz.

Beat and each worker's main process write the time to the cache themselves. A task would not do: it
waits in the queue behind long work, so it would tell of the queue and not of the process.
"""

import logging
import time
from typing import Any

from celery import bootsteps
from celery.beat import PersistentScheduler

from workforce_tracker.signs import DOWN_AFTER_SECONDS, age, queue_sign

__all__ = ["DOWN_AFTER_SECONDS", "Scheduler", "WorkerHeartbeat", "age", "queue_sign", "touch"]

# How often a sign is given.
EVERY_SECONDS = 10

logger = logging.getLogger(__name__)


def touch(*names: str) -> None:
    """Note that the processes called `names` ("beat", "worker", "queue:mail") are alive now.

    A database that does not answer is logged, never raised: the process outlives it.
    """
    from django.core.cache import cache
    from django.db import Error, connections

    try:
        cache.set_many({f"heartbeat:{name}": time.time() for name in names}, timeout=None)
    except Error as error:
        logger.warning("The %s heartbeat could not be written: %s", names[0], error)
    finally:
        connections.close_all()


class Scheduler(PersistentScheduler):
    """Beat's scheduler, which says at each turn that it is turning."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.touched = 0.0
        kwargs["max_interval"] = EVERY_SECONDS
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; return the seconds until the next turn."""
        if time.monotonic() - self.touched >= EVERY_SECONDS / 2:
            touch("beat")
            self.touched = time.monotonic()
        return min(super().tick(*args, **kwargs), EVERY_SECONDS)


class WorkerHeartbeat(bootsteps.StartStopStep):
    """A timer in the worker's main process, which long tasks in its pool do not hold up.

    A sign is given for the worker and for each queue that it takes work from."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        self.timer: Any = None
        super().__init__(parent, **kwargs)

    def start(self, parent: Any) -> None:
        """Give the first sign, and one every few seconds after it."""
        queues = parent.app.amqp.queues.consume_from
        names = ("worker", *(queue_sign(name) for name in queues))
        touch(*names)
        self.timer = parent.timer.call_repeatedly(EVERY_SECONDS, touch, names)

    def stop(self, parent: Any) -> None:
        """Give no more."""
        if self.timer:
            self.timer.cancel()
            self.timer = None
