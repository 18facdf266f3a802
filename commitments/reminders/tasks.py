"""Background work of this capability."""

from typing import Any

from celery import shared_task

from commitments.reminders import sending
from workforce_tracker import clock


@shared_task(acks_late=True)
def send_due_reminders() -> dict[str, Any]:
    """Send what is owed today. Losing or repeating this task does no harm: the ledger knows."""
    return sending.run(clock.today()).as_dict()
