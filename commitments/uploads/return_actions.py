"""Receive a workbook that somebody filled in, and send it: everything that changes a return.

It is kept as an upload of its own kind. Nothing is written before the person has seen what it does
and chosen where somebody else changed the same meanwhile. Looking at it and sending it are asked
for here and done by background work (commitments.uploads.jobs), whatever its size.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import connection, transaction

from commitments.models import Plan, Upload
from commitments.uploads.check import Tell
from commitments.uploads.keeping import keep_pages
from commitments.uploads.pages import Pages
from commitments.uploads.reading import read_safely
from commitments.uploads.returns import Filled, Returned, read_return
from commitments.uploads.sending import carry_out, try_out
from organisations.models import Membership, User
from organisations.permissions import Capability, grant, roles_of

State = Upload.State
# So that no two pieces of work send the same return; the number means nothing.
LOCK = 552_003
# What is told of each commitment stands in pages of this kind.
TOLD = "told"
CHANGED_SINCE = "Nothing was sent: something has changed since you looked, and is shown below."


def may_return(user: User, today: date) -> bool:
    """Whether somebody may send anything back: whoever reports or edits somewhere."""
    return any(grant(user, right, today) for right in (Capability.REPORT, Capability.EDIT))


# --- it comes in ----------------------------------------------------------------------------------
def start_return(
    *, by: User, acting: Membership | None, content: bytes, filename: str, today: date
) -> Upload:
    """Keep a workbook, to be looked at by background work. Raises PermissionDenied."""
    if not may_return(by, today):
        raise PermissionDenied
    return Upload.objects.create(
        kind=Upload.Kind.RETURN,
        new_plan_title="Several plans",
        organisation=acting.organisation if acting else None,
        uploaded_by=by,
        asked_by=by,
        file=ContentFile(content, name=filename),
        filename=filename[-255:],
        size=len(content),
        state=State.WAITING,
    )


def receive_return(
    *, by: User, acting: Membership | None, content: bytes, filename: str, today: date
) -> Upload:
    """Keep a workbook with what sending it would do. Raises as start_return does."""
    upload = start_return(by=by, acting=acting, content=content, filename=filename, today=today)
    look_at_return(upload, today=today)
    return upload


def look_at_return(upload: Upload, *, today: date, tell: Tell | None = None) -> None:
    """Work out what sending a return would do, with the choices made so far, and keep
    it. Raises Unreadable, and ValidationError."""
    if tell:
        tell("Reading the file", 0, 0)
    rows = _rows_of(upload)
    by = _sender(upload, today)
    found = try_out(rows, **_circumstances(upload, by, today), tell=tell)
    plans = _plans(rows, by, today)
    with transaction.atomic():
        now = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        # What was answered, put aside or sent meanwhile is not overwritten.
        if (now.state, now.answers) != (upload.state, upload.answers):
            return
        upload.plan = plans[0] if len(plans) == 1 else None
        upload.new_plan_title = "" if upload.plan else "Several plans"
        upload.state = State.FAULTY if found.errors else State.CHECKED
        upload.error = ""
        _keep(upload, found)


# --- it is sent -----------------------------------------------------------------------------------
def begin_send(
    *,
    by: User,
    acting: Membership | None,
    upload: Upload,
    chosen: Mapping[str, Any],
    is_all: bool = True,
) -> bool:
    """Ask for a return to be sent, with what was `chosen` (as commitments.uploads.sending.Chosen
    has it); while that is not yet all there is to choose, to be looked at again. False when it was
    asked for or sent already. Raises ValidationError and PermissionDenied."""
    with transaction.atomic(), pghistory.context(user=by.pk):
        # One after the other: a second click waits here, and then sees that it came second.
        upload = _locked(by, upload)
        if upload.state == State.APPLIED or upload.is_busy:
            return False
        if upload.state != State.CHECKED:
            raise ValidationError("Nothing was sent: the workbook has problems to mend first.")
        upload.answers = {"choices": dict(chosen)}
        upload.state = State.APPLYING if is_all else State.WAITING
        upload.organisation = acting.organisation if acting else None
        upload.error, upload.tries, upload.alive_at = "", 0, None
        upload.stage, upload.done, upload.total = "", 0, 0
        upload.save()
    return True


def carry_out_return(
    upload: Upload, *, today: date, now: datetime, tell: Tell | None = None
) -> None:
    """Do what a return says, all of it or nothing, and once, however many try. Where something
    stands in the way nothing is written, and the upload says what.

    Raises Unreadable, and ValidationError when the person may not send anything any more.
    """
    rows = _rows_of(upload)
    with transaction.atomic(), pghistory.context(user=upload.uploaded_by_id, upload=upload.pk):
        _one_at_a_time(upload)
        upload = Upload.objects.select_related("uploaded_by").get(pk=upload.pk)
        if upload.state != State.APPLYING:
            return
        point = transaction.savepoint()
        known = _circumstances(upload, _sender(upload, today), today)
        found = carry_out(rows, **known, tell=tell)
        if found.is_ready:
            upload.state, upload.applied_at = State.APPLIED, now
        else:
            transaction.savepoint_rollback(point)
            upload.state = State.FAULTY if found.errors else State.CHECKED
            upload.error = CHANGED_SINCE
        _keep(upload, found)


def send_return(
    *,
    by: User,
    acting: Membership | None,
    upload: Upload,
    chosen: Mapping[str, Any],
    today: date,
    now: datetime,
) -> bool:
    """Send a return here and now: begin_send and carry_out_return in one. Whether it is sent."""
    if begin_send(by=by, acting=acting, upload=upload, chosen=chosen):
        carry_out_return(Upload.objects.get(pk=upload.pk), today=today, now=now)
    return Upload.objects.get(pk=upload.pk).state == State.APPLIED


def open_return_again(*, by: User, upload: Upload) -> None:
    """Have a return looked at once more, whose problems may be gone: somebody else may have mended
    them, or the work on it was cut short. Raises ValidationError and PermissionDenied."""
    with transaction.atomic(), pghistory.context(user=by.pk):
        upload = _locked(by, upload)
        if not upload.is_open:
            raise ValidationError(f"{upload.filename} has been sent, or is being.")
        upload.state, upload.error, upload.tries = State.WAITING, "", 0
        upload.save(update_fields=["state", "error", "tries"])


def discard_return(*, by: User, upload: Upload) -> None:
    """Put a return aside: it can no longer be sent. Raises ValidationError when it has been sent,
    or is being, and PermissionDenied."""
    with transaction.atomic(), pghistory.context(user=by.pk):
        upload = _locked(by, upload)
        if not upload.is_open:
            raise ValidationError(f"{upload.filename} has been sent, or is being, so it stays.")
        upload.state = State.DISCARDED
        upload.save(update_fields=["state"])


# --- inside ---------------------------------------------------------------------------------------
def _locked(by: User, upload: Upload) -> Upload:
    upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
    if upload.kind != Upload.Kind.RETURN or upload.uploaded_by_id != by.pk:
        raise PermissionDenied
    if upload.state == State.DISCARDED:
        raise ValidationError(f"{upload.filename} was put aside. Send it back again to use it.")
    return upload


def _one_at_a_time(upload: Upload) -> None:
    """Wait for whoever sends the same return at this moment, until the end of the transaction. Not
    by a lock on its row: signs of life are written there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, upload.pk])


