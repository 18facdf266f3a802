"""What the cells below a heading look like: dates, numbers, bodies, references. Pure functions.

A likeness is the share, 0 to 1, of the cells that hold something. It supports or doubts what a
heading says, and speaks where a heading says nothing.
"""

import re
from collections.abc import Callable, Sequence

from commitments.dates import parse_fuzzy_date
from commitments.figures import parse_figure

# Enough to tell what a column holds; the rest of a long sheet is not looked at.
LOOKED_AT = 60

_BODY = re.compile(
    r"\b(?:NHS|ICB|ICS|CCG|LGA|ADASS|DHSC|HEE|UKHSA|VCSE|NHSE|councils?|trusts?|board|authorit(?:y|ies)|university|"
    r"federation|department for|department of|college|agency|partnership|employers|england)\b",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"[A-Za-z]{0,10}[A-Za-z0-9]*[-/._ ]?[A-Za-z]{0,4}\d{1,5}(?:[.]\d{1,3}){0,2}[a-z]?"
)
_THEMES = {"train", "retain", "reform"}
_LEVELS = {
    "high", "medium", "low", "h", "m", "l", "yes", "no", "y", "n", "red", "amber", "green", "rag",
    "complete", "completed", "on track", "off track", "not started", "in progress", "ongoing",
    "blue", "delayed", "closed", "open", "r", "a", "g", "must", "should", "could",
}  # fmt: skip
_SERIAL = re.compile(r"[2-6]\d{4}")


def is_date(text: str) -> bool:
    """Whether a text is a date: "2031/32" and "summer 2027" too, and a day as Excel counts it."""
    return parse_fuzzy_date(text).is_dated


def is_number(text: str) -> bool:
    """Whether a text is one number or a range, perhaps with a unit of a word or two."""
    figure = parse_figure(text)
    return figure.is_number and len(figure.unit_hint.split()) < 3


def is_body(text: str) -> bool:
    """Whether a text speaks of an organisation or a kind of them."""
    return len(text) < 400 and bool(_BODY.search(text))


def is_reference(text: str) -> bool:
    """Whether a text looks like the number of a commitment: LTWP-002, 3.1, A7."""
    return len(text) < 25 and bool(_REFERENCE.fullmatch(text)) and not _is_year(text)


def is_theme(text: str) -> bool:
    return text.casefold() in _THEMES


def is_level(text: str) -> bool:
    """Whether a text is a rating, a priority or a yes: words that are no heading of a plan."""
    return text.casefold() in _LEVELS


def is_sentence(text: str) -> bool:
    """Whether a text says what is to be done, rather than naming something."""
    return len(text.split()) >= 3 and not is_date(text) and not is_number(text)


LOOKS: dict[str, Callable[[str], bool]] = {
    "date": is_date, "number": is_number, "body": is_body, "reference": is_reference,
    "theme": is_theme, "level": is_level, "sentence": is_sentence,
}  # fmt: skip


def likeness(cells: Sequence[str], kind: str) -> float:
    """How much of a column looks like a kind of LOOKS. Nothing for a column without cells."""
    return sum(map(LOOKS[kind], cells)) / len(cells) if cells else 0.0


def is_serial(text: str) -> bool:
    """Whether a number can be a day as Excel counts them, from 1954 to 2091."""
    return bool(_SERIAL.fullmatch(text))


def _is_year(text: str) -> bool:
    return text.isdigit() and 1900 < int(text) < 2100
