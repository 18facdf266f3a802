"""Background work on files: asking for it, doing it, and picking up what was cut short.

What has to be done stands in the state of an upload or an export, in the database; a message only
says that there is something. So a message that is lost costs time and nothing else, one that comes
twice finds nothing to do, and work that was killed begins again: it had written nothing.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q, QuerySet
from kombu.exceptions import OperationalError

from commitments.models import Export, Upload, Work
from commitments.uploads import actions, making, return_actions, undoing
from commitments.uploads.check import Tell
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


def send(work: Work) -> None:
    """Say to the workers that there is something to do. Where no broker answers, the sweep finds it
    later, and the page says that nobody is at work."""
    from commitments.uploads import tasks

    task = tasks.make_export if isinstance(work, Export) else tasks.work_on_upload
    try:
        task.delay(work.pk)
    except (OperationalError, OSError) as error:
        logger.warning("Nobody could be told of %s %s: %s", type(work).__name__, work.pk, error)


def is_anybody_at_work() -> bool:
    """Whether a worker that serves files has given a sign of life lately."""
    return is_served("files")


def sweep(*, now: datetime) -> int:
    """Send again what waits or was under way and gives no sign; returns how many."""
    silent = Q(alive_at__isnull=True) | Q(alive_at__lt=now - SILENT)
    waiting: list[Work] = [
        work
        for kind in (Upload, Export)
        for work in _busy(kind).filter(silent).only("pk").order_by("pk")
    ]
    for work in waiting:
        send(work)
    return len(waiting)


def run(pk: int, *, today: date, now: datetime, kind: type[Work] = Upload) -> None:
    """Do what an upload or an export asks for, if anything still does. What goes wrong is kept with
    it."""
    # Messages that wait in the queue may be many for one piece of work: they are no tries of it.
    alive = Q(tries__gte=MOST_TRIES, alive_at__gte=now - SILENT)
    begun = _busy(kind).filter(pk=pk).exclude(alive)
    if not begun.update(tries=F("tries") + 1, alive_at=now):
        return
    work = _busy(kind).select_related(*RELATED[kind]).filter(pk=pk).first()
    if work is None:
        return
    if work.tries > MOST_TRIES:
        _give_up(work, "It was cut short five times. Nothing was changed.")
        return
    try:
        with signs_of_life(work) as tell:
            _carry_out(work, today, now, tell)
    except actions.Outdated:
        pass  # kept with the preview that was made again
    except (ValidationError, Unreadable) as refused:
        words = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
        _give_up(work, " ".join(words))
    except PermissionDenied:
        _give_up(work, no_longer(work) if isinstance(work, Upload) else "It may not be made.")
    except Exception:
        logger.exception("Work on %s %s failed", kind.__name__, pk)
        _give_up(work, "Something went wrong in the product itself. Nothing was changed.")


RELATED: dict[type[Work], tuple[str, ...]] = {
    Upload: ("plan", "organisation", "asked_by", "uploaded_by"),
    Export: ("organisation", "asked_by", "round__plan", "body"),
}


def _carry_out(work: Work, today: date, now: datetime, tell: Tell) -> None:
    """Do what the state asks for."""
    if isinstance(work, Export):
        _begin(work, Export.State.MAKING)
        making.carry_out(work, today=today, now=now, tell=tell)
        return
    assert isinstance(work, Upload)
    is_return = work.kind == Upload.Kind.RETURN
    if work.state == State.APPLYING:
        apply = return_actions.carry_out_return if is_return else actions.carry_out
        apply(work, today=today, now=now, tell=tell)
    elif work.state == State.UNDOING:
        undoing.carry_out(work, today=today, now=now, tell=tell)
    else:
        _begin(work, State.CHECKING)
        (return_actions.look_at_return if is_return else look)(work, today=today, tell=tell)


def _begin(work: Work, state: str) -> None:
    """What waited is under way."""
    waiting = _busy(type(work)).filter(pk=work.pk, state="waiting")
    waiting.update(state=state)
    work.state = state


def _rows(kind: type[Work]) -> QuerySet[Any]:
    return kind._default_manager.all()


def _busy(kind: type[Work]) -> QuerySet[Any]:
    """Rows that ask for work."""
    return _rows(kind).filter(state__in=kind.BUSY)


def _give_up(work: Work, error: str) -> None:
    """It is as it was before the work was asked for, with why it was not done."""
    same = _rows(type(work)).filter(pk=work.pk, state=work.state)
    same.update(state=work.state_given_up(), error=error, tries=0)
