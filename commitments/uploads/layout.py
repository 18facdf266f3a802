"""What the sheets of a file hold: a proposal for a person to look at, and what they make of it.

A *mapping* says for each sheet which column holds which field: `{sheet: {"A": "reference",
"B": "title", "C": ""}}`, "" for a column that is not read. It is plain JSON. `propose` gives what
can be told from the file alone; `mapping_of` makes a mapping of it, or of what somebody said of the
same layout before, found by its `layout_key`. Pure functions; nothing is kept here.
"""

import hashlib
import re
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from commitments.uploads.columns import COLUMNS, LABELS, MILESTONES, fold, letters, milestone_keys
from commitments.uploads.guessing import CERTAIN, JOINED, Guess, guess
from commitments.uploads.reading import Table
from commitments.uploads.sheets import Headed, find_headed

Mapping = dict[str, dict[str, str]]

COMMITMENTS, MILESTONES_ONLY, OTHER = "commitments", "milestones", "other"
_OF_MILESTONES = {"reference", "title", "plan", "milestone_1", "milestone_1_date"}
# A file that people may go on filling in is read up to here; no plan has more columns.
_OFFERED_MILESTONES = 9


@dataclass(frozen=True)
class ColumnProposal:
    """What one column of a sheet may hold, why, and up to three of its values.

    `heading` is as written, two rows of headings as one; `field` a key of
    commitments.uploads.columns, or "" when it is not to be read; `confidence` runs from 0 to 1.
    """

    letter: str
    heading: str
    field: str
    confidence: float
    samples: list[str]
    reason: str

    @property
    def is_certain(self) -> bool:
        """Whether nobody needs to look at it."""
        return self.confidence >= CERTAIN

    @property
    def label(self) -> str:
        """The field's own name; "" for a column that is not to be read."""
        return LABELS.get(self.field, "")


@dataclass(frozen=True)
class SheetProposal:
    """What one sheet may hold. `kind` is "commitments", "milestones" (each row one, with the
    commitment it belongs to) or "other", which is not read; `heading_rows` the first and last row
    of its headings, counted from 1, both 0 when nothing looks like headings; `rows` how many rows
    below them hold something."""

    sheet: str
    kind: str
    heading_rows: tuple[int, int]
    columns: list[ColumnProposal]
    rows: int

    def as_json(self) -> dict[str, Any]:
        """As it can be kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "SheetProposal":
        """What `as_json` gave, after a way through a database."""
        columns = [ColumnProposal(**column) for column in kept["columns"]]
        first, last = kept["heading_rows"]
        return cls(**{**kept, "columns": columns, "heading_rows": (first, last)})


@dataclass(frozen=True)
class Layout:
    """Where things are in one sheet; rows and columns are counted from 0.

    `places` are the columns by key, `more` further ones of the same key, to be joined; `headings`
    the headings as written, by key; `unknown` those that nothing could be made of; `unsure` guesses
    that nobody confirmed; `repeated` pairs of columns that are both the same thing.
    """

    table: Table
    heading_row: int
    places: dict[str, int]
    headings: dict[str, str]
    unknown: list[str] = field(default_factory=list)
    repeated: list[tuple[str, int, int]] = field(default_factory=list)
    unsure: list[Guess] = field(default_factory=list)
    more: dict[str, list[int]] = field(default_factory=dict)
    kind: str = COMMITMENTS
    heads: list[str] = field(default_factory=list)

    def label(self, key: str) -> str:
        """A column's name as the person knows it: their own heading, else the template's."""
        return self.headings.get(key) or LABELS.get(key, key)

    def cell(self, row: int, key: str) -> str:
        """A cell's address, such as "G7"; empty for a column that the sheet lacks."""
        place = self.places.get(key)
        return f"{letters(place)}{row + 1}" if place is not None else ""


# --- for a person to look at ----------------------------------------------------------------------
def propose(tables: Sequence[Table]) -> list[SheetProposal]:
    """What each table may hold, in order. Never raises."""
    return [
        _proposal(table, headed, guesses, kind)
        for table, (headed, guesses, kind) in zip(tables, _looked_at(tables), strict=True)
    ]


def mapping_of(
    proposals: Sequence[SheetProposal], remembered: Map[str, dict[str, str]] | None = None
) -> Mapping:
    """What the proposals say of each sheet, or what is remembered of its layout, by layout_key."""
    known = remembered or {}
    return {
        proposal.sheet: dict(known.get(layout_key(proposal)) or _guessed(proposal))
        for proposal in proposals
        if proposal.columns
    }


