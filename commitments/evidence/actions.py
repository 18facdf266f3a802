"""Add, verify and remove evidence, and take a verification back: everything that changes it.

Each locks the commitment first, so that the second of two clicks waits and then finds what the
first has done.
"""

import hashlib
import logging
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

import pghistory
from celery import current_app
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from commitments.evidence import scanning
from commitments.evidence.kinds import NotTaken, content_type_of
from commitments.evidence.queries import Verifying, may_give, may_remove
from commitments.evidence.receiving import max_bytes, too_big
from commitments.models import Commitment, Evidence, Milestone, ProgressUpdate
from commitments.register.actions.permission import may_edit, require, writes
from organisations.models import Membership, Organisation, User
from workforce_tracker.templatetags import words

log = logging.getLogger(__name__)
GIVEN = (Evidence.Strength.NONE, Evidence.Strength.SELF_DECLARED, Evidence.Strength.DOCUMENT)


@dataclass(frozen=True)
class About:
    """What a piece of evidence belongs to: a milestone, an update, or neither (all of it)."""

    milestone: Milestone | None = None
    update: ProgressUpdate | None = None


@writes
def add_file(
    *,
    by: User,
    commitment: Commitment,
    organisation: Organisation,
    file: File,
    filename: str,
    title: str = "",
    strength: str = Evidence.Strength.DOCUMENT,
    about: About | None = None,
    today: date,
) -> Evidence:
    """Keep a file as evidence, given by an organisation.

    The same file in the same place is refused with the name of the one that is there. Raises
    ValidationError (of `file`, in words) and PermissionDenied.
    """
    about = about or About()
    filename = clean_name(filename)
    content_type, digest = _checked(file, filename)
    _begin(by, commitment, about, strength, today)
    if there := _in_place(commitment, about).filter(sha256=digest).first():
        raise ValidationError({"file": _is_there(there)})
    made = Evidence(
        commitment=commitment,
        milestone=about.milestone,
        update=about.update,
        title=title.strip()[:200] or filename[:200],
        filename=filename,
        size=file.size,
        content_type=content_type,
        sha256=digest,
        strength=strength,
        organisation=organisation,
        added_by=by,
    )
    made.file.save(filename, file, save=False)
    try:
        with transaction.atomic():
            made.save()
    except BaseException:
        made.file.delete(save=False)
        raise
    transaction.on_commit(lambda: _ask_for_a_scan(made.pk), robust=True)
    return made


@writes
def add_link(
    *,
    by: User,
    commitment: Commitment,
    organisation: Organisation,
    url: str,
    title: str,
    strength: str = Evidence.Strength.SELF_DECLARED,
    about: About | None = None,
    today: date,
) -> Evidence:
    """Keep a link as evidence. What it leads to is never fetched. Raises as `add_file` does, of
    `url`."""
    about = about or About()
    _begin(by, commitment, about, strength, today)
    if there := _in_place(commitment, about).filter(url=url).first():
        raise ValidationError({"url": _is_there(there, "link")})
    return Evidence.objects.create(
        commitment=commitment,
        milestone=about.milestone,
        update=about.update,
        title=title.strip()[:200],
        url=url,
        strength=strength,
        organisation=organisation,
        added_by=by,
    )


@writes
def verify(*, by: User, acting: Membership | None, evidence: Evidence, today: date) -> Evidence:
    """Say for another organisation that the evidence shows what it is given for.

    A second click changes nothing. Raises PermissionDenied for whoever may not, and ValidationError
    where somebody was quicker or it has gone.
    """
    row = _locked(evidence)
    if row.strength == Evidence.Strength.VERIFIED and row.verified_by_id == by.pk:
        return row
    if row.removed_at or row.scan == Evidence.Scan.INFECTED:
        raise ValidationError(f"“{row.title}” has been removed, so it cannot be verified.")
    if row.strength == Evidence.Strength.VERIFIED:
        raise ValidationError(f"{row.verified_for} has verified “{row.title}” already.")
    body = Verifying(by, acting, row.commitment, today).may(row)
    if body is None:
        raise PermissionDenied
    row.strength, row.verified_by, row.verified_for = Evidence.Strength.VERIFIED, by, body
    row.verified_at = timezone.now()
    row.save(update_fields=["strength", "verified_by", "verified_for", "verified_at"])
    return row


