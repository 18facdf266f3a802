"""Signs of life of beat and of the workers, as anybody may read them (heartbeat gives them)."""

import time

from django.core.cache import cache

# How long after its last sign a process counts as down.
DOWN_AFTER_SECONDS = 60


def queue_sign(queue: str) -> str:
    """The name under which workers that serve a queue give their sign."""
    return f"queue:{queue}"


def age(name: str) -> float | None:
    """Seconds since a process's last sign of life; None when it never gave one."""
    last = cache.get(f"heartbeat:{name}")
    return None if last is None else max(0.0, time.time() - last)


def is_served(queue: str) -> bool:
    """Whether a worker that takes work from a queue is alive."""
    found = age(queue_sign(queue))
    return found is not None and found < DOWN_AFTER_SECONDS
