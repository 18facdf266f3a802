"""The two files of the register: what a row says, and what is wrong with it, in plain words."""

import csv
import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from organisations.kinds import Kind
from organisations.loading.names import kind_of

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
SUCCESSION_DATE = re.compile(r"\bsuccession date (\d{4}-\d\d-\d\d)")
ORGANISATION_COLUMNS = (
    "code", "code_system", "name", "kind", "parent_code", "opened", "closed", "successor_code",
    "ons_code", "other_codes", "source_name", "source", "confidence", "notes",
)  # fmt: skip
OVERLAP_COLUMNS = (
    "council_code", "council_short_name", "edition", "icb_code", "lsoa21_count", "share_of_lsoas",
)  # fmt: skip
# As the columns of Organisation have it; a test compares.
LONGEST = {"code_system": 20, "name": 200, "ons_code": 12, "confidence": 10}

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a file from being loaded. `row` is the line of the spreadsheet."""

    file: str
    message: str
    row: int | None = None
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        where = f", row {self.row}" if self.row else ""
        what = f', "{self.column}"' if self.column else ""
        given = f'"{self.value}" ' if self.value else ""
        return f"{self.file}{where}{what}: {given}{self.message}"


@dataclass(frozen=True)
class PartialDate:
    """A date of which the source may know only the year or the month: its first and last day, and
    the words for it ("April 2005"), empty when the day is known."""

    first: date
    last: date
    words: str = ""


@dataclass(frozen=True)
class Row:
    """One organisation as the file has it."""

    file: str
    number: int
    code: str
    code_system: str
    name: str
    kind: Kind
    parent_code: str
    opened: PartialDate | None
    closed: PartialDate | None
    successor_codes: tuple[str, ...]
    succession_on: date | None
    ons_code: str
    other_codes: str
    source_name: str
    source: str
    confidence: str
    notes: str


@dataclass(frozen=True)
class Overlap:
    """How much of a council lies in a board, in one edition of the lookup."""

    file: str
    number: int
    council_code: str
    council_name: str
    edition: str
    valid_from: date
    board_code: str
    lsoa_count: int
    share: Decimal


class CannotRead(ValueError):
    """A cell does not say what it should; the message goes on from the value: "is not a date"."""

    def __init__(self, column: str, value: str, message: str) -> None:
        super().__init__(message)
        self.column, self.value = column, value


def read_organisations(path: Path) -> tuple[list[Row], list[Problem]]:
    """Every organisation of the file, and every problem with the file by itself."""
    return _read(path, ORGANISATION_COLUMNS, _row, lambda row: (row.code.upper(),))


def read_overlaps(path: Path) -> tuple[list[Overlap], list[Problem]]:
    """Every overlap of a council with a board, and every problem with the file by itself."""
    return _read(
        path,
        OVERLAP_COLUMNS,
        _overlap,
        lambda row: (row.edition, row.council_code.upper(), row.board_code.upper()),
    )


def _read(
    path: Path,
    columns: tuple[str, ...],
    parse: Callable[[str, int, dict[str, str]], T],
    key: Callable[[T], tuple[str, ...]],
) -> tuple[list[T], list[Problem]]:
    found: dict[tuple[str, ...], tuple[int, T]] = {}
    problems: list[Problem] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                names = ", ".join(f'"{name}"' for name in missing)
                return [], [Problem(path.name, f"The first row has no column {names}.", row=1)]
            for number, cells in _cells(reader, columns):
                try:
                    row = parse(path.name, number, cells)
                except CannotRead as cannot:
                    problems.append(
                        Problem(path.name, str(cannot), number, cannot.column, cannot.value)
                    )
                    continue
                earlier, _ = found.setdefault(key(row), (number, row))
                if earlier != number:
                    value = " ".join(key(row))
                    message = f"stands in row {earlier} already. Keep one of the two rows."
                    problems.append(Problem(path.name, message, number, columns[0], value))
    except OSError as cannot_open:
        return [], [Problem(path.name, f"The file cannot be read: {cannot_open.strerror}.")]
    except (UnicodeDecodeError, csv.Error):
        return [], [Problem(path.name, "This is not a CSV file in UTF-8. Save it as “CSV UTF-8”.")]
    if not found and not problems:
        problems.append(Problem(path.name, "The file has no rows below its headings."))
    return [row for _, row in found.values()], problems


def _cells(
    reader: "csv.DictReader[str]", columns: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows that have anything in them, by their line; blanks, also non-breaking ones, tidied."""
    for number, raw in enumerate(reader, start=2):
        cells = {name: " ".join((raw.get(name) or "").split()) for name in columns}
        if any(cells.values()):
            yield number, cells


