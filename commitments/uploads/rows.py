"""The rows of a file that speak of commitments, and what is said of its sheets. Pure functions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from commitments.date_spans import day_in_words
from commitments.uploads.columns import COLUMNS, MILESTONES, letters, milestone_keys
from commitments.uploads.contents import is_serial
from commitments.uploads.findings import Finding, Row
from commitments.uploads.layout import MILESTONES_ONLY, Layout, Mapping, find_layouts
from commitments.uploads.passing import (
    EXAMPLE,
    is_count_of_columns,
    is_note,
    is_section,
    marks_remover,
    reason_to_pass,
)
from commitments.uploads.reading import MAX_ROWS, Table, Unreadable
from commitments.uploads.resource import quoted
from commitments.uploads.sheets import HEADING_ROWS, filled_down
from commitments.uploads.steps import Below, attach_sheets

__all__ = ["EXAMPLE", "Finding", "Row", "Rows", "find_rows", "in_series"]

NOTHING_KNOWN = "Nothing under a heading that is known, so not read"


@dataclass
class Rows:
    """All rows of a file, with notes on what was passed over, what is not certain of its columns
    (`questions`), and milestones that belong to nothing (`errors`)."""

    rows: list[Row]
    layouts: list[Layout]
    notes: list[str]
    questions: list[Finding] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)


def find_rows(tables: Sequence[Table], mapping: Mapping | None = None) -> Rows:
    """The rows below the headings of every sheet that has some, read as the mapping says; without
    one, as far as it is certain. Raises Unreadable."""
    layouts = find_layouts(tables, mapping)
    if not any(layout.kind != MILESTONES_ONLY for layout in layouts):
        raise Unreadable(_no_headings())
    for layout in layouts:
        _refuse_repeated(layout)
    several = len(layouts) > 1
    found = Rows([], layouts, list(_notes_on_sheets(tables, layouts)))
    steps: list[Row] = []
    said = Said()
    for layout in layouts:
        of_milestones = layout.kind == MILESTONES_ONLY
        (steps if of_milestones else found.rows).extend(_rows_of(layout, several, said, found))
        found.questions += _questions(layout, several)
    if steps:
        found.errors += attach_sheets(found.rows, steps)
    found.notes += said.notes()
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


class Said:
    """Notes on rows and cells, the same kind in one line."""

    def __init__(self) -> None:
        self.places: dict[str, list[str]] = {}

    def add(self, what: str, place: str) -> None:
        self.places.setdefault(what, []).append(place)

    def notes(self) -> Iterator[str]:
        return (f"{what}: {in_series(places)}." for what, places in self.places.items())


def in_series(words: Sequence[str], most: int = 12) -> str:
    """ "a, b and c"; a long list ends in how many more there are."""
    shown = list(words[:most])
    if len(words) == most + 1:
        shown.append(words[most])
    elif len(words) > most:
        shown.append(f"{len(words) - most} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


# --- the rows of one sheet ------------------------------------------------------------------------
def _rows_of(layout: Layout, several: bool, said: Said, found: Rows) -> Iterator[Row]:
    """A sheet's rows, without what is none, and with what goes on in further rows joined."""
    rows = layout.table.rows
    start = layout.heading_row + 1
    covered_by = _covered(layout, start)
    across = _merged_across(layout)
    last_full = _last_full(layout, start)
    section: Row | None = None
    below = Below()
    tidied = _Tidied(layout, said, several)
    for index in range(start, len(rows)):
        covered = covered_by.get(index, {})
        held = tidied.held(index, covered)
        row = Row(layout, index, held, several)
        if not held or (covered and held.keys() <= covered.keys()):
            if any(rows[index]):
                said.add(NOTHING_KNOWN, row.place)
            continue
        if len(held) == 1 and (single := _single(layout, index, held, index in across, last_full)):
            named = f" ({quoted(_first(held))})" if single is SECTION else ""
            said.add(single, row.place + named)
            section = row if single is SECTION else section
            below.main = None
            continue
        if reason := _reason(layout, index, held):
            said.add(reason, row.place)
            continue
        row.milestones = tidied.milestones(held)
        if layout.kind != MILESTONES_ONLY and below.takes(row, covered):
            continue
        if section and "pillar" not in held:
            held["pillar"] = _first(section.cells)
            row.elsewhere["pillar"] = (section, next(iter(section.cells)))
        yield row
    found.errors += below.problems
    for place in below.joined:
        said.add("Read as a further milestone of the commitment above", place)


NOTE = "A note, so not read"
SECTION = "Read as the heading of the rows below"