def layout_key(proposal: SheetProposal) -> str:
    """The same for sheets with the same headings in the same columns. A year, a quarter or a month
    in a heading does not count: "Progress Q2 2026/27" is "Progress Q3 2026/27"."""
    heads = [f"{column.letter}:{_timeless(column.heading)}" for column in proposal.columns]
    return hashlib.sha256("\n".join(heads).encode()).hexdigest()[:32]


def is_certain(
    proposals: Sequence[SheetProposal], remembered: Map[str, dict[str, str]] | None = None
) -> bool:
    """Whether the file can be read without asking anybody what its columns hold."""
    if not any(proposal.columns for proposal in proposals):
        return True  # there is nothing to ask about; reading the rows says so
    known = remembered or {}
    new = [each for each in proposals if layout_key(each) not in known]
    if any(not column.is_certain for each in new if each.kind != OTHER for column in each.columns):
        return False
    return not explain_mapping(proposals, mapping_of(proposals, remembered))


def explain_mapping(proposals: Sequence[SheetProposal], mapping: Mapping) -> list[str]:
    """What is wrong with a mapping, in words for the person who gave it."""
    problems = []
    several = len(proposals) > 1
    for proposal in proposals:
        fields = mapping.get(proposal.sheet, {})
        where = f' of sheet "{proposal.sheet}"' if several else ""
        used: dict[str, str] = {}
        for letter, key in fields.items():
            if key and key not in LABELS:
                problems.append(f'Column {letter}{where}: "{key}" is no field. Choose another.')
            elif key in used and key not in JOINED:
                problems.append(
                    f'Columns {used[key]} and {letter}{where} are both "{LABELS[key]}". '
                    "Choose one of them."
                )
            elif key:
                used[key] = letter
        if used and not {"title", "reference"} & set(used):
            problems.append(
                f'No column{where} is "{LABELS["title"]}" or "{LABELS["reference"]}". '
                "Choose at least one of the two."
            )
    if not any(key for fields in mapping.values() for key in fields.values()):
        problems.append("No column is read. Say at least which one holds the commitments.")
    return problems


def field_choices() -> list[tuple[str, str]]:
    """Every field a column can hold as (key, name), for a list to choose from."""
    choices = [("", "Not read")]
    choices += [(column.key, column.label) for column in COLUMNS]
    for number in MILESTONES[:_OFFERED_MILESTONES]:
        choices += [(key, LABELS[key]) for key in milestone_keys(number)]
    return choices


# --- for reading the rows -------------------------------------------------------------------------
def find_layouts(tables: Sequence[Table], mapping: Mapping | None = None) -> list[Layout]:
    """Where things are in the sheets that are read. A sheet that the mapping does not name is read
    as far as it is certain."""
    layouts = []
    for table, (headed, guesses, kind) in zip(tables, _looked_at(tables), strict=True):
        if headed is None:
            continue
        said = (mapping or {}).get(table.sheet)
        layout = (
            _as_said(headed, guesses, said) if said is not None
            else _as_certain(headed, guesses, kind)
        )  # fmt: skip
        if layout:
            layouts.append(layout)
    return _with_kinds(layouts)


def find_layout(table: Table) -> Layout | None:
    """The same for one sheet alone."""
    return next(iter(find_layouts([table])), None)


def _as_said(headed: Headed, guesses: Sequence[Guess], said: Map[str, str]) -> Layout | None:
    fields = {each.place: said.get(letters(each.place), "") for each in guesses}
    keys = {key for key in fields.values() if key}
    return _layout(headed, guesses, fields) if keys & {"title", "reference"} else None


def _as_certain(headed: Headed, guesses: Sequence[Guess], kind: str) -> Layout | None:
    if kind == OTHER or not headed.known:
        return None
    fields = {each.place: each.field if each.confidence >= CERTAIN else "" for each in guesses}
    return _layout(headed, guesses, fields, unsure=True)


