"""Background work of this capability. Losing or repeating any of it does no harm: the upload or
export itself says what is still to be done (commitments.uploads.jobs)."""

from celery import shared_task

from commitments.models import Export
from commitments.uploads import jobs, making
from workforce_tracker import clock

# For the largest files on a busy machine. It is longer than the broker waits before it gives the
# message to somebody else as well: that one finds that the work is being done.
AN_HOUR = 60 * 60


@shared_task(acks_late=True, time_limit=AN_HOUR)
def work_on_upload(pk: int) -> None:
    """Check an upload, apply it or undo it, as it asks for."""
    jobs.run(pk, today=clock.today(), now=clock.now())


@shared_task(acks_late=True, time_limit=AN_HOUR)
def make_export(pk: int) -> None:
    """Make the file of an export."""
    jobs.run(pk, today=clock.today(), now=clock.now(), kind=Export)


@shared_task(acks_late=True)
def delete_old_exports() -> int:
    """Delete the files that have been kept long enough."""
    return making.delete_old(now=clock.now())


@shared_task(acks_late=True)
def sweep_uploads() -> int:
    """Send again what a killed worker left behind."""
    return jobs.sweep(now=clock.now())
