"""Receive a file, answer its questions, apply it, put it aside: everything that changes an upload.

Keyword arguments, `by=` the person, all or nothing. Commitments are written by the actions of the
register, in the same transaction. What takes long is asked for here (`begin_…`) and done by
background work (commitments.uploads.jobs), which calls `look` and `carry_out`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from commitments.models import Plan, Upload
from commitments.register.actions import save_commitments
from commitments.uploads.answers import Answers
from commitments.uploads.check import Checked, Part, Take, Tell, check
from commitments.uploads.collecting import without_collecting
from commitments.uploads.keeping import (
    Found,
    Target,
    keep,
    pages_of,
    record,
    tables_in,
    tables_of,
    target_of,
)
from commitments.uploads.layout import SheetProposal
from commitments.uploads.looking import (
    look,
    plan_for,
    remember_layouts,
    remembered_columns,
)
from commitments.uploads.naming import remember_names
from commitments.uploads.pages import by_reference
from commitments.uploads.reading import Table
from commitments.uploads.rows import in_series
from organisations.models import User
from organisations.writing import undone

__all__ = [
    "Outdated", "Target", "answer", "apply", "begin_apply", "carry_out", "check_file", "discard",
    "import_file", "open_again", "receive", "start", "target_of",
]  # fmt: skip

State = Upload.State
# What a check found may be megabytes, and hardly anything that is done with an upload needs it.
WITHOUT_RESULT = Upload.objects.defer("result")
# So that no two pieces of work apply the same upload; the number means nothing.
LOCK = 552_001


class Outdated(Exception):
    """Applying would not do what the preview said; the preview was made again. The message says
    what is different."""


# --- a file comes in ------------------------------------------------------------------------------
def check_file(
    *,
    by: User,
    content: bytes,
    filename: str,
    target: Target,
    today: date,
    answers: Answers | None = None,
) -> Checked:
    """What applying a file would do. Writes nothing.

    Raises Unreadable, ValidationError (about a new plan) and PermissionDenied.
    """
    tables = tables_in(content, filename)
    with undone():
        return _check(tables, by, plan_for(by, target, today), target, today, answers)


def start(*, by: User, content: bytes, filename: str, target: Target, today: date) -> Upload:
    """Keep a file, to be read by background work.

    Raises ValidationError about a new plan and PermissionDenied; then nothing is kept.
    """
    with undone():
        plan_for(by, target, today)
    return keep(by, content, filename, target)


def receive(*, by: User, content: bytes, filename: str, target: Target, today: date) -> Upload:
    """Keep a file with what looking at it found. Raises as `start` does."""
    upload = start(by=by, content=content, filename=filename, target=target, today=today)
    look(upload, today=today)
    return upload


@without_collecting()
def import_file(
    *,
    by: User,
    content: bytes,
    filename: str,
    target: Target,
    today: date,
    now: datetime,
    answers: Answers | None = None,
) -> Checked:
    """Check a file and, when nothing is wrong with it, apply at once what is certain: names that
    nobody knows are kept as text, and rows that wait for an answer stay out. With errors nothing is
    written. Raises as check_file does."""
    tables = tables_in(content, filename)
    with transaction.atomic():
        plan = plan_for(by, target, today)
        Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        with pghistory.context(user=by.pk) as context:
            checked = _check(tables, by, plan, target, today, answers, save=True)
            if checked.errors:
                transaction.set_rollback(True)
                return checked
            # The file is kept last: what the database takes back, a disk does not.
            upload = keep(by, content, filename, target)
            pghistory.context(**_circumstances(upload, answers))
            record(upload, Found(State.CHECKED, answers or Answers(), checked=checked))
            _finish(upload, plan, now, context)
    return checked


def _check(
    tables: Sequence[Table],
    by: User,
    plan: Plan,
    target: Target,
    today: date,
    answers: Answers | None,
    *,
    save: bool = False,
) -> Checked:
    answers = answers or Answers()
    if answers.columns is None:
        answers = replace(answers, columns=remembered_columns(tables, target.owner))
    return check(
        tables,
        plan=plan,
        by=by,
        today=today,
        answers=answers,
        organisation=target.owner,
        take=_saver(by, plan, today) if save else None,
        lock=save,
    )


def _saver(by: User, plan: Plan, today: date) -> Take:
    """Saves each part of a file as it comes out of the check; what turns out wrong later takes it
    all back."""

    def take(part: Part) -> None:
        if planned := part.planned:
            save_commitments(by=by, plan=plan, drafts=planned.drafts, today=today, planned=planned)

    return take


# --- its questions are answered -------------------------------------------------------------------
def answer(
    *,
    by: User,
    upload: Upload,
    today: date,
    columns: dict[str, dict[str, str]] | None = None,
    names: dict[str, str] | None = None,
    chosen: dict[str, str] | None = None,
    same: dict[str, str] | None = None,
    withdraw: list[str] | None = None,
    reason: str = "",
) -> Upload:
    """Take answers to questions of the wizard; the file then waits to be checked with them.

    Other columns make the later answers void. `names` are all that were asked, of which `chosen`
    are remembered for the organisation's next files. Raises PermissionDenied, and ValidationError
    when the upload is no longer open.
    """
    with transaction.atomic(), pghistory.context(user=by.pk):
        upload = _locked(by, upload, today)
        if not upload.is_open:
            raise ValidationError(_not_open(upload))
        given = Answers.from_json(upload.answers)
        if columns is not None:
            proposals = upload.result.get("proposals", [])
            remember_layouts(
                upload.organisation, [SheetProposal.from_json(each) for each in proposals], columns
            )
            given = Answers(columns=columns)
        if names is not None:
            remember_names(upload.organisation, chosen or {})
            given = replace(given, names=given.names | names)
        if same is not None:
            given = replace(given, same=given.same | same)
        if withdraw is not None:
            if withdraw and not reason.strip():
                raise ValidationError("Say why these are withdrawn: it is kept with the upload.")
            given = replace(given, withdraw=withdraw, reason=reason.strip() if withdraw else "")
        upload.answers = given.as_json()
        upload.state = State.WAITING
        upload.asked_by = by
        upload.error = ""
        upload.save(update_fields=["answers", "state", "asked_by", "error"])
    return upload


def open_again(*, by: User, upload: Upload, today: date) -> None:
    """Have a file checked again that could not be: the work on it had been cut short."""
    with transaction.atomic(), pghistory.context(user=by.pk):
        upload = _locked(by, upload, today)
        if not upload.is_open:
            raise ValidationError(_not_open(upload))
        upload.state, upload.asked_by, upload.error, upload.tries = State.WAITING, by, "", 0
        upload.save(update_fields=["state", "asked_by", "error", "tries"])


# --- it is applied --------------------------------------------------------------------------------
def begin_apply(*, by: User, upload: Upload, accepted: bool, today: date) -> bool:
    """Ask for an upload to be applied; False when it has been or is being already, by a double
    click or somebody else. `accepted`: the person has looked at what was to be confirmed.

    Raises ValidationError in plain words, and PermissionDenied.
    """
    with transaction.atomic(), pghistory.context(user=by.pk):
        # One after the other: a second click waits here, and then sees that it came second.
        upload = _locked(by, upload, today)
        if upload.state in (State.APPLYING, *Upload.IN):
            return False
        _require_ready(upload, accepted)
        upload.state, upload.asked_by, upload.error, upload.tries = State.APPLYING, by, "", 0
        upload.stage, upload.done, upload.total, upload.alive_at = "", 0, 0, None
        upload.save(update_fields=[
            "state", "asked_by", "error", "tries", "stage", "done", "total", "alive_at"
        ])  # fmt: skip
    return True


@without_collecting()
def carry_out(upload: Upload, *, today: date, now: datetime, tell: Tell | None = None) -> None:
    """Do what the preview said, for an upload that was asked to be applied: all of it or nothing,
    and once, however many try.

    Raises Outdated (nothing applied, the preview made again), ValidationError, PermissionDenied and
    Unreadable; then it stands as it was before it was asked for, with why in `error`.
    """
    tell = tell or (lambda stage, done, total: None)
    by = upload.asked_by or upload.uploaded_by
    tables = tables_of(upload)
    checked = None
    with transaction.atomic(), pghistory.context(**_circumstances(upload)) as context:
        _one_at_a_time(upload)
        upload = WITHOUT_RESULT.get(pk=upload.pk)
        if upload.state != State.APPLYING:
            return
        plan = plan_for(by, target_of(upload), today)
        # The plan stays as the check sees it until the save has been made.
        Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        answers = Answers.from_json(upload.answers)
        checked = check(
            tables,
            plan=plan,
            by=by,
            today=today,
            answers=answers,
            organisation=upload.organisation,
            tell=tell,
            take=_saver(by, plan, today),
            lock=True,
        )
        if not checked.errors and checked.fingerprint() == upload.fingerprint:
            tell("Keeping what was written", 0, 0)
            _finish(upload, plan, now, context)
            return
        transaction.set_rollback(True)
    differences = _differences(upload, checked)
    look(upload, today=today, tell=tell)
    Upload.objects.filter(pk=upload.pk).update(error=differences)
    raise Outdated(differences)


def apply(*, by: User, upload: Upload, accepted: bool, today: date, now: datetime) -> bool:
    """Apply an upload here and now: begin_apply and carry_out in one, raising what they raise."""
    if not begin_apply(by=by, upload=upload, accepted=accepted, today=today):
        return False
    upload = WITHOUT_RESULT.get(pk=upload.pk)
    try:
        carry_out(upload, today=today, now=now)
    except Outdated:
        raise
    except Exception:
        stand_back(upload, "")
        raise
    return True


def stand_back(upload: Upload, error: str) -> None:
    """An upload that could not be applied is as it was before, with why."""
    Upload.objects.filter(pk=upload.pk, state=State.APPLYING).update(
        state=State.CHECKED, error=error
    )


def discard(*, by: User, upload: Upload, today: date) -> None:
    """Put a file aside: it stays on the list, and can no longer be applied.

    Raises ValidationError when it has been applied, or is being.
    """
    with transaction.atomic(), pghistory.context(user=by.pk):
        upload = _locked(by, upload, today)
        if upload.state == State.APPLYING:
            raise ValidationError(f"{upload.filename} is being applied. Undo it afterwards.")
        if upload.state in Upload.IN:
            raise ValidationError(f"{upload.filename} has been applied, so it stays.")
        upload.state = State.DISCARDED
        upload.save(update_fields=["state"])


# --- inside ---------------------------------------------------------------------------------------
def _locked(by: User, upload: Upload, today: date) -> Upload:
    """The upload as it stands, for the person who changes it. Raises PermissionDenied."""
    seen = Upload.objects.visible_to(by, today).values("pk")
    upload = WITHOUT_RESULT.select_for_update(no_key=True).get(pk=upload.pk)
    if not seen.filter(pk=upload.pk).exists():
        raise PermissionDenied
    return upload


def _one_at_a_time(upload: Upload) -> None:
    """Wait for whoever applies the same upload at this moment, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, upload.pk])