def _layout(
    headed: Headed, guesses: Sequence[Guess], fields: dict[int, str], *, unsure: bool = False
) -> Layout:
    places: dict[str, int] = {}
    more: dict[str, list[int]] = {}
    unknown, doubtful = [], []
    for each in guesses:
        key = fields[each.place]
        if key and key not in places:
            places[key] = each.place
        elif key:
            more.setdefault(key, []).append(each.place)
        elif unsure and each.field:
            doubtful.append(each)
        elif each.heading and each.twin is None and not (unsure and each.confidence >= CERTAIN):
            unknown.append(each.heading)
    heads = headed.headings
    twins = [each for each in guesses if each.twin is not None] if unsure else []
    return Layout(
        table=headed.table,
        heading_row=headed.last,
        places=places,
        headings={key: heads[place] for key, place in places.items() if heads[place]},
        unknown=unknown,
        repeated=[
            (_key_at(places, each.twin), min(each.twin, each.place), max(each.twin, each.place))
            for each in twins
            if each.twin is not None
        ],
        unsure=doubtful,
        more=more,
        heads=heads,
    )


def _key_at(places: dict[str, int], place: int | None) -> str:
    return next((key for key, at in places.items() if at == place), "")


def _with_kinds(layouts: list[Layout]) -> list[Layout]:
    """Which of the sheets hold milestones only: beside one that holds commitments."""
    only = [_is_of_milestones(set(layout.places)) for layout in layouts]
    if all(only):
        return layouts
    return [
        Layout(**{**vars(layout), "kind": MILESTONES_ONLY}) if of_milestones else layout
        for layout, of_milestones in zip(layouts, only, strict=True)
    ]


def _is_of_milestones(keys: set[str]) -> bool:
    return "milestone_1" in keys and keys <= _OF_MILESTONES


# --- inside ---------------------------------------------------------------------------------------
_Looked = tuple[Headed | None, list[Guess], str]


def _looked_at(tables: Sequence[Table]) -> list[_Looked]:
    """The headings of each table, a guess for each column, and what the sheet holds."""
    found: list[_Looked] = []
    for table in tables:
        headed = find_headed(table)
        guesses = guess(headed) if headed else []
        found.append((headed, guesses, _kind(headed, guesses)))
    whole = [
        kind == COMMITMENTS and not _is_of_milestones({each.field for each in guesses} - {""})
        for _, guesses, kind in found
    ]
    return [
        _as_milestones(table, each) if any(whole[:n] + whole[n + 1 :]) else each
        for n, (table, each) in enumerate(zip(tables, found, strict=True))
    ]


def _as_milestones(table: Table, looked: _Looked) -> _Looked:
    """A sheet beside one of commitments: whether it holds their milestones."""
    headed, guesses, kind = looked
    if headed is None:
        return looked
    keys = {each.field for each in guesses} - {""}
    if "milestone" in fold(table.sheet) or (kind == COMMITMENTS and _is_of_milestones(keys)):
        guesses = guess(headed, of_milestones=True)
        keys = {each.field for each in guesses} - {""}
        if "milestone_1" in keys and keys & {"reference", "title"}:
            return headed, guesses, MILESTONES_ONLY
    return looked


def _kind(headed: Headed | None, guesses: Sequence[Guess]) -> str:
    keys = {each.field for each in guesses} - {""}
    is_plan = headed is not None and len(keys) >= 2 and bool(keys & {"title", "reference"})
    return COMMITMENTS if is_plan else OTHER


def _proposal(
    table: Table, headed: Headed | None, guesses: Sequence[Guess], kind: str
) -> SheetProposal:
    columns = [
        ColumnProposal(
            letter=letters(each.place),
            heading=each.heading,
            field=each.field,
            confidence=each.confidence if each.samples or each.heading else 1.0,
            samples=[_short(sample) for sample in each.samples],
            reason=each.reason,
        )
        for each in guesses
    ]
    rows = (headed.first + 1, headed.last + 1) if headed else (0, 0)
    below = headed.below() if headed else []
    return SheetProposal(table.sheet, kind, rows, columns, sum(1 for row in below if any(row)))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return f"{text[:77]}…" if len(text) > 80 else text


def _guessed(proposal: SheetProposal) -> dict[str, str]:
    read = proposal.kind != OTHER
    return {column.letter: column.field if read else "" for column in proposal.columns}


_TIMES = re.compile(
    r"\b(?:q[1-4]|(?:19|20)\d\d(?: \d\d(?:\d\d)?)?|quarter [1-4]|jan\w*|feb\w*|mar(?:ch)?|apr\w*|"
    r"may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*)\b"
)


def _timeless(heading: str) -> str:
    return " ".join(_TIMES.sub(" ", fold(heading)).split())
