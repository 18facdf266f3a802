"""Background work of this capability. Losing or repeating it does no harm."""

from typing import Any

from celery import shared_task

from commitments.progress.actions import close_rounds as close
from workforce_tracker import clock


@shared_task(acks_late=True)
def close_rounds() -> dict[str, Any]:
    """Freeze the rounds whose last day for answers has passed."""
    return vars(close(clock.today()))
