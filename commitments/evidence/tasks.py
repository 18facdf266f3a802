"""Background work of this capability. Why losing or repeating any of it does no harm stands in
scanning.py."""

from dataclasses import asdict

from celery import shared_task

from commitments.evidence import scanning
from workforce_tracker import clock

SECONDS = 10 * 60


@shared_task(acks_late=True)
def scan_file(pk: int) -> bool:
    """Look at one file that has just come in."""
    return scanning.scan(pk)


@shared_task(acks_late=True)
def sweep_files() -> dict[str, int]:
    """Look at files of which no message speaks, and delete those that should be gone."""
    return asdict(scanning.sweep(now=clock.now(), seconds=SECONDS))
