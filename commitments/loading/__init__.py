"""Loads published plans from CSV files, through the same actions as everything else.

    files.py     rows of the two kinds of file, and what is wrong with them
    reading.py   what a row means: parties, measures, milestones, notes
    store.py     what is new, what changed, and what people have made their own

`load_plans` is what the command calls.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.db import transaction

from commitments.loading.files import Problem, read_files
from commitments.loading.store import Report, save

DATA = Path(__file__).resolve().parent.parent / "data"
FILES = (
    DATA / "founding_plan_commitments.csv",
    DATA / "founding_milestones.csv",
    DATA / "published_plan_commitments.csv",
)

__all__ = ["FILES", "Problem", "Report", "load_plans"]


def load_plans(files: Sequence[Path] = FILES, *, today: date) -> Report:
    """Bring plans and their commitments to what the files say. The same files twice change nothing.

    With any problem nothing is changed and the report lists them all. What people have changed here
    since is kept, and reported as kept; so is whatever the files do not have.
    """
    plans, problems = read_files(files)
    if problems:
        return Report(problems=problems)
    with transaction.atomic():
        report = save(plans, today)
        if report.problems:
            transaction.set_rollback(True)
    return report
