"""A workbook that people filled in, read back: which rows it has, and what each says.

Pure functions: they know the sheets of commitments.uploads.offline and no database.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from commitments.dates import UNDATED, FuzzyDate, Precision, explain_date, parse_fuzzy_date
from commitments.figures import parse_figure
from commitments.models import Milestone, ProgressUpdate
from commitments.models.progress import DECLARED_RATINGS
from commitments.uploads.columns import fold, letters
from commitments.uploads.offline import EDITED, LAST_SAID, MOVED, SAID_KEYS, SHEETS, Column
from commitments.uploads.reading import UNCALCULATED, Table, Unreadable
from commitments.uploads.resource import (
    BLANKS,
    EMPTIED,
    NEVER_WORKED_OUT,
    SHEET_ERRORS,
    quoted,
)
from commitments.uploads.rows import Finding, in_series

# How far down the headings are looked for: people put a title above them.
HEADING_ROWS = 20
NOT_A_RETURN = (
    "This is not a workbook that was taken from here: its hidden columns are missing. Export the "
    "commitments or your return again, copy what you wrote into that file, and send it back."
)

TAKEN_AWAY = (
    "This is a workbook that was taken from here to be filled in. Send it back under “Send back a "
    "workbook”, on the page of commitments. To use it as a new plan’s file, delete its hidden "
    "columns first."
)


@dataclass(frozen=True)
class Filled:
    """One row: the sheet it belongs to ("Commitments" ...), where it stands, its cells by key."""

    kind: str
    sheet: str
    number: int
    cells: dict[str, str]
    places: dict[str, int]

    @property
    def place(self) -> str:
        """Where it stands; a .csv file has no sheets."""
        return f"{self.sheet or self.kind}, row {self.number}"

    def label(self, key: str) -> str:
        """What the column of a key is called; "" when it is none."""
        return {column.key: column.label for column in SHEETS[self.kind]}.get(key, "")

    def finding(self, key: str, what: str) -> Finding:
        """Something wrong with one cell, or with the row when `key` is empty."""
        label = self.label(key)
        cell = f"{letters(self.places[key])}{self.number}" if key in self.places else ""
        where = f"{self.place}{f', “{label}”' if label else ''}"
        value = self.cells.get(key, "")
        return Finding(
            "error", self.sheet, self.number, cell, label, value, what, f"{where}: {what}"
        )


def is_return(tables: Sequence[Table]) -> bool:
    """Whether a file is one that was exported here to be filled in."""
    return any(_layout(table) for table in tables)


def read_return(tables: Sequence[Table]) -> list[Filled]:
    """The rows of all sheets, in order. Raises Unreadable when nothing was exported here."""
    rows: list[Filled] = []
    known = False
    for table in tables:
        if found := _layout(table):
            known = True
            rows += _rows(table, *found)
    if not known:
        raise Unreadable(NOT_A_RETURN)
    return rows


def _layout(table: Table) -> tuple[str, int, dict[str, int]] | None:
    """What a sheet holds, where its headings stand, and which column is where."""
    for number, row in enumerate(table.rows[:HEADING_ROWS]):
        headings = {fold(text): place for place, text in enumerate(row) if text}
        if "row key" not in headings or "row version" not in headings:
            continue
        for kind, columns in (*list(SHEETS.items())[1:], *list(SHEETS.items())[:1]):
            places = _places(columns, headings)
            if {"milestone", "measure"} & set(places) or kind == "Commitments":
                return kind, number, places
    return None


def _places(columns: Sequence[Column], headings: dict[str, int]) -> dict[str, int]:
    return {
        column.key: headings[name] for column in columns if (name := fold(column.label)) in headings
    }


def _rows(table: Table, kind: str, heading: int, places: dict[str, int]) -> Iterator[Filled]:
    for number, row in enumerate(table.rows[heading + 1 :], heading + 2):
        cells = {key: row[place].strip() for key, place in places.items() if place < len(row)}
        cells = {key: text for key, text in cells.items() if text.casefold() not in BLANKS}
        if cells:
            yield Filled(kind, table.sheet, number, cells, places)


# --- values ---------------------------------------------------------------------------------------
def filled_values(row: Filled) -> tuple[dict[str, Any], list[Finding]]:
    """What somebody could have filled in, by key, and what cannot be read. Blank cells are left
    out; a cell with "(empty)" gives the empty value."""
    values: dict[str, Any] = {}
    problems = []
    for key, read in _READERS[row.kind].items():
        text = row.cells.get(key)
        if text is None:
            continue
        try:
            if text in SHEET_ERRORS:
                raise ValueError(f"{text} is the error of a formula. Type the value itself.")
            if text == UNCALCULATED:
                raise ValueError(NEVER_WORKED_OUT)
            empty = text.casefold() == EMPTIED
            values[key] = _EMPTY.get(key, "") if empty else read(text)
        except ValueError as problem:
            problems.append(row.finding(key, str(problem)))
    return values, problems


def _words(text: str) -> str:
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _list(text: str) -> list[str]:
    words = [" ".join(word.split()) for word in text.replace("\n", ";").split(";")]
    return list(dict.fromkeys(word for word in words if word))


def _choice(choices: Sequence[tuple[Any, Any]]) -> Callable[[str], str]:
    keys = {str(word).casefold(): str(key) for key, label in choices for word in (key, label)}
    labels = [str(label) for _, label in choices]

    def read(text: str) -> str:
        if text.casefold() not in keys:
            raise ValueError(
                f"{quoted(text)} is not known. Use {', '.join(labels[:-1])} or {labels[-1]}."
            )
        return keys[text.casefold()]

    return read


def _fuzzy(text: str) -> FuzzyDate:
    if problem := explain_date(text):
        raise ValueError(problem)
    if len(text) > 100:
        raise ValueError(f"this is {len(text)} characters long. Use at most 100.")
    return parse_fuzzy_date(text)


def _period(text: str) -> FuzzyDate:
    found = _fuzzy(text)
    if not found.is_dated:
        raise ValueError(
            f"{quoted(text)} is not a date. Use a period, such as March 2026, 2025/26 or "
            "28/02/2026."
        )
    return found


def _day(text: str) -> date:
    found = _fuzzy(text)
    if found.precision != Precision.DAY or found.last_day is None:
        raise ValueError(f"{quoted(text)} is not one day. Use day/month/year, such as 28/02/2027.")
    return found.last_day


def _number(text: str) -> Any:
    figure = parse_figure(text)
    if figure.low is None or figure.high is not None:
        raise ValueError(f"{quoted(text)} is not one number. Use digits, such as 1500 or 2.5.")
    return figure.low


_EDITED = {key: _one_line for key in EDITED} | {
    "description": _words, "source": _words, "staff_groups": _list
}  # fmt: skip
_SAID = {key: _words for key in SAID_KEYS} | {
    "rating": _choice(DECLARED_RATINGS),
    "confidence": _choice(ProgressUpdate.Confidence.choices),
}
_MOVED = {
    "state": _choice(Milestone.State.choices),
    "forecast": _fuzzy,
    "actual_on": _day,
    "note": _words,
}
assert set(_MOVED) == set(MOVED)
_READERS: dict[str, dict[str, Callable[[str], Any]]] = {
    "Commitments": {**_SAID, **_EDITED},
    "Milestones": _MOVED,
    "Figures": {"value": _number, "period": _period},
}
_EMPTY: dict[str, Any] = {"staff_groups": [], "forecast": UNDATED, "actual_on": None}


# --- what a return amounts to ---------------------------------------------------------------------
@dataclass
class Told:
    """What a return does to one commitment, in words: `changes` as (what, before, after)."""

    reference: str
    title: str
    address: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "changes": [list(change) for change in self.changes]}


@dataclass
class Clash:
    """Something that two people moved apart since the workbook was taken: `fields` as (name, label,
    as exported, theirs, yours), `seen` what "theirs" was compared with. `can_go_back` where what
    was exported can be chosen as well; an update or a figure that somebody gave is not taken back.
    """

    key: str
    what: str
    place: str
    by: str
    when: str
    seen: str
    fields: list[tuple[str, str, str, str, str]]
    can_go_back: bool

    def as_json(self) -> dict[str, Any]:
        names = ("name", "label", "exported", "theirs", "yours")
        return {**vars(self), "fields": [dict(zip(names, f, strict=True)) for f in self.fields]}


@dataclass
class Returned:
    """What sending a return does: what it tells, what clashes, what is wrong."""

    told: list[Told] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)
    # Rows in which a locked cell was changed, by sheet and column: that is not read.
    unread: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    updates: int = 0
    milestones: int = 0
    figures: int = 0
    commitments: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether it can be sent as it is."""
        return not self.errors and not self.clashes

    def counts(self) -> dict[str, int]:
        """Its numbers."""
        return {
            "told": len(self.told),
            "updates": self.updates,
            "milestones": self.milestones,
            "figures": self.figures,
            "changed": self.commitments,
            "clashes": len(self.clashes),
            "errors": len(self.errors),
        }

    def as_json(self) -> dict[str, Any]:
        """As an upload keeps it, besides what is told."""
        return {
            "clashes": [clash.as_json() for clash in self.clashes],
            "errors": [finding.as_json() for finding in self.errors],
            "notes": list(self.notes()),
        }

    def refuse(self, findings: Iterable[Finding]) -> None:
        """Note what an action refuses, but for cells that could not be read: that only follows."""
        wrong = {(each.sheet, each.cell) for each in self.errors if each.cell}
        self.errors += [each for each in findings if (each.sheet, each.cell) not in wrong]

    def leave_unread(self, row: Filled, keys: Iterable[str]) -> None:
        """Note what was written into locked cells of a row."""
        for key in keys:
            self.unread.setdefault((row.sheet or row.kind, row.label(key)), []).append(row.number)

    def notes(self) -> Iterator[str]:
        """What was written where nothing can be changed, a line for each column."""
        for (sheet, label), rows in self.unread.items():
            where = f"{'row' if len(rows) == 1 else 'rows'} {in_series([f'{n:,}' for n in rows])}"
            instead = "Say how it is going under “Your rating” to “Next steps”."
            if label not in LAST_SAID:
                instead = "It cannot be changed in a workbook, only on its page."
            yield f"{sheet}, “{label}”, {where}: changed in the file, but not read. {instead}"
