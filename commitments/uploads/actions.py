"""Receive a file, apply it, put it aside: everything that changes an upload.

Keyword arguments, `by=` the person, all or nothing. Commitments are written by the actions of the
register, in the same transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from commitments.models import Plan, Upload
from commitments.register.actions import save_commitments, save_plan
from commitments.uploads.check import Checked, check
from commitments.uploads.reading import Table, read_safely
from commitments.uploads.rows import in_series
from organisations.models import Organisation, User
from organisations.permissions import Capability


@dataclass(frozen=True)
class Target:
    """Where a file goes: into a plan, or into one that applying it starts, kept by `owner`."""

    plan: Plan | None = None
    code: str = ""
    title: str = ""
    owner: Organisation | None = None


class Outdated(Exception):
    """Applying would not do what the preview said; the preview was made again. The message says
    what is different."""


def check_file(*, by: User, content: bytes, filename: str, target: Target, today: date) -> Checked:
    """What applying a file would do. Writes nothing.

    Raises Unreadable, ValidationError (about a new plan) and PermissionDenied.
    """
    tables = read_safely(content, filename)
    with _undone():
        return check(tables, plan=_plan(by, target, today), by=by, today=today)


def receive(*, by: User, content: bytes, filename: str, target: Target, today: date) -> Upload:
    """Keep a file with what its check found, ready to be applied or mended. Raises as check_file
    does; then nothing is kept."""
    checked = check_file(by=by, content=content, filename=filename, target=target, today=today)
    return _keep(by, content, filename, target, checked)


def apply(*, by: User, upload: Upload, accepted: bool, today: date, now: datetime) -> bool:
    """Do what the preview said; False when it has been done already, by a double click or somebody
    else. `accepted`: the person has looked at what was to be confirmed.

    Raises Outdated (nothing applied, the preview made again), ValidationError in plain words, and
    PermissionDenied.
    """
    tables = _tables_of(upload)
    differences = ""
    with transaction.atomic(), pghistory.context(user=by.pk, upload=upload.pk):
        # One after the other: a second click waits here, and then sees that it came second.
        upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        if upload.state == Upload.State.APPLIED:
            return False
        _require_ready(upload, accepted)
        plan = _plan(by, target_of(upload), today)
        # The plan stays as the check sees it until the save has been made.
        Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        checked = check(tables, plan=plan, by=by, today=today)
        if checked.fingerprint() == upload.fingerprint:
            _finish(by, upload, plan, checked, today, now)
        else:
            differences = _differences(upload, checked)
            transaction.set_rollback(True)
    if differences:
        _remember(upload, checked)
        raise Outdated(differences)
    return True


def import_file(
    *, by: User, content: bytes, filename: str, target: Target, today: date, now: datetime
) -> Checked:
    """Check a file and, when nothing is wrong with it, apply it at once: what is to be confirmed
    is kept as text. With errors nothing is written. Raises as check_file does."""
    tables = read_safely(content, filename)
    with transaction.atomic():
        plan = _plan(by, target, today)
        Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        checked = check(tables, plan=plan, by=by, today=today)
        if checked.errors:
            transaction.set_rollback(True)
            return checked
        upload = _keep(by, content, filename, target, checked)
        with pghistory.context(user=by.pk, upload=upload.pk):
            _finish(by, upload, plan, checked, today, now)
    return checked


def discard(*, by: User, upload: Upload, today: date) -> None:
    """Put a file aside: it stays on the list, and can no longer be applied.

    Raises ValidationError when it has been applied.
    """
    with transaction.atomic(), pghistory.context(user=by.pk):
        seen = Upload.objects.visible_to(by, today).values("pk")
        upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        if not seen.filter(pk=upload.pk).exists():
            raise PermissionDenied
        if upload.state == Upload.State.APPLIED:
            raise ValidationError(f"{upload.filename} has been applied, so it stays.")
        upload.state = Upload.State.DISCARDED
        upload.save(update_fields=["state"])


# --- inside ---------------------------------------------------------------------------------------
@contextmanager
def _undone() -> Iterator[None]:
    """Whatever is written in here is taken back: a plan that is not there yet is made, looked at
    and gone, so that one check serves both kinds."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _plan(by: User, target: Target, today: date) -> Plan:
    """The plan that a file goes into, made if need be. Raises PermissionDenied for one that the
    person may not import into, ValidationError for a new one that cannot be."""
    allowed = Plan.objects.allowing(by, Capability.IMPORT, today)
    if target.plan is not None:
        if not allowed.filter(pk=target.plan.pk).exists():
            raise PermissionDenied
        return target.plan
    if taken := Plan.objects.visible_to(by, today).filter(code__iexact=target.code).first():
        raise ValidationError(
            {"new_code": f'"{taken.code}" is the code of "{taken.title}". Use another code, '
             "or choose that plan."}
        )  # fmt: skip
    if Plan.objects.filter(code__iexact=target.code).exists():
        raise ValidationError({"new_code": f'"{target.code}" is taken. Use another code.'})
    try:
        return save_plan(
            by=by, code=target.code, title=target.title, today=today, owner=target.owner
        )
    except ValidationError as refused:
        names = {"code": "new_code", "title": "new_title"}
        found = getattr(refused, "error_dict", {"__all__": refused})
        raise ValidationError(
            {names.get(name, "plan"): words for name, words in found.items()}
        ) from refused


