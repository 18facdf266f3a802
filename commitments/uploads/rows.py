"""The rows of a file that speak of commitments, and what is said of its sheets. Pure functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from commitments.uploads.columns import COLUMNS, letters
from commitments.uploads.layout import Layout, Mapping, find_layouts
from commitments.uploads.reading import MAX_ROWS, Table, Unreadable
from commitments.uploads.resource import quoted
from commitments.uploads.sheets import HEADING_ROWS

EXAMPLE = "EXAMPLE"


@dataclass
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
    suggestions: list[tuple[str, str]] = field(default_factory=list)
    group: str = ""
    key: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    answer: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still has to be answered."""
        return bool(self.choices) and not self.answer

    def as_json(self) -> dict[str, Any]:
        """As it is kept and printed."""
        return dict(vars(self))


@dataclass
class Row:
    """One row of a sheet that is not blank: its cells by key, and its number as people count."""

    layout: Layout
    index: int
    cells: dict[str, str]
    one_of_several: bool = False

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

    def finding(self, kind: str, key: str, what: str, **more: Any) -> Finding:
        """Something about one cell of this row; the whole row when `key` is empty."""
        column = self.layout.label(key) if key else ""
        sheet = f'Sheet "{self.sheet}", r' if self.one_of_several else "R"
        place = f"{sheet}ow {self.number}"
        return Finding(
            kind=kind,
            sheet=self.sheet,
            row=self.number,
            cell=self.layout.cell(self.index, key) if key else "",
            column=column,
            value=self.cells.get(key, ""),
            what=what,
            message=f'{place}, "{column}": {what}' if column else f"{place}: {what}",
            **more,
        )


@dataclass
class Rows:
    """All rows of a file, with notes on what was passed over."""

    rows: list[Row]
    layouts: list[Layout]
    notes: list[str]


def find_rows(tables: Sequence[Table], mapping: Mapping | None = None) -> Rows:
    """The rows below the headings of every sheet that has some, read as the mapping says; without
    one, as far as it is certain. Raises Unreadable."""
    layouts = find_layouts(tables, mapping)
    if not layouts:
        raise Unreadable(_no_headings())
    for layout in layouts:
        _refuse_repeated(layout)
    several = len(layouts) > 1
    found = Rows([], layouts, list(_notes_on_sheets(tables, layouts)))
    passed: dict[str, list[str]] = {}
    for layout in layouts:
        for row in _rows_of(layout, several):
            reason = _reason_to_pass(row)
            if reason:
                passed.setdefault(reason, []).append(row.place)
            else:
                found.rows.append(row)
    found.notes += [f"{reason}: {in_series(places)}." for reason, places in passed.items()]
    if len(found.rows) > MAX_ROWS:
        raise Unreadable(
            f"This file has {len(found.rows):,} rows. Up to {MAX_ROWS:,} can be read at once. "
            "Split it into several files."
        )
    if not found.rows:
        raise Unreadable(
            "There are headings, but no rows below them. Add a row for each commitment."
        )
    return found


def in_series(words: Sequence[str], most: int = 12) -> str:
    """ "a, b and c"; a long list ends in how many more there are."""
    shown = list(words[:most])
    if len(words) == most + 1:
        shown.append(words[most])
    elif len(words) > most:
        shown.append(f"{len(words) - most} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _rows_of(layout: Layout, several: bool) -> Iterator[Row]:
    for index in range(layout.heading_row + 1, len(layout.table.rows)):
        cells = layout.table.rows[index]
        held = {key: cells[place] for key, place in layout.places.items() if cells[place]}
        if held:
            yield Row(layout, index, held, several)
        elif any(cells):
            yield Row(layout, index, {}, several)


def _reason_to_pass(row: Row) -> str:
    """Why a row is no commitment, or ""."""
    if not row.cells:
        return "Nothing under a heading that is known, so not read"
    if row.cells.get("reference", "").casefold() == EXAMPLE.casefold():
        return "The example, so not read"
    kind = row.cells.get("row_type", "commitment")
    if kind.casefold() != "commitment":
        return f'Marked as "{kind}", which is no commitment, so not read'
    return ""


def _notes_on_sheets(tables: Sequence[Table], layouts: Sequence[Layout]) -> Iterator[str]:
    read = {layout.table.sheet for layout in layouts}
    for table in tables:
        if table.sheet not in read:
            yield f'Sheet "{table.sheet}" has no row of headings that are known: not read.'
    for layout in layouts:
        if layout.unknown:
            names = in_series([quoted(heading) for heading in layout.unknown])
            where = f' of sheet "{layout.table.sheet}"' if len(layouts) > 1 else ""
            yield f"Columns{where} that are not known, so not read: {names}."


def _refuse_repeated(layout: Layout) -> None:
    for key, first, second in layout.repeated:
        row = layout.table.rows[layout.heading_row]
        raise Unreadable(
            f"Columns {letters(first)} ({quoted(row[first])}) and {letters(second)} "
            f'({quoted(row[second])}) would both be read as "{_template_label(key)}". '
            "Rename or delete one of them."
        )


def _template_label(key: str) -> str:
    known = {column.key: column.label for column in COLUMNS}
    return known.get(key, key.replace("_", " ").capitalize())


def _no_headings() -> str:
    return (
        f"No row of headings was found in the first {HEADING_ROWS} rows. One row must name the "
        'columns, at least "Commitment" or "Reference" and one more, such as "By when". '
        "The template has all of them."
    )
