"""Where the headings of a sheet stand: one row or two, below titles. Pure functions.

The headings are the first row among the first thirty with at least two known names, the title, the
reference or a milestone among them. Two rows are read as one ("Milestone 1" over "Title" and
"Date") when together they name more than either alone. Where nothing is known by name, the row that
looks most like headings is offered, for a person to say what its columns hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from commitments.uploads.columns import key_of, words_within
from commitments.uploads.contents import is_date, is_number, is_reference
from commitments.uploads.reading import Table

HEADING_ROWS = 30
# Between the two rows of a heading; people write it in one row, too.
JOINT = " – "
LONGEST_HEADING = 120
_TELLING = {"title", "reference", "milestone_1"}


@dataclass(frozen=True)
class Headed:
    """A table with its headings: `first` and `last` are their rows, counted from 0; `headings` by
    place, "" for a column without. `known`: whether they are known by name."""

    table: Table
    first: int
    last: int
    headings: list[str]
    known: bool

    def below(self) -> Sequence[list[str]]:
        """The rows below the headings."""
        return self.table.rows[self.last + 1 :]


def find_headed(table: Table) -> Headed | None:
    """A sheet's headings; None when no row looks like any."""
    rows = [_spread(table, number) for number in range(min(HEADING_ROWS + 1, len(table.rows)))]
    for number, row in enumerate(rows[:HEADING_ROWS]):
        one = names_of(row)
        if number + 1 < len(rows) and (both := _joined(row, rows[number + 1])):
            two = names_of(both)
            if _is_enough(two) and len(two) > max(len(one), len(names_of(rows[number + 1]))):
                return Headed(table, number, number + 1, both, known=True)
        if _is_enough(one):
            return Headed(table, number, number, _tidied(row), known=True)
    return _likely(table, rows)


def named(heading: str) -> str | None:
    """What a heading stands for by name: the whole, else its last part, else its first."""
    parts = heading.split(JOINT)
    return next((key for each in (heading, parts[-1], parts[0]) if (key := key_of(each))), None)


def names_of(row: Sequence[str]) -> set[str]:
    """What the cells of a row would name as headings."""
    short = (cell for cell in row if cell and len(cell) <= LONGEST_HEADING)
    return {key for cell in short if (key := named(cell))}


def _is_enough(keys: set[str]) -> bool:
    return len(keys) >= 2 and bool(keys & _TELLING)


def _spread(table: Table, number: int) -> list[str]:
    """A row with merged cells written out: what spans three columns stands in all three."""
    row = list(table.rows[number])
    row += [""] * (_width(table) - len(row))
    for top, left, bottom, right in table.merged:
        if top <= number <= bottom and left < len(row):
            width = min(right, len(row) - 1) - left + 1
            text = table.rows[top][left] if top < len(table.rows) else ""
            row[left : left + width] = [text] * width
    return row


def _tidied(row: Sequence[str]) -> list[str]:
    return [" ".join(cell.split()) for cell in row]


def _joined(top: Sequence[str], bottom: Sequence[str]) -> list[str] | None:
    """Two rows as one; None when the lower one holds something else than headings."""
    headings: list[str] = []
    group, telling, filled = "", 0, 0
    for above, below in zip(_tidied(top), _tidied(bottom), strict=True):
        if len(below) > LONGEST_HEADING or len(above) > LONGEST_HEADING:
            return None
        # A group's name stands over its first column, and is meant for those beside it.
        group = above or (group if below else "")
        if not below or above == below:
            headings.append(above)
            continue
        if is_date(below) or is_number(below) or (is_reference(below) and not key_of(below)):
            return None
        heading = f"{group}{JOINT}{below}" if group else below
        filled += 1
        telling += bool(key_of(heading) or key_of(below))
        headings.append(heading)
    return headings if telling * 2 >= filled > 0 else None


def _likely(table: Table, rows: Sequence[list[str]]) -> Headed | None:
    """The row that looks most like headings though fewer than two names are known."""
    best, found = 0, None
    for number, row in enumerate(rows[:HEADING_ROWS]):
        cells = [cell for cell in row if cell]
        wordy = [cell for cell in cells if len(cell) <= LONGEST_HEADING and not _is_value(cell)]
        if len(set(wordy)) < 2 or len(wordy) < len(cells) or not _is_above_data(table, number):
            continue
        hints = sum(1 for cell in wordy if named(cell) or words_within(cell)[0])
        score = len(set(wordy)) + 3 * hints
        if score > best:
            best, found = score, Headed(table, number, number, _tidied(row), known=False)
    return found


def _is_value(cell: str) -> bool:
    return is_date(cell) or is_number(cell)


def _is_above_data(table: Table, number: int) -> bool:
    following = table.rows[number + 1 : number + 6]
    return any(sum(map(bool, row)) >= 2 for row in following)


def filled_down(table: Table, start: int) -> Iterator[tuple[int, int, int]]:
    """Cells below the headings that a merged cell above them covers, as (row, column, the row that
    holds the text)."""
    # Merged cells never lie on each other, but in a file that was made to take long.
    left_over = len(table.rows) * _width(table)
    for top, left, bottom, _ in table.merged:
        if top >= start and bottom > top and left < _width(table):
            last = min(bottom, len(table.rows) - 1)
            left_over -= max(0, last - top)
            if left_over < 0:
                return
            for row in range(top + 1, last + 1):
                yield row, left, top


def _width(table: Table) -> int:
    return max(map(len, table.rows[: HEADING_ROWS + 1]), default=0)
