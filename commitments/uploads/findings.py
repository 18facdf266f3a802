"""A row on its way, and what there is to say of its cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from commitments.register.actions import CommitmentDraft
from commitments.uploads.layout import Layout


@dataclass(slots=True)
class Finding:
    """Something to mend or to confirm, with its place: `message` says all of it in one sentence or
    two, `what` the same without the place. `suggestions` are (code, name) of organisations.

    A question with `choices` as (value, label) has to be answered before its row goes in; `answer`
    is what was chosen. `group` and `key` say where that stands in the answers of an upload.
    """

    kind: str
    sheet: str
    row: int
    cell: str
    column: str
    value: str
    what: str
    message: str = ""
    suggestions: Sequence[tuple[str, str]] = ()
    group: str = ""
    key: str = ""
    choices: Sequence[tuple[str, str]] = ()
    answer: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still has to be answered."""
        return bool(self.choices) and not self.answer

    def as_json(self) -> dict[str, Any]:
        """As it is kept and printed."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(slots=True)
class Row:
    """One row of a sheet that is not blank: its cells by key, and its number as people count.

    A milestone may stand in another row or sheet: `elsewhere` has that row and the key it has
    there. `milestones` is how many there are: their keys go from 1 to that.
    """

    layout: Layout
    index: int
    cells: dict[str, str]
    one_of_several: bool = False
    milestones: int = 0
    elsewhere: dict[str, tuple["Row", str]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.index + 1

    @property
    def sheet(self) -> str:
        return self.layout.table.sheet

    @property
    def place(self) -> str:
        """Where it is, for the middle of a sentence."""
        where = f' of "{self.sheet}"' if self.one_of_several else ""
        return f"row {self.number}{where}"

    def label(self, key: str) -> str:
        """What a column is called where the cell stands."""
        if key in self.elsewhere:
            row, there = self.elsewhere[key]
            return row.label(there)
        return self.layout.label(key)

    def address(self, key: str) -> tuple[str, int, str]:
        """Sheet, row and cell of a value; no cell for the whole row or a missing column."""
        if key in self.elsewhere:
            row, there = self.elsewhere[key]
            return row.address(there)
        return self.sheet, self.number, self.layout.cell(self.index, key) if key else ""

    def finding(self, kind: str, key: str, what: str, **more: Any) -> Finding:
        """Something about one cell of this row; the whole row when `key` is empty."""
        column = self.label(key) if key else ""
        sheet, number, cell = self.address(key)
        place = f'Sheet "{sheet}", row {number}' if self.one_of_several else f"Row {number}"
        return Finding(
            kind=kind,
            sheet=sheet,
            row=number,
            cell=cell,
            column=column,
            value=self.cells.get(key, ""),
            what=what,
            message=f'{place}, "{column}": {what}' if column else f"{place}: {what}",
            **more,
        )


@dataclass(slots=True)
class Entry:
    """One row with the values of its cells, the reference it gets and the draft. `faulty` are the
    columns in which something is wrong. A row that waits for an answer has no draft."""

    row: Row
    values: dict[str, Any]
    reference: str = ""
    faulty: set[str] = field(default_factory=set)
    waits: bool = False
    draft: CommitmentDraft | None = None

    def error(self, key: str, words: str) -> Finding:
        """Something wrong with a cell; with the whole row when `key` is empty."""
        self.faulty.add(key)
        return self.row.finding("error", key, words)
