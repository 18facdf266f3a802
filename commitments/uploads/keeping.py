"""Keep a file, and what was found in it, with its upload."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, transaction

from commitments.models import Plan, Upload
from commitments.uploads.answers import Answers
from commitments.uploads.check import Checked
from commitments.uploads.layout import SheetProposal
from commitments.uploads.messages_column import without_messages
from commitments.uploads.pages import NO_CHANGES, Page, Pages
from commitments.uploads.reading import Table, read_safely
from organisations.models import Organisation, User

PAGES_AT_ONCE = 20
# The pages are texts already, so nobody has to take them apart and put them together again.
INSERT_PAGES = """
INSERT INTO commitments_uploadchanges (upload_id, kind, number, rows)
SELECT %s, kind, number, rows::jsonb
FROM unnest(%s, %s, %s::text[]) AS pages (kind, number, rows)
"""


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
    ratings: Pages = field(default_factory=Pages)
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
        upload.counts = checked.counts() | dict(found.ratings.counts) if checked else {}
        upload.result = result_of(found)
        upload.fingerprint = checked.fingerprint() if checked else ""
        upload.tries = 0
        upload.save(update_fields=[
            "state", "answers", "error", "counts", "result", "fingerprint", "tries"
        ])  # fmt: skip
        if checked:
            keep_changes(upload, checked, found.ratings)
        else:
            upload.changes.all().delete()
    return True


def result_of(found: Found) -> dict[str, Any]:
    """What an upload keeps of a look at its file, besides the changes."""
    result = found.checked.as_json() if found.checked else {}
    return result | {"proposals": [proposal.as_json() for proposal in found.proposals]}


def keep_changes(upload: Upload, checked: Checked, ratings: Pages) -> None:
    """The pages of a check, in place of those of an earlier one; with the commitments that the file
    leaves out, as the kind "missing", and the ratings that change."""
    missing = Pages.of("missing", checked.missing)
    keep_pages(upload, [*checked.pages.full, *missing.full, *ratings.full])


def keep_pages(upload: Upload, pages: Sequence[Page]) -> None:
    """Pages of an upload, in place of those it had."""
    upload.changes.all().delete()
    with connection.cursor() as cursor:
        for start in range(0, len(pages), PAGES_AT_ONCE):
            some = pages[start : start + PAGES_AT_ONCE]
            cursor.execute(INSERT_PAGES, [
                upload.pk,
                [page.kind for page in some],
                [page.number for page in some],
                [page.text for page in some],
            ])  # fmt: skip


def pages_of(upload: Upload) -> Iterator[str]:
    """The pages of changes that the last check of an upload found, each as a JSON list."""
    pages = upload.changes.exclude(kind__in=NO_CHANGES).order_by("kind", "number")
    for rows in pages.values_list("rows", flat=True).iterator(PAGES_AT_ONCE):
        yield json.dumps(rows)
