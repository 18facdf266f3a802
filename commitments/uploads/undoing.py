"""Undo an upload as a whole, from the history of what it changed.

What somebody changed since is named and left; the person can choose to take back the upload's
changes to it all the same.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from commitments.models import Plan, Upload
from commitments.register.actions import Trace, restore, traces
from commitments.uploads.check import Tell
from organisations.models import User
from organisations.permissions import Capability

State = Upload.State


def can_be_undone(upload: Upload) -> bool:
    """Whether there is something to undo: it is applied, or some of it was left the first time."""
    left = upload.undo.get("left")
    return bool(upload.context) and (
        upload.state == State.APPLIED or (upload.state == State.UNDONE and bool(left))
    )


def what_it_did(upload: Upload) -> list[Trace]:
    """The commitments that an upload added or changed and that are not undone yet."""
    if upload.plan is None or upload.context is None:
        return []
    found = traces(upload.plan, upload.context)
    if upload.state == State.UNDONE:
        left = {each["pk"] for each in upload.undo.get("left", ())}
        found = [trace for trace in found if trace.pk in left]
    return found


def begin(*, by: User, upload: Upload, forced: Iterable[int], today: date) -> bool:
    """Ask for an upload to be undone, `forced` being keys of commitments to take back though others
    changed them since; False when it is being undone already.

    Raises ValidationError when there is nothing to undo, and PermissionDenied.
    """
    with transaction.atomic(), pghistory.context(user=by.pk):
        seen = Upload.objects.visible_to(by, today).filter(pk=upload.pk).exists()
        upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        if not seen or not _may_import(by, upload.plan, today):
            raise PermissionDenied
        if upload.state == State.UNDOING:
            return False
        if not can_be_undone(upload):
            raise ValidationError(f"{upload.filename} has nothing that can be undone.")
        upload.undo = upload.undo | {"forced": sorted(forced)}
        upload.state, upload.asked_by, upload.error, upload.tries = State.UNDOING, by, "", 0
        upload.stage, upload.done, upload.total, upload.alive_at = "", 0, 0, None
        upload.save(update_fields=[
            "undo", "state", "asked_by", "error", "tries", "stage", "done", "total", "alive_at"
        ])  # fmt: skip
    return True


def carry_out(upload: Upload, *, today: date, now: datetime, tell: Tell | None = None) -> None:
    """Undo an upload that was asked to be undone: all of it or nothing, and once. Raises
    PermissionDenied."""
    by = upload.asked_by or upload.uploaded_by
    known: dict[str, Any] = {"user": by.pk, "upload": upload.pk, "undo": True}
    if tell:
        tell("Taking back the changes", 0, 0)
    with transaction.atomic(), pghistory.context(**known):
        plan = Plan.objects.select_for_update(no_key=True).get(uploads=upload.pk)
        upload = Upload.objects.get(pk=upload.pk)
        if upload.state != State.UNDOING or upload.context is None:
            return
        earlier = upload.undo
        first = upload.undone_at is None
        done = restore(
            by=by,
            plan=plan,
            context=upload.context,
            today=today,
            forced=earlier.get("forced", ()),
            only=None if first else [each["pk"] for each in earlier.get("left", ())],
        )
        upload.undo = {
            "removed": earlier.get("removed", 0) + len(done.removed),
            "put_back": earlier.get("put_back", 0) + len(done.put_back),
            "left": [_as_json(trace) for trace in done.left],
        }
        upload.state = State.UNDONE
        upload.undone_at = now
        upload.error = ""
        upload.save(update_fields=["undo", "state", "undone_at", "error"])


def _as_json(trace: Trace) -> dict[str, Any]:
    return {
        "pk": trace.pk,
        "reference": trace.reference,
        "title": trace.title,
        "by": trace.changed_by,
        "at": trace.changed_at.isoformat() if trace.changed_at else "",
    }


def _may_import(by: User, plan: Plan | None, today: date) -> bool:
    allowed = Plan.objects.allowing(by, Capability.IMPORT, today)
    return plan is not None and allowed.filter(pk=plan.pk).exists()
