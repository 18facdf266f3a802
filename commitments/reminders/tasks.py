"""Background work of this capability. Losing or repeating any of it does no harm: the ledger knows
what is owed, and every run begins from there."""

from typing import Any

from celery import shared_task

from commitments.models import Reminder
from commitments.reminders import sending
from workforce_tracker import clock

# Well within the time that a task may take, so that none is ended in the middle of a message.
SECONDS = 10 * 60


@shared_task(acks_late=True)
def send_due_reminders() -> dict[str, Any]:
    """Plan what is owed today and send what may go at this hour."""
    return sending.run(clock.today(), now=clock.now(), seconds=SECONDS).as_dict()


@shared_task(acks_late=True)
def sweep_reminders() -> dict[str, Any]:
    """Send what cannot wait for the hour: somebody waits for it in particular, or it is left over
    by a run that was cut short, or was tried without success a while ago."""
    return sending.run(
        clock.today(), now=clock.now(), seconds=SECONDS, kinds=Reminder.URGENT
    ).as_dict()
