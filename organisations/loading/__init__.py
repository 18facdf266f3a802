"""Loads the register of organisations from its files: read, check, then save all or nothing.

    files.py   the two files and what is wrong with them
    names.py   kinds and names that follow from a row
    checks.py  what only the whole register can tell: unknown parents, circles
    store.py   the difference to what is known, written in sets

`load_register` is what the command calls.
"""

from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from organisations.loading.checks import check_organisations, check_overlaps
from organisations.loading.files import Problem, read_organisations, read_overlaps
from organisations.loading.store import Report, save
from organisations.models import Organisation

DATA = Path(__file__).resolve().parent.parent / "data"
ORGANISATIONS = DATA / "organisations.csv"
OVERLAPS = DATA / "council_icb_lookup.csv"

__all__ = ["ORGANISATIONS", "OVERLAPS", "Problem", "Report", "load_register"]


def load_register(organisations: Path, overlaps: Path | None = None) -> Report:
    """Bring the register to what the files say. Loading the same files twice changes nothing.

    With any problem in either file nothing is changed and the report lists them all. Bodies, names
    and overlaps that the files do not have are kept, and counted as kept.
    """
    rows, problems = read_organisations(organisations)
    places, more = read_overlaps(overlaps) if overlaps else ([], [])
    problems += more
    with transaction.atomic():
        known = {body.code.upper(): body for body in Organisation.objects.all()}
        if not problems:
            problems += check_organisations(rows, known)
            problems += check_overlaps(places, rows, known)
        if problems:
            return Report(problems=_in_order(problems))
        return save(rows, places, known)


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.file, problem.row or 0))