def _circumstances(upload: Upload, answers: Answers | None = None) -> dict[str, Any]:
    """What the history notes with the changes that an upload makes."""
    person = upload.asked_by or upload.uploaded_by
    known: dict[str, Any] = {"user": person.pk, "upload": upload.pk}
    if reason := (answers or Answers.from_json(upload.answers)).reason:
        known["withdrawn_because"] = reason
    return known


def _finish(upload: Upload, plan: Plan, now: datetime, context: Any) -> None:
    """Everything has been written: the upload is applied."""
    upload.plan = plan
    upload.state = State.APPLIED
    upload.applied_at = now
    upload.context = context.id
    upload.error = ""
    upload.save(update_fields=["plan", "state", "applied_at", "context", "error"])


def _require_ready(upload: Upload, accepted: bool) -> None:
    if upload.state == State.DISCARDED:
        raise ValidationError(f"{upload.filename} was put aside. Upload it again to apply it.")
    if upload.state == State.FAULTY:
        raise ValidationError("Nothing was applied: the file has problems to mend first.")
    if upload.state != State.CHECKED:
        raise ValidationError("Nothing was applied: the file has questions to answer first.")
    if upload.counts.get("to_answer"):
        raise ValidationError(
            "Nothing was applied: say first of each row without a reference whether it is the same "
            "as a commitment in the plan, or new."
        )
    if upload.counts.get("to_confirm") and not accepted:
        raise ValidationError(
            "Tick the box to say that you have looked at what is kept as text or was worked out."
        )


def _not_open(upload: Upload) -> str:
    if upload.state == State.DISCARDED:
        return f"{upload.filename} was put aside. Upload it again to go on."
    return f"{upload.filename} has been applied, or is being: nothing in it can be changed."


def _differences(upload: Upload, checked: Checked) -> str:
    """Which commitments would not change as the preview said."""
    before = by_reference(pages_of(upload))
    after = by_reference(page.text for page in checked.pages.full)
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
