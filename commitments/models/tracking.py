"""History by database trigger, the same for every business table."""

from collections.abc import Callable
from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models

M = TypeVar("M", bound=type[models.Model])


def tracked(*exclude: str) -> Callable[[M], M]:
    """Class decorator: record every insert, update and delete of the table, bulk SQL included.

    The index is for "what changed since".
    """
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=list(exclude) or None,
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


def count_moves(name: str, column: str, first: str) -> pgtrigger.Trigger:
    """Keep the first promise for ever, and count how often it was moved: when `column` changes from
    something to something else, its first value goes to `first` and `moves` grows by one. By the
    database, so that no page, spreadsheet or statement can move a promise unseen."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=(
            f"IF OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column} THEN "
            f"NEW.moves = OLD.moves + 1; NEW.{first} = coalesce(OLD.{first}, OLD.{column}); "
            f"ELSE NEW.moves = OLD.moves; NEW.{first} = OLD.{first}; END IF; RETURN NEW;"
        ),
    )
