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


def count_moves(name: str, **firsts: str) -> pgtrigger.Trigger:
    """Keep the first promise for ever, and count how often it was moved: when a column of `firsts`
    changes from something to something else, its first value goes to the column named there and
    `moves` grows by one (by one also when several columns of a promise change at once). By the
    database, so that no page, spreadsheet or statement can move a promise unseen."""
    moved = " OR ".join(
        f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})"
        for column in firsts
    )
    keep = " ".join(
        f"NEW.{first} = coalesce(OLD.{first}, OLD.{column});" for column, first in firsts.items()
    )
    leave = " ".join(f"NEW.{first} = OLD.{first};" for first in firsts.values())
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=(
            f"IF {moved} THEN NEW.moves = OLD.moves + 1; {keep} "
            f"ELSE NEW.moves = OLD.moves; {leave} END IF; RETURN NEW;"
        ),
    )
