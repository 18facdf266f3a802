"""Background work on uploads: asking for it, doing it, and picking up what was cut short.

What has to be done stands in the state of the upload, in the database; a message only says that
there is something. So a message that is lost costs time and nothing else, one that comes twice
finds nothing to do, and work that was killed begins again: it had written nothing.
"""

import logging
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q
from kombu.exceptions import OperationalError

from commitments.models import Upload
from commitments.models.upload import UploadQuerySet
from commitments.uploads import actions, undoing
from commitments.uploads.looking import look, no_longer
from commitments.uploads.progress import signs_of_life
from commitments.uploads.reading import Unreadable
from workforce_tracker.signs import is_served

logger = logging.getLogger(__name__)

State = Upload.State
# Work that has given no sign for this long was killed, or its message was lost.
SILENT = timedelta(seconds=30)
# Work that dies this often would die for ever: a person has to know.
MOST_TRIES = 5


def send(upload: Upload) -> None:
    """Say to the workers that there is something to do. Where no broker answers, the sweep finds it
    later, and the page says that nobody is at work."""
    from commitments.uploads.tasks import work_on_upload

    try:
        work_on_upload.delay(upload.pk)
    except (OperationalError, OSError) as error:
        logger.warning("Nobody could be told of upload %s: %s", upload.pk, error)


def is_anybody_at_work() -> bool:
    """Whether a worker that serves files has given a sign of life lately."""
    return is_served("files")


def sweep(*, now: datetime) -> int:
    """Send again what waits or was under way and gives no sign; returns how many."""
    silent = Q(alive_at__isnull=True) | Q(alive_at__lt=now - SILENT)
    waiting = list(_busy().filter(silent).only("pk").order_by("pk"))
    for upload in waiting:
        send(upload)
    return len(waiting)


def run(pk: int, *, today: date, now: datetime) -> None:
    """Do what an upload asks for, if anything still does. What goes wrong is kept with it."""
    started = _busy().filter(pk=pk).update(tries=F("tries") + 1, alive_at=now)
    upload = Upload.objects.select_related("plan", "organisation", "asked_by").filter(pk=pk).first()
    if not started or upload is None:
        return
    if upload.tries > MOST_TRIES:
        _give_up(upload, "It was cut short five times. Nothing was changed.")
        return
    try:
        with signs_of_life(upload) as tell:
            if upload.state == State.APPLYING:
                actions.carry_out(upload, today=today, now=now, tell=tell)
            elif upload.state == State.UNDOING:
                undoing.carry_out(upload, today=today, now=now, tell=tell)
            else:
                Upload.objects.filter(pk=pk, state=State.WAITING).update(state=State.CHECKING)
                upload.state = State.CHECKING
                look(upload, today=today, tell=tell)
    except actions.Outdated:
        pass  # kept with the preview that was made again
    except (ValidationError, Unreadable) as refused:
        words = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
        _give_up(upload, " ".join(words))
    except PermissionDenied:
        _give_up(upload, no_longer(upload))
    except Exception:
        logger.exception("Work on upload %s failed", pk)
        _give_up(upload, "Something went wrong in the product itself. Nothing was changed.")


def _busy() -> UploadQuerySet:
    """Uploads that ask for work. Workbooks that were filled in are done with while people wait."""
    return Upload.objects.filter(kind=Upload.Kind.PLAN, state__in=Upload.BUSY)


def _give_up(upload: Upload, error: str) -> None:
    """The upload is as it was before the work was asked for, with why it was not done."""
    back = {
        State.APPLYING: State.CHECKED,
        State.UNDOING: State.UNDONE if upload.undone_at else State.APPLIED,
        State.WAITING: State.FAULTY,
        State.CHECKING: State.FAULTY,
    }
    Upload.objects.filter(pk=upload.pk, state=upload.state).update(
        state=back[State(upload.state)], error=error, tries=0
    )