@writes
def take_back(
    *, by: User, acting: Membership | None, evidence: Evidence, reason: str, today: date
) -> Evidence:
    """Take a verification back in the name of the organisation that gave it: the evidence is again
    what it was, and waits to be verified. The history says why.

    A second click changes nothing. Raises ValidationError (of `reason`) and PermissionDenied.
    """
    row = _locked(evidence)
    if row.removed_at or row.strength != Evidence.Strength.VERIFIED:
        return row
    require(Verifying(by, acting, row.commitment, today).may_take_back(row))
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is taken back: it stays in the history."})
    row.strength = _before(row)
    row.verified_by = row.verified_for = row.verified_at = None
    with pghistory.context(unverified_because=reason.strip()):
        row.save(update_fields=["strength", "verified_by", "verified_for", "verified_at"])
    return row


@writes
def remove(*, by: User, evidence: Evidence, reason: str, today: date) -> Evidence:
    """Take a piece of evidence away: its file is deleted, its row and the reason stay.

    Removing it a second time changes nothing. Raises ValidationError (of `reason`) and
    PermissionDenied.
    """
    row = _locked(evidence)
    if row.removed_at:
        return row
    require(may_remove(by, row, may_edit(by, row.commitment, today), today))
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is removed: it stays in the history."})
    row.removed_by, row.removed_at, row.removed_reason = by, timezone.now(), reason.strip()
    row.save(update_fields=["removed_by", "removed_at", "removed_reason"])
    # Only when the removal stands; the sweep finds a file that is left over.
    transaction.on_commit(lambda: scanning.delete_file(row), robust=True)
    return row


def clean_name(filename: str) -> str:
    """A file's own name without folders, and without signs that nobody sees or that turn the
    direction of reading: "report<turn>fdp.exe" must not look like "reportexe.pdf"."""
    last = PurePath(filename.replace("\\", "/")).name
    seen = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip()
    stem, ending = PurePath(seen).stem, PurePath(seen).suffix
    return f"{stem[: 255 - len(ending)]}{ending}" if len(seen) > 255 else seen


# --- inside ---------------------------------------------------------------------------------------
def _checked(file: File, filename: str) -> tuple[str, str]:
    """What a file is, and its digest. Raises ValidationError."""
    if file.size > max_bytes():
        raise ValidationError({"file": too_big(f"“{filename}”")})
    try:
        content_type = content_type_of(file, filename)
    except NotTaken as refused:
        raise ValidationError({"file": str(refused)}) from refused
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return content_type, digest.hexdigest()


def _begin(by: User, commitment: Commitment, about: About, strength: str, today: date) -> None:
    """Lock, ask for permission, and hold what it is about against the commitment."""
    Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    require(may_give(by, commitment, today))
    if strength not in GIVEN:
        raise ValidationError({"strength": "Only another organisation can verify evidence."})
    for thing in (about.milestone, about.update):
        if thing is not None and thing.commitment_id != commitment.pk:
            raise PermissionDenied


def _in_place(commitment: Commitment, about: About):  # type: ignore[no-untyped-def]
    return commitment.evidence_items.filter(
        milestone=about.milestone, update=about.update, removed_at__isnull=True
    ).select_related("added_by")


def _is_there(there: Evidence, what: str = "file") -> str:
    return (
        f"This {what} is there already: “{there.title}”, added by {there.added_by} on "
        f"{words.day(there.added_at)}. Nothing was added."
    )


def _locked(evidence: Evidence) -> Evidence:
    Commitment.objects.select_for_update(no_key=True).get(pk=evidence.commitment_id)
    rows = Evidence.objects.select_for_update(of=("self",))
    return rows.select_related("commitment__plan", "verified_for").get(pk=evidence.pk)


def _before(row: Evidence) -> str:
    """How strong a piece of evidence was called before it was verified; the history knows."""
    copies = Evidence.pgh_event_model.objects.filter(pgh_obj_id=row.pk)  # type: ignore[attr-defined]
    strengths = copies.order_by("-pgh_id").values_list("strength", flat=True)
    return strengths.exclude(strength=row.strength).first() or Evidence.Strength.NONE


def _ask_for_a_scan(pk: int) -> None:
    """Send the message; without a broker the sweep finds the file a few minutes later."""
    if scanning.scanner() is None:
        return
    try:
        current_app.send_task(
            "commitments.evidence.tasks.scan_file", args=[pk], queue="files", retry=False
        )
    except Exception as problem:  # every broker has errors of its own
        log.warning("No message was sent for evidence %s: %s", pk, problem)
