"""Which field each column of a sheet holds: by name, by synonym, by its cells. Pure functions.

A column named as a field is one, unless what it holds says otherwise. A name inside a longer
heading is a guess, and so is what only the cells speak for: a person looks at a guess before it
counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from commitments.uploads.columns import (
    LABELS,
    MILESTONES,
    fold,
    is_needless,
    milestone_keys,
    rank_of,
    words_within,
)
from commitments.uploads.contents import LOOKED_AT, likeness
from commitments.uploads.sheets import Headed, named

# From here on nobody needs to look.
CERTAIN = 0.9
# Fields that several columns may hold together: "Partner 1", "Partner 2".
JOINED = {"partners", "lead", "staff_groups"}

# What each field holds, and what shows that a column with its name holds something else.
_LIKE = {
    "reference": "reference", "target_date": "date", "baseline_date": "date", "theme": "theme",
    "target_value": "number", "baseline_value": "number", "lead": "body", "partners": "body",
    "title": "sentence",
}  # fmt: skip
_UNLIKE = {
    "reference": ("sentence",), "title": ("date", "number", "level"), "lead": ("date", "number"),
    "partners": ("date", "number"), "pillar": ("level", "date", "number"),
    "target_date": ("body", "sentence", "level"), "baseline_date": ("body", "sentence", "level"),
    "target_value": ("body", "level"), "baseline_value": ("body", "level"),
    "target_unit": ("date", "body"),
}  # fmt: skip
# What people keep beside a plan, and what is none of its fields.
_ASIDE = re.compile(
    r"\b(?:progress|updates?|comments?|notes?|status|rag|rating|risks?|issues?|budget|costs?|fund\w*|"
    r"contact|e ?mail|phone|telephone|review\w*|updated|created|start\w*|actual|evidence|author|"
    r"assurance|mitigation\w*|impact|outcomes?|kpis?|version|postcode|officer|name|initials)\b"
)
_PLAIN_DATE = re.compile(
    r"(?:date|due|due date|by when|deadline|target date|when|by)(?: ([1-9]|[12]\d))?"
)
_PARTNER = re.compile(r"partners?(?: organisations?)? \d+")
_ONE_MILESTONE = re.compile(r"(?:key )?milestones?(?: (?:title|name|description))?")


@dataclass(frozen=True)
class Guess:
    """One column: its place counted from 0, heading, field ("" for none), how sure, and why.

    `twin` is the place of the column that has the field already; `samples` a few of its cells.
    """

    place: int
    heading: str
    field: str
    confidence: float
    reason: str
    samples: tuple[str, ...] = ()
    twin: int | None = None


def guess(headed: Headed, *, of_milestones: bool = False) -> list[Guess]:
    """A guess for every column that has a heading or anything below it, from left to right.

    `of_milestones`: the sheet holds nothing but milestones, so that its title is a milestone's.
    """
    cells = _cells_below(headed)
    guesses = [
        _by_name(place, heading, cells[place])
        for place, heading in enumerate(headed.headings)
        if heading or cells[place]
    ]
    guesses = _with_milestones(guesses, goes_on=_goes_on(headed, guesses))
    if of_milestones:
        guesses = [_of_milestones(each) for each in guesses]
    guesses = [_checked(each, cells[each.place]) for each in guesses]
    guesses = _by_content(guesses, cells, of_milestones)
    samples = {each.place: tuple(dict.fromkeys(cells[each.place]))[:3] for each in guesses}
    return [replace(each, samples=samples[each.place]) for each in _each_once(guesses)]


def _cells_below(headed: Headed) -> list[list[str]]:
    """The first cells with something in them, by column."""
    found: list[list[str]] = [[] for _ in headed.headings]
    for row in headed.below()[: 10 * LOOKED_AT]:
        for column, cell in zip(found, row, strict=False):
            if cell and len(column) < LOOKED_AT:
                column.append(cell)
    return found


def _by_name(place: int, heading: str, cells: Sequence[str]) -> Guess:
    if not heading:
        return Guess(place, "", "", 0.0, "It has no heading.")
    if key := named(heading):
        return Guess(place, heading, key, 1.0, f"“{LABELS[key]}” is what this heading stands for.")
    if _PARTNER.fullmatch(fold(heading)):
        return Guess(place, heading, "partners", 1.0, "One of several columns of partners.")
    if is_needless(heading):
        return Guess(place, heading, "", 1.0, "It says again what another column says.")
    if not cells:
        return Guess(place, heading, "", 1.0, "It is empty.")
    key, name = words_within(heading)
    aside = bool(_ASIDE.search(fold(heading)))
    if aside and _LIKE.get(key) == "body" and likeness(cells, "body") >= 0.8:
        words = f"Its heading holds the words “{name}”, and below it stand {_PLURAL['body']}."
        return Guess(place, heading, key, 0.6, words)
    if key and not aside:
        return Guess(place, heading, key, 0.75, f"Its heading holds the words “{name}”.")
    return Guess(place, heading, "", 0.0, "Its heading is not known.")


# --- milestones in columns ------------------------------------------------------------------------
def _goes_on(headed: Headed, guesses: Sequence[Guess]) -> bool:
    """Whether rows go on with further milestones of the commitment above them."""
    places = {each.field: each.place for each in guesses}
    step = places.get("milestone_1")
    names = [place for key in ("reference", "title") if (place := places.get(key)) is not None]
    if step is None or not names:
        return False
    needed = max(step, *names)
    rows = (row for row in headed.below()[: 10 * LOOKED_AT] if len(row) > needed)
    return any(row[step] and not any(row[place] for place in names) for row in rows)


def _with_milestones(guesses: list[Guess], *, goes_on: bool) -> list[Guess]:
    """Milestones that are not numbered get their numbers, and a date beside a milestone is its.
    `goes_on`: rows below a commitment hold further milestones, each with the date beside it."""
    several = sum(1 for each in guesses if _ONE_MILESTONE.fullmatch(fold(each.heading))) > 1
    dates = [each for each in guesses if _PLAIN_DATE.fullmatch(fold(each.heading))]
    given = {each.field for each in guesses}
    taken = iter(MILESTONES)
    found: list[Guess] = []
    current = ""
    for each in guesses:
        folded = fold(each.heading)
        if several and _ONE_MILESTONE.fullmatch(folded):
            number = next(taken, MILESTONES[-1])
            each = replace(each, field=milestone_keys(number)[0])
        day = f"{current}_date"
        if current and day not in given and (match := _PLAIN_DATE.fullmatch(folded)):
            numbered = match[1] is not None and current == f"milestone_{match[1]}"
            if numbered or folded == "date" or (match[1] is None and len(dates) > 1):
                words = f"It stands beside “{LABELS[current]}”."
                each = replace(each, field=day, confidence=1.0, reason=words)
            elif goes_on:
                words = f"It stands beside “{LABELS[current]}”, and every row has one."
                each = replace(each, field=day, confidence=0.8, reason=words)
        is_title = each.field.startswith("milestone_") and not each.field.endswith("_date")
        current = each.field if is_title else ""
        found.append(each)
    return found


def _of_milestones(each: Guess) -> Guess:
    """A column of a sheet that holds milestones: its title and dates are theirs."""
    if each.field == "title" and fold(each.heading) == "title":
        return replace(each, field="milestone_1", reason="The sheet holds milestones.")
    if each.field == "target_date" or fold(each.heading) in ("date", "baseline date"):
        return replace(
            each, field="milestone_1_date", confidence=1.0, reason="The sheet holds milestones."
        )
    return each


# --- what the cells say ---------------------------------------------------------------------------
def _checked(each: Guess, cells: Sequence[str]) -> Guess:
    """A guess by name beside what stands below it."""
    key = "target_date" if each.field.endswith("_date") else each.field
    kinds = _UNLIKE.get(key, ())
    if len(cells) < 3 or not kinds:
        return each
    like = likeness(cells, _LIKE[key]) if key in _LIKE else 0.0
    other = next((kind for kind in kinds if likeness(cells, kind) >= 0.8), "")
    if other and like < 0.3:
        words = f"{each.reason} But below it stand {_PLURAL[other]}."
        return replace(each, field="", confidence=0.3, reason=words)
    if key in ("target_value", "baseline_value") and like < 0.3 and likeness(cells, "date") >= 0.8:
        day = key.replace("value", "date")
        words = f"{each.reason} But below it stand dates."
        return replace(each, field=day, confidence=0.7, reason=words)
    if each.confidence < CERTAIN and like >= 0.6:
        return replace(each, confidence=0.85)
    return each


_PLURAL = {
    "sentence": "sentences", "date": "dates", "number": "numbers", "level": "ratings or levels",
    "body": "names of organisations", "reference": "numbers of commitments", "theme": "themes",
}  # fmt: skip
# In this order, and only for a field that no heading names.
_SPEAKING = (
    ("theme", "theme", 0.9), ("target_date", "date", 0.7), ("reference", "reference", 0.8),
    ("lead", "body", 0.6), ("title", "sentence", 0.6),
)  # fmt: skip


def _by_content(
    guesses: list[Guess], cells: Sequence[Sequence[str]], of_milestones: bool
) -> list[Guess]:
    """Fields that nobody named, for columns that hold nothing else."""
    held = {each.field for each in guesses}
    if of_milestones or not (held & {"title", "reference"} or len(held) > 1):
        speaking = _SPEAKING if not of_milestones else ()
    else:
        speaking = _SPEAKING
    if "title" not in held and "description" in held:
        return [_description_as_title(each) for each in guesses]
    for key, kind, least in speaking:
        if key in held:
            continue
        free = [
            each
            for each in guesses
            if not each.field and each.confidence < 0.5 and len(cells[each.place]) >= 2
            and not _ASIDE.search(fold(each.heading))
            and likeness(cells[each.place], kind) >= least
            and (key != "reference" or len(set(cells[each.place])) == len(cells[each.place]))
        ]  # fmt: skip
        if free:
            held.add(key)
            words = f"{free[0].reason} Below it stand {_PLURAL[kind]}."
            better = replace(free[0], field=key, confidence=0.6, reason=words)
            guesses = [better if each is free[0] else each for each in guesses]
    return guesses


def _description_as_title(each: Guess) -> Guess:
    if each.field != "description":
        return each
    words = f"{each.reason} No other column says what is promised."
    return replace(each, field="title", confidence=0.7, reason=words)


def _is_surer(one: Guess, other: Guess) -> bool:
    """Whether one of two columns is rather the field that both are named as."""
    if one.confidence != other.confidence:
        return one.confidence > other.confidence
    return rank_of(one.heading) < rank_of(other.heading)


def _each_once(guesses: list[Guess]) -> list[Guess]:
    """No field twice, but for those that columns may share: the surest column has it."""
    best: dict[str, Guess] = {}
    for each in guesses:
        if each.field and (each.field not in best or _is_surer(each, best[each.field])):
            best[each.field] = each
    found = []
    for each in guesses:
        holder = best.get(each.field, each)
        if holder is not each and each.field != "partners":
            words = f"“{LABELS[each.field]}” is another column already."
            twin = holder.place if each.confidence >= CERTAIN else None
            each = replace(each, field="", confidence=0.0, reason=words, twin=twin)
        found.append(each)
    return found