def _single(layout: Layout, index: int, held: dict[str, str], across: bool, last_full: int) -> str:
    """What a row with one cell is, when it is no commitment: SECTION, NOTE or ""."""
    if index > last_full:
        is_below = across or is_note(_first(held)) or ("reference" in held and " " in _first(held))
        return NOTE if is_below else ""
    return SECTION if is_section(layout, index, held, across) else ""


def _reason(layout: Layout, index: int, held: dict[str, str]) -> str:
    """Why a row is none, or ""."""
    if index <= layout.heading_row + 2 and is_count_of_columns(held.values()):
        return "Numbers of the columns, so not read"
    key, text = next(iter(held.items()))
    if text == layout.headings.get(key) and all(
        layout.headings.get(key) == text for key, text in held.items()
    ):
        return "The headings again, so not read"
    return reason_to_pass(held)


def _first(held: dict[str, str]) -> str:
    return next(iter(held.values()))


def _last_full(layout: Layout, start: int) -> int:
    """The last row with two cells or more that are read; below it stand notes."""
    places = list(layout.places.values())
    rows = layout.table.rows
    for index in range(len(rows) - 1, start - 1, -1):
        row = rows[index]
        if sum(1 for place in places if row[place]) > 1:
            return index
    return len(rows)


def _covered(layout: Layout, start: int) -> dict[int, dict[str, int]]:
    """By row, the keys whose cell a merged one covers, with the row that holds the text."""
    keys = {place: key for key, place in layout.places.items()}
    found: dict[int, dict[str, int]] = {}
    for row, place, top in filled_down(layout.table, start):
        if place in keys:
            found.setdefault(row, {})[keys[place]] = top
    return found


def _merged_across(layout: Layout) -> set[int]:
    """Rows with a cell written over three columns or more."""
    areas = layout.table.merged
    return {top for top, left, bottom, right in areas if right - left >= 2}


_DAYS_FROM = date(1899, 12, 30)


class _Tidied:
    """The cells of a sheet by key, without marks of footnotes, with days that Excel counts as
    days. What was changed is said."""

    def __init__(self, layout: Layout, said: Said, several: bool) -> None:
        self.layout = layout
        self.said = said
        self.pairs = tuple(layout.places.items())
        self.dates = tuple(key for key in layout.places if key.endswith("_date"))
        self.more = layout.more
        # The last first: what is looked for is the highest number in a row.
        self.steps = [
            (number, key)
            for number in reversed(MILESTONES)
            for key in milestone_keys(number)
            if key in layout.places
        ]
        self.without_marks: Callable[[str], str] = marks_remover()
        self.where = f' of "{layout.table.sheet}"' if several else ""

    def held(self, index: int, covered: dict[str, int]) -> dict[str, str]:
        """What a row holds."""
        rows = self.layout.table.rows
        cells = rows[index]
        held = {key: text for key, place in self.pairs if (text := cells[place])}
        for key, top in covered.items():
            if text := rows[top][self.layout.places[key]]:
                held[key] = text
        for key, places in self.more.items():
            texts = [text for place in places if (text := cells[place])]
            if texts:
                held[key] = "\n".join([held[key], *texts] if key in held else texts)
        for key, text in held.items():
            # Written out, since there may be a million: only such a text can have a mark.
            if not text.isascii() or "*" in text or text[-1] == "]":
                plain = self.without_marks(text)
                if plain != text:
                    held[key] = plain
                    self.said.add("Marks of footnotes, not read", self._cell(index, key))
        for key in self.dates:
            text = held.get(key, "")
            if len(text) == 5 and is_serial(text):
                held[key] = day_in_words(_DAYS_FROM + timedelta(days=int(text)))
                shown = f"{self._cell(index, key)} ({text} is {held[key]})"
                self.said.add("Numbers read as the days that a spreadsheet counts", shown)
        return held

    def milestones(self, held: dict[str, str]) -> int:
        """The highest number of a milestone in a row."""
        return next((number for number, key in self.steps if key in held), 0)

    def _cell(self, index: int, key: str) -> str:
        return f"{self.layout.cell(index, key)}{self.where}"


# --- about sheets and columns ---------------------------------------------------------------------
def _questions(layout: Layout, several: bool) -> Iterator[Finding]:
    """Columns that may be something, and that nobody has confirmed."""
    where = f'Sheet "{layout.table.sheet}", c' if several else "C"
    for each in layout.unsure:
        letter = letters(each.place)
        label = _template_label(each.field)
        what = f'this may be "{label}". It is not read unless somebody says so.'
        yield Finding(
            kind="column",
            sheet=layout.table.sheet,
            row=layout.heading_row + 1,
            cell=f"{letter}{layout.heading_row + 1}",
            column=each.heading,
            value="; ".join(quoted(sample) for sample in each.samples),
            what=what,
            message=f"{where}olumn {letter} ({quoted(each.heading)}): {what}",
        )


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