def _keep(by: User, content: bytes, filename: str, target: Target, checked: Checked) -> Upload:
    state = Upload.State.FAULTY if checked.errors else Upload.State.CHECKED
    return Upload.objects.create(
        plan=target.plan,
        new_plan_code="" if target.plan else target.code,
        new_plan_title="" if target.plan else target.title,
        organisation=target.owner,
        uploaded_by=by,
        file=ContentFile(content, name=filename),
        filename=filename[-255:],
        size=len(content),
        state=state,
        counts=checked.counts(),
        result=checked.as_json(),
        fingerprint=checked.fingerprint(),
    )


def _finish(
    by: User, upload: Upload, plan: Plan, checked: Checked, today: date, now: datetime
) -> None:
    save_commitments(by=by, plan=plan, drafts=checked.drafts, today=today)
    upload.plan = plan
    upload.state = Upload.State.APPLIED
    upload.applied_at = now
    upload.save(update_fields=["plan", "state", "applied_at"])


def _remember(upload: Upload, checked: Checked) -> None:
    """Keep a preview that was made again, unless the upload was applied or put aside meanwhile."""
    Upload.objects.filter(
        pk=upload.pk, state__in=(Upload.State.CHECKED, Upload.State.FAULTY)
    ).update(
        state=Upload.State.FAULTY if checked.errors else Upload.State.CHECKED,
        counts=checked.counts(),
        result=checked.as_json(),
        fingerprint=checked.fingerprint(),
    )


def _require_ready(upload: Upload, accepted: bool) -> None:
    if upload.state == Upload.State.DISCARDED:
        raise ValidationError(f"{upload.filename} was put aside. Upload it again to apply it.")
    if upload.state == Upload.State.FAULTY:
        raise ValidationError("Nothing was applied: the file has problems to mend first.")
    if upload.counts.get("to_confirm") and not accepted:
        raise ValidationError(
            "Tick the box to say that you have looked at what is kept as text or was worked out."
        )


def _tables_of(upload: Upload) -> Sequence[Table]:
    with upload.file.open("rb") as stored:
        return read_safely(stored.read(), upload.filename)


def target_of(upload: Upload) -> Target:
    return Target(
        plan=upload.plan,
        code=upload.new_plan_code,
        title=upload.new_plan_title,
        owner=upload.organisation,
    )


def _differences(upload: Upload, checked: Checked) -> str:
    """Which commitments would not change as the preview said."""
    before = {change["reference"]: change for change in upload.result["changes"]}
    after = {change["reference"]: change for change in checked.changes}
    differing = [
        reference
        for reference in dict.fromkeys([*after, *before])
        if before.get(reference) != after.get(reference)
    ]
    if checked.errors:
        what = "and the file no longer fits it"
    elif differing:
        what = f"so the file would now do something else to {in_series(differing)}"
    else:
        what = "so there is something else to confirm"
    return (
        f"Nothing was applied. {upload.plan_title} has changed since this file was checked, "
        f"{what}. Below is what applying it would do now."
    )
