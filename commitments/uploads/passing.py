"""What stands among the rows of a plan and is none: totals, notes, titles of sections, headings
again. And marks of footnotes on words. Pure functions.
"""

import re
from collections.abc import Callable, Collection

from commitments.uploads.contents import is_number, is_reference
from commitments.uploads.layout import Layout

EXAMPLE = "EXAMPLE"

_TOTAL = re.compile(
    r"(?:sub[- ]?|grand |overall )?totals?(?:\s*[:–—-].*|\s+(?:for|of|across|in|by|to)\b.*)?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:[*†‡§¹²³⁴⁵⁶⁷⁸⁹]|\(?\d{1,2}\)\s|\[\d{1,2}\]\s|notes?\b|sources?\b|footnotes?\b|key\b|"
    r"end of\b|prepared by\b|last updated\b|page \d)",
    re.IGNORECASE,
)
# How plans call their parts: "Priority 2: keeping our people".
_TITLE = re.compile(
    r"(?:priority|pillar|theme|section|part|chapter|strand|workstream|objective|aim|goal|ambition|"
    r"outcome)(?: area)? (?:\d{1,2}|[a-h]|one|two|three|four|five|six)\b",
    re.IGNORECASE,
)
# Columns that a total may fill.
_SUMMED = {"target_value", "target_unit", "baseline_value", "pillar", "reference", "title"}


def is_total(held: dict[str, str]) -> bool:
    """Whether a row adds up the ones above it: it says so, and holds only figures besides."""
    first = next(iter(held.values()))
    said = first if _TOTAL.fullmatch(first) else held.get("title", "")
    if not _TOTAL.fullmatch(said) or not held.keys() <= _SUMMED:
        return False
    return all(
        text == said or key == "target_unit" or is_number(text) for key, text in held.items()
    )


def is_note(text: str) -> bool:
    """Whether a text below a table explains it."""
    return bool(_NOTE.match(text))


def is_section(layout: Layout, index: int, held: dict[str, str], merged_across: bool) -> bool:
    """Whether a row is the title of those below it: one text alone, and not where a commitment
    stands, or written across the columns."""
    cells = [cell for cell in layout.table.rows[index] if cell]
    if len(set(cells)) != 1 or len(held) > 1:
        return False
    key = next(iter(held), "")
    if merged_across or key == "pillar" or (key == "title" and _TITLE.match(cells[0])):
        return True
    return key == "reference" and " " in cells[0] and not is_reference(cells[0])


def is_count_of_columns(held: Collection[str]) -> bool:
    """Whether a row below the headings only numbers or letters the columns: 1, 2, 3; (a), (b)."""
    plain = [text.strip("()[].").lower() for text in held]
    if len(plain) < 3:
        return False
    numbers = [str(number) for number in range(1, len(plain) + 1)]
    return plain == numbers or plain == list("abcdefghijklmnopqrstuvwxyz"[: len(plain)])


def reason_to_pass(held: dict[str, str]) -> str:
    """Why a row is no commitment though it stands like one, or ""."""
    if held.get("reference", "").casefold() == EXAMPLE.casefold():
        return "The example, so not read"
    kind = held.get("row_type", "commitment")
    if kind.casefold() != "commitment":
        return f'Marked as "{kind}", which is no commitment, so not read'
    if _TOTAL.match(next(iter(held.values()))) or _TOTAL.match(held.get("title", "")):
        return "A total of the rows above, so not read" if is_total(held) else ""
    return ""


# --- marks of footnotes ---------------------------------------------------------------------------
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# Glued to a word of two letters or more, a figure or the mark behind them. "m²" keeps its own.
_MARK = re.compile(
    r"(?:(?<=\w\w)|(?<=[\d).,;:%]))(?:[*†‡§]+|\[\d{1,2}\])(?=$|[\s.,;:)\]])"
    rf"|(?:(?<=[^\W\d]{{3}})|(?<=\d\d\d)|(?<=[).,;:%]))[{_RAISED}]+(?=$|[\s.,;:)\]–-])"
)


def marks_remover() -> Callable[[str], str]:
    """Something that takes the marks of footnotes off a text, and remembers what it has seen."""
    known: dict[str, str] = {}

    def without(text: str) -> str:
        if text not in known:
            known[text] = _MARK.sub("", text).strip()
        return known[text]

    return without
