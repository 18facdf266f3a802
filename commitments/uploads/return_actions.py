"""Receive a workbook that somebody filled in, and send it: everything that changes a return.

It is kept as an upload of its own kind. Nothing is written before the person has seen what it does
and chosen where somebody else changed the same meanwhile.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from commitments.models import Plan, Upload
from commitments.uploads.reading import Table, read_safely
from commitments.uploads.returns import Filled, Returned, read_return
from commitments.uploads.sending import carry_out
from organisations.models import Membership, User
from organisations.permissions import Capability, grant

State = Upload.State


def may_return(user: User, today: date) -> bool:
    """Whether somebody may send anything back: whoever reports or edits somewhere."""
    return any(grant(user, right, today) for right in (Capability.REPORT, Capability.EDIT))


def receive_return(
    *,
    by: User,
    acting: Membership | None,
    content: bytes,
    filename: str,
    today: date,
    tables: Sequence[Table] | None = None,
) -> Upload:
    """Keep a workbook with what sending it would do; `tables` when it has been read already.

    Raises Unreadable, then nothing is kept, and PermissionDenied.
    """
    if not may_return(by, today):
        raise PermissionDenied
    rows = read_return(tables if tables is not None else read_safely(content, filename))
    found = _look(rows, by, acting, {}, today)
    plans = _plans(rows, by, today)
    return Upload.objects.create(
        kind=Upload.Kind.RETURN,
        plan=plans[0] if len(plans) == 1 else None,
        new_plan_title="" if len(plans) == 1 else "Several plans",
        organisation=acting.organisation if acting else None,
        uploaded_by=by,
        file=ContentFile(content, name=filename),
        filename=filename[-255:],
        size=len(content),
        state=_state(found),
        counts=found.counts(),
        result=found.as_json(),
    )


def send_return(
    *,
    by: User,
    acting: Membership | None,
    upload: Upload,
    chosen: Mapping[str, Any],
    today: date,
    now: datetime,
) -> bool:
    """Do what a return says; `chosen` as commitments.uploads.sending.Chosen has it. False when
    something stands in the way: the upload then says what, and nothing was written.

    A second time it does nothing more. Raises ValidationError when it was put aside.
    """
    with upload.file.open("rb") as stored:
        rows = read_return(read_safely(stored.read(), upload.filename))
    with transaction.atomic(), pghistory.context(user=by.pk, upload=upload.pk):
        # One after the other: a second click waits here, and then sees that it came second.
        upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        _require_mine(by, upload)
        if upload.state == State.APPLIED:
            return True
        point = transaction.savepoint()
        found = carry_out(rows, by=by, acting=acting, chosen=chosen, today=today)
        if found.is_ready:
            upload.applied_at = now
        else:
            transaction.savepoint_rollback(point)
        upload.state = State.APPLIED if found.is_ready else _state(found)
        upload.counts, upload.result = found.counts(), found.as_json()
        upload.answers = {"choices": dict(chosen)}
        upload.save(update_fields=["state", "counts", "result", "answers", "applied_at"])
    return found.is_ready


def discard_return(*, by: User, upload: Upload) -> None:
    """Put a return aside: it can no longer be sent. Raises ValidationError when it has been sent,
    and PermissionDenied."""
    with transaction.atomic(), pghistory.context(user=by.pk):
        upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        if upload.state == State.APPLIED:
            raise ValidationError(f"{upload.filename} has been sent, so it stays.")
        _require_mine(by, upload)
        upload.state = State.DISCARDED
        upload.save(update_fields=["state"])


def _require_mine(by: User, upload: Upload) -> None:
    if upload.kind != Upload.Kind.RETURN or upload.uploaded_by_id != by.pk:
        raise PermissionDenied
    if upload.state == State.DISCARDED:
        raise ValidationError(f"{upload.filename} was put aside. Send it back again to use it.")


def _look(
    rows: Sequence[Filled], by: User, acting: Membership | None, chosen: dict[str, Any], today: date
) -> Returned:
    """What sending would do: it is done, looked at and undone."""
    with transaction.atomic():
        found = carry_out(rows, by=by, acting=acting, chosen=chosen, today=today)
        transaction.set_rollback(True)
    return found


def _state(found: Returned) -> State:
    return State.FAULTY if found.errors else State.CHECKED


def _plans(rows: Sequence[Filled], by: User, today: date) -> list[Plan]:
    """The plans that the rows name, as far as the person may see them; two are as good as many."""
    codes = {row.cells.get("plan", "") for row in rows} - {""}
    return list(Plan.objects.visible_to(by, today).filter(code__in=codes)[:2])
