"""Background work of this capability. Losing or repeating any of it does no harm: the upload itself
says what is still to be done (commitments.uploads.jobs)."""

from celery import shared_task

from commitments.uploads import jobs
from workforce_tracker import clock


@shared_task(acks_late=True)
def work_on_upload(pk: int) -> None:
    """Check an upload, apply it or undo it, as it asks for."""
    jobs.run(pk, today=clock.today(), now=clock.now())


@shared_task(acks_late=True)
def sweep_uploads() -> int:
    """Send again what a killed worker left behind."""
    return jobs.sweep(now=clock.now())
