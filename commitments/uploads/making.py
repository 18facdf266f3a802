"""Make the file of an export: at once when it is small, else by background work.

A large one is kept in a folder of its own, with all that is needed while it is being made. So a
worker that is killed leaves nothing elsewhere: the next one empties the folder and begins again.
"""

import errno
import shutil
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from xlsxwriter.exceptions import XlsxFileError

from commitments.models import Export
from commitments.models.export import FOLDER, KEPT, REMEMBERED
from commitments.uploads.check import Tell
from commitments.uploads.choosing import commitments_of, filters_in_words
from commitments.uploads.exporting import Contents, contents, plain_rows
from commitments.uploads.ods import TYPE as ODS
from commitments.uploads.ods import write_spreadsheet
from commitments.uploads.owing import how_owed
from commitments.uploads.workbook import write_workbook
from organisations.models import User
from organisations.permissions import memberships_of
from workforce_tracker.spreadsheets import csv_lines

# Up to as many commitments are made while somebody waits: within two thirds of a second, with ten
# milestones each (script/bench exports).
SMALL = 200
# So that no two pieces of work make the same export; the number means nothing.
LOCK = 552_002

State = Export.State


def _write_csv(found: Contents, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines(plain_rows(found)))


FORMS: dict[str, tuple[Callable[[Contents, Path], None], str]] = {
    Export.Form.XLSX: (
        write_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
    Export.Form.ODS: (write_spreadsheet, ODS),
    Export.Form.CSV: (_write_csv, "text/csv; charset=utf-8"),
}  # fmt: skip


def content_type(export: Export) -> str:
    """What a browser is told that the file is."""
    return FORMS[export.form][1]


def write(export: Export, path: Path, today: date, tell: Tell | None = None) -> dict[str, int]:
    """Write what an export holds on a day; the number of rows of each sheet. What it needs
    meanwhile lies in the folder of `path`. Raises OSError."""
    rows = commitments_of(export, today)
    is_return = export.round is not None
    found = contents(
        rows,
        export.asked_by,
        today,
        owed=how_owed(rows, export.round) if export.round else None,
        open_to_all=is_return,
        only_first=export.form == Export.Form.CSV,
        tell=tell,
    )
    FORMS[export.form][0](found, path)
    return dict(found.counts)


def at_once(export: Export, today: date) -> bytes:
    """The file of a small export, which nobody keeps. Raises ValidationError in plain words when it
    cannot be made."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            write(export, path, today)
            return path.read_bytes()
    except (OSError, XlsxFileError) as problem:
        raise ValidationError(_unwritable(problem)) from problem


# --- asked for ------------------------------------------------------------------------------------
def ask(export: Export, *, today: date) -> Export:
    """Keep an export, to be made by background work; the one that is under way already when the
    same was asked for twice."""
    export.words = filters_in_words(export, today)
    export.file.name = export.file.field.generate_filename(export, f"file.{export.form}")
    try:
        with transaction.atomic():
            export.save()
        return export
    except IntegrityError:
        same = Export.objects.filter(
            asked_by=export.asked_by, organisation=export.organisation, form=export.form,
            query=export.query, round=export.round, body=export.body, state__in=Export.BUSY,
        ).first()  # fmt: skip
        # It may have been finished between the two statements: then another one is made.
        return same or ask(export, today=today)


# --- made -----------------------------------------------------------------------------------------
def carry_out(export: Export, *, today: date, now: datetime, tell: Tell) -> None:
    """Make the file, with what the person may see at this moment. Once, however many try.

    Raises ValidationError in plain words when it cannot be made; then no file is left.
    """
    with transaction.atomic():
        if not _is_alone(export):
            return
        if not Export.objects.filter(pk=export.pk, state__in=Export.BUSY).exists():
            return
        if not export.asked_by.is_active:
            raise ValidationError("It was not made: the account of who asked is switched off.")
        folder = Path(export.file.path).parent
        try:
            _empty(folder)
            folder.mkdir(parents=True)
            path = Path(export.file.path)
            counts = write(export, path, today, tell)
            size = path.stat().st_size
        except (OSError, XlsxFileError) as problem:
            _empty(folder)
            raise ValidationError(_unwritable(problem)) from problem
        if not sum(counts.values()):
            _empty(folder)
            raise ValidationError("No commitment fits these filters any more.")
        Export.objects.filter(pk=export.pk).update(
            state=State.READY, size=size, counts=counts, access=access_of(export.asked_by),
            made_at=now, error="", tries=0,
        )  # fmt: skip


def _is_alone(export: Export) -> bool:
    """Whether nobody else makes it at this moment, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, export.pk])
        return bool(cursor.fetchone()[0])


def _unwritable(problem: Exception) -> str:
    # The library that writes workbooks wraps what the system says.
    found = problem if isinstance(problem, OSError) else problem.args[0]
    if getattr(found, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        why = "there is no room for it where files are kept"
    else:
        why = "files cannot be written where they are kept"
    return f"It could not be made: {why}. Tell whoever runs the service, and ask for it again."


# --- handed over ----------------------------------------------------------------------------------
def access_of(user: User) -> list[str]:
    """What a person's sight of commitments comes from, at this moment."""
    held = sorted(f"{each.organisation_id} {each.role}" for each in memberships_of(user))
    return ["platform", *held] if user.is_platform_administrator else held


def may_have(export: Export, user: User) -> bool:
    """Whether somebody still holds everything by which they saw what is in the file."""
    return user.is_active and set(export.access) <= set(access_of(user))


# --- deleted --------------------------------------------------------------------------------------
def delete_old(*, now: datetime) -> int:
    """Delete files that have been kept long enough, later what is known of them, and folders of
    which nothing is known; the number of files. Repeating it does no harm."""
    old = Export.objects.filter(state=State.READY, made_at__lt=now - KEPT)
    deleted = old.update(state=State.GONE)
    rest = Export.objects.filter(state__in=(State.GONE, State.FAILED))
    rest.filter(created_at__lt=now - REMEMBERED).delete()
    # The folders first: what is asked for from now on has none yet.
    top = Path(settings.MEDIA_ROOT) / FOLDER
    folders = list(top.iterdir()) if top.is_dir() else []
    kept = Export.objects.filter(state__in=(State.READY, *Export.BUSY))
    names = {Path(name).parent.name for name in kept.values_list("file", flat=True)}
    for folder in folders:
        if folder.name not in names:
            _empty(folder)
    return deleted


def _empty(folder: Path) -> None:
    """Remove the folder of an export with all that is in it."""
    shutil.rmtree(folder, ignore_errors=True)