# --- one row ------------------------------------------------------------------------------------
def _row(file: str, number: int, cells: dict[str, str]) -> Row:
    opened, closed = _date(cells, "opened"), _date(cells, "closed")
    if opened and closed and closed.last < opened.first:
        raise CannotRead(
            "closed", cells["closed"], f"is before the day it opened, {cells['opened']}."
        )
    successors = tuple(code.strip() for code in cells["successor_code"].split(";") if code.strip())
    told = SUCCESSION_DATE.search(cells["notes"])
    if successors and not (closed or told):
        raise CannotRead("closed", "", "Give the last day of a body that has a successor.")
    return Row(
        file=file,
        number=number,
        code=_code(cells, "code"),
        code_system=_text(cells, "code_system"),
        name=_text(cells, "name"),
        kind=_kind(cells),
        parent_code=cells["parent_code"],
        opened=opened,
        closed=closed,
        successor_codes=tuple(dict.fromkeys(successors)),
        succession_on=date.fromisoformat(told[1]) if told else _next_day(closed),
        ons_code=_text(cells, "ons_code", required=False),
        other_codes=cells["other_codes"],
        source_name=cells["source_name"],
        source=cells["source"],
        confidence=_text(cells, "confidence", required=False),
        notes=cells["notes"],
    )


def _overlap(file: str, number: int, cells: dict[str, str]) -> Overlap:
    year = re.match(r"(20\d\d)\b", cells["edition"])
    if not year:
        raise CannotRead(
            "edition", cells["edition"], "does not begin with a year. Use one such as 2024."
        )
    count, share = cells["lsoa21_count"], cells["share_of_lsoas"]
    if not count.isdecimal() or int(count) == 0:
        raise CannotRead("lsoa21_count", count, "is not a whole number above 0.")
    try:
        part = Decimal(share)
    except InvalidOperation:
        part = Decimal(0)
    if not 0 < part <= 1:
        raise CannotRead("share_of_lsoas", share, "is not a share. Use one from 0.0001 to 1.")
    return Overlap(
        file=file,
        number=number,
        council_code=_code(cells, "council_code"),
        council_name=cells["council_short_name"],
        edition=cells["edition"],
        valid_from=date(int(year[1]), 4, 1),  # boards and councils change on 1 April
        board_code=_code(cells, "icb_code"),
        lsoa_count=int(count),
        share=round(part, 4),
    )


def _text(cells: dict[str, str], column: str, required: bool = True) -> str:
    value = cells[column]
    if required and not value:
        raise CannotRead(column, "", "This cell is empty. Fill it in.")
    longest = LONGEST[column]
    if len(value) > longest:
        raise CannotRead(column, value[:40] + "…", f"is longer than {longest} characters.")
    return value


def _code(cells: dict[str, str], column: str) -> str:
    if not CODE.fullmatch(cells[column]):
        raise CannotRead(
            column,
            cells[column],
            "is not a code. Use up to 20 letters, figures, dots, dashes and underscores.",
        )
    return cells[column]


def _kind(cells: dict[str, str]) -> Kind:
    kind = kind_of(cells["code"], cells["kind"])
    if kind is None:
        raise CannotRead(
            "kind", cells["kind"], "is not a kind that is known here, such as “NHS trust”."
        )
    return kind


def _date(cells: dict[str, str], column: str) -> PartialDate | None:
    value = cells[column]
    if not value:
        return None
    parts = PARTIAL_DATE.fullmatch(value)
    try:
        if parts is None:
            raise ValueError
        year, month, day = (int(part) if part else 0 for part in parts.groups())
        if day:
            return PartialDate(date(year, month, day), date(year, month, day))
        if month:
            first = date(year, month, 1)
            last = first.replace(day=monthrange(year, month)[1])
            return PartialDate(first, last, f"{first:%B %Y}")
        return PartialDate(date(year, 1, 1), date(year, 12, 31), value)
    except ValueError as no_such_day:
        raise CannotRead(
            column,
            value,
            "is not a date. Use year-month-day, such as 2026-03-31, or only the year and month, "
            "or only the year.",
        ) from no_such_day


def _next_day(closed: PartialDate | None) -> date | None:
    return closed.last + timedelta(days=1) if closed else None
