"""History by database trigger, the same for every business table."""

from collections.abc import Callable
from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models

M = TypeVar("M", bound=type[models.Model])


def tracked(*exclude: str) -> Callable[[M], M]:
    """Class decorator: record every insert, update and delete of the table, bulk SQL included.

    Recorded once a statement, not once a row: for thousands of rows of an upload that is a tenth of
    the work. The index is for "what changed since".
    """
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=list(exclude) or None,
        level=pghistory.Statement,
        meta={"indexes": [models.Index(fields=["pgh_created_at"])]},
    )


# Two people who edit at once are told apart by this number. The database counts, so that no way of
# writing can forget to.
bump_version = pgtrigger.Trigger(
    name="bump_version",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func="NEW.version = OLD.version + 1; RETURN NEW;",
)