def _sender(upload: Upload, today: date) -> User:
    by = upload.uploaded_by
    if not may_return(by, today):
        raise ValidationError(f"Nothing was changed: {by} may no longer report on anything.")
    return by


def _rows_of(upload: Upload) -> list[Filled]:
    with upload.file.open("rb") as stored:
        return read_return(read_safely(stored.read(), upload.filename))


def _circumstances(upload: Upload, by: User, today: date) -> dict[str, Any]:
    """Who sends, for whom, what was chosen, and when."""
    body = upload.organisation_id
    acting = next((held for held in roles_of(by, today) if held.organisation_id == body), None)
    chosen = upload.answers.get("choices", {})
    return {"by": by, "acting": acting, "chosen": chosen, "today": today}


def _keep(upload: Upload, found: Returned) -> None:
    """Keep what was found; what is told in pages, so that a page of thousands reads fifty."""
    upload.counts, upload.result, upload.tries = found.counts(), found.as_json(), 0
    upload.save(update_fields=[
        "plan", "new_plan_title", "state", "error", "counts", "result", "tries", "applied_at"
    ])  # fmt: skip
    keep_pages(upload, Pages.of(TOLD, (each.as_json() for each in found.told)).full)


def _plans(rows: Sequence[Filled], by: User, today: date) -> list[Plan]:
    """The plans that the rows name, as far as the person may see them; two are as good as many."""
    codes = {row.cells.get("plan", "") for row in rows} - {""}
    return list(Plan.objects.visible_to(by, today).filter(code__in=codes)[:2])
