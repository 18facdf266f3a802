"""The column of messages that a marked file has, and how it is passed over when it comes back."""

from collections.abc import Iterable, Sequence

from commitments.uploads.reading import Table

PROBLEMS_HEADING = "Problems found (not read)"
# Below this nobody has headings.
LOOKED_AT = 25


def without_messages(tables: Iterable[Table]) -> list[Table]:
    """The tables as they were before messages were added, so that a file that comes back mended
    has the columns of the one that went out."""
    return [_without(table) for table in tables]


def place_of_messages(rows: Sequence[Sequence[str]]) -> int | None:
    """Which column holds the messages, counted from 0; None when there is none."""
    for row in rows[:LOOKED_AT]:
        if PROBLEMS_HEADING in row:
            return list(row).index(PROBLEMS_HEADING)
    return None


def _without(table: Table) -> Table:
    at = place_of_messages(table.rows)
    if at is None:
        return table
    return Table(table.sheet, [[*row[:at], *row[at + 1 :]] for row in table.rows], table.merged)
