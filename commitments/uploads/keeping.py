"""Keep a file, and what was found in it, with its upload."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from commitments.models import Plan, Upload, UploadChanges
from commitments.uploads.answers import Answers
from commitments.uploads.check import Checked
from commitments.uploads.layout import SheetProposal
from commitments.uploads.messages_column import without_messages
from commitments.uploads.reading import Table, read_safely
from organisations.models import Organisation, User

CHANGES_A_PAGE = 50


@dataclass(frozen=True)
class Target:
    """Where a file goes: into a plan, or into one that applying it starts, kept by `owner`."""

    plan: Plan | None = None
    code: str = ""
    title: str = ""
    owner: Organisation | None = None


def target_of(upload: Upload) -> Target:
    """Where the file of an upload goes."""
    return Target(
        plan=upload.plan,
        code=upload.new_plan_code,
        title=upload.new_plan_title,
        owner=upload.organisation,
    )


def keep(by: User, content: bytes, filename: str, target: Target) -> Upload:
    """A file as it came, waiting to be read."""
    return Upload.objects.create(
        plan=target.plan,
        new_plan_code="" if target.plan else target.code,
        new_plan_title="" if target.plan else target.title,
        organisation=target.owner,
        uploaded_by=by,
        asked_by=by,
        file=ContentFile(content, name=filename),
        filename=filename[-255:],
        size=len(content),
        state=Upload.State.WAITING,
    )


def tables_of(upload: Upload) -> Sequence[Table]:
    """The tables in the file of an upload. Raises Unreadable."""
    with upload.file.open("rb") as stored:
        return tables_in(stored.read(), upload.filename)


def tables_in(content: bytes, filename: str) -> Sequence[Table]:
    """The tables in a file, without what an earlier check may have added. Raises Unreadable."""
    return without_messages(read_safely(content, filename))


@dataclass(frozen=True)
class Found:
    """What looking at a file brought: the state that its upload goes into, and what to keep."""

    state: str
    answers: Answers
    proposals: Sequence[SheetProposal] = ()
    checked: Checked | None = None
    effects: Sequence[dict[str, str]] = ()
    error: str = ""


def record(upload: Upload, found: Found) -> bool:
    """Keep what was found, unless the upload was answered, put aside or applied meanwhile (False).

    `upload` is as it was when the work began, and is as it stands afterwards.
    """
    with transaction.atomic():
        now = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        if now.answers != upload.answers or now.state != upload.state:
            return False
        checked = found.checked
        upload.state = found.state
        upload.answers = found.answers.as_json()
        upload.error = found.error
        upload.counts = checked.counts() if checked else {}
        upload.result = result_of(found)
        upload.fingerprint = checked.fingerprint() if checked else ""
        upload.tries = 0
        upload.save(update_fields=[
            "state", "answers", "error", "counts", "result", "fingerprint", "tries"
        ])  # fmt: skip
        if checked:
            keep_changes(upload, checked)
        else:
            upload.changes.all().delete()
    return True


def result_of(found: Found) -> dict[str, Any]:
    """What an upload keeps of a look at its file, besides the changes."""
    result = found.checked.as_json() if found.checked else {}
    return result | {
        "proposals": [proposal.as_json() for proposal in found.proposals],
        "effects": list(found.effects),
    }


def keep_changes(upload: Upload, checked: Checked) -> None:
    """The changes of a check, page by page, in place of those of an earlier one; with the
    commitments that the file leaves out, as the kind "missing"."""
    upload.changes.all().delete()
    by_kind: dict[str, list[dict[str, Any]]] = {"missing": list(checked.missing)}
    for change in checked.changes:
        by_kind.setdefault(change["kind"], []).append(change)
    pages = [
        UploadChanges(
            upload=upload,
            kind=kind,
            number=start // CHANGES_A_PAGE + 1,
            rows=rows[start : start + CHANGES_A_PAGE],
        )
        for kind, rows in by_kind.items()
        for start in range(0, len(rows), CHANGES_A_PAGE)
    ]
    UploadChanges.objects.bulk_create(pages, batch_size=100)


def changes_of(upload: Upload) -> list[dict[str, Any]]:
    """All changes that the last check of an upload found."""
    pages = upload.changes.exclude(kind="missing").order_by("kind", "number")
    return [change for rows in pages.values_list("rows", flat=True) for change in rows]
