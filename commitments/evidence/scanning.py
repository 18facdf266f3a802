"""Files past a scanner, once each, and harmful ones away.

Losing or repeating a message about a file does no harm: a file is looked at while it says "not
scanned", and the sweep finds those of which no message speaks. A scanner is a function named by the
setting EVIDENCE_SCANNER: it takes an open file and gives the name of what it found, "" for nothing,
and raises any exception when it cannot say.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from commitments.models import Evidence

log = logging.getLogger(__name__)
Scanner = Callable[[IO[bytes]], str]
# A message is given this long before the sweep looks at its file as well.
GRACE = timedelta(minutes=1)


@dataclass
class Swept:
    """What a sweep did."""

    scanned: int = 0
    harmful: int = 0
    unanswered: int = 0
    deleted: int = 0


def scanner() -> Scanner | None:
    """The scanner of this installation, None for none."""
    return import_string(settings.EVIDENCE_SCANNER) if settings.EVIDENCE_SCANNER else None


def may_be_opened(evidence: Evidence) -> bool:
    """Whether a file may be given out: there is one, it was not found to be harmful, and where
    there is a scanner it has been looked at."""
    if not evidence.file or evidence.removed_at or evidence.scan == Evidence.Scan.INFECTED:
        return False
    return evidence.scan == Evidence.Scan.CLEAN or not settings.EVIDENCE_SCANNER


def scan(pk: int) -> bool:
    """Look at one file, unless somebody has. Returns whether it has been looked at now; raises what
    the scanner raises."""
    ask = scanner()
    found = _waiting().filter(pk=pk).first()
    if ask is None or found is None:
        return False
    try:
        with found.file.open("rb") as file:
            harm = ask(file)
    except FileNotFoundError:
        log.error("The file of evidence %s is not in the store.", pk)
        return False
    with transaction.atomic():
        # Another worker may have been quicker, or somebody has removed it meanwhile.
        row = _waiting().select_for_update().filter(pk=pk).first()
        if row is None:
            return False
        row.scan = Evidence.Scan.INFECTED if harm else Evidence.Scan.CLEAN
        row.scan_found, row.scanned_at = harm[:200], timezone.now()
        row.save(update_fields=["scan", "scan_found", "scanned_at"])
    if harm:
        delete_file(row)
    return True


def sweep(*, now: datetime, seconds: float) -> Swept:
    """Look at what waits, the oldest first, and delete files that should be gone. A file of which
    the scanner can say nothing does not hold up the others."""
    done, until = Swept(), monotonic() + seconds
    for evidence in Evidence.objects.filter(_gone()).exclude(file="")[:1000]:
        delete_file(evidence)
        done.deleted += 1
    if scanner() is None:
        return done
    waiting = _waiting().filter(added_at__lt=now - GRACE).order_by("added_at")
    for pk in waiting.values_list("pk", flat=True)[:10_000]:
        if monotonic() > until:
            break
        _sweep_one(pk, done)
    return done


def _sweep_one(pk: int, done: Swept) -> None:
    try:
        done.scanned += scan(pk)
    except Exception as problem:  # a scanner is somebody else's code
        log.warning("The file of evidence %s could not be scanned: %s", pk, problem)
        done.unanswered += 1
    else:
        done.harmful += Evidence.objects.filter(pk=pk, scan=Evidence.Scan.INFECTED).count()


def delete_file(evidence: Evidence) -> None:
    """Delete the file of a row that keeps none: from the store first, then from the row, so that
    the sweep finds what was cut short."""
    if evidence.file:
        evidence.file.delete(save=False)
        Evidence.objects.filter(pk=evidence.pk).update(file="")


def _waiting():  # type: ignore[no-untyped-def]
    return Evidence.objects.filter(scan=Evidence.Scan.NOT_SCANNED, removed_at__isnull=True).exclude(
        file=""
    )


def _gone() -> Q:
    return Q(removed_at__isnull=False) | Q(scan=Evidence.Scan.INFECTED)
