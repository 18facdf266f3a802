"""One cell as text: what somebody would type."""

import re
from datetime import date, datetime
from typing import Any

# A formula that was saved without what it comes to: a blank would mean "leave it as it is".
UNCALCULATED = "(formula without a result)"


def as_text(cell: Any) -> str:
    """A cell as somebody would type it: 12.0 is "12", a date "28 February 2027"."""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return number_text(cell)
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return f"{cell.day} {cell:%B} {cell.year}"
    return str(cell)


def number_text(number: float) -> str:
    """Fifteen digits are all that a spreadsheet keeps; 0.1 + 0.2 is 0.3 to whoever typed it."""
    return str(int(number)) if number.is_integer() else f"{number:.15g}"


def percentage(cell: Any) -> str:
    """A share as its cell shows it: 0.05 in a cell of percentages is "5%"."""
    if isinstance(cell, float) and not isinstance(cell, bool) and abs(cell) < 1e9:
        return f"{number_text(float(f'{cell * 100:.13g}'))}%"
    return as_text(cell)


def month(cell: Any) -> str:
    """A day whose cell shows the month alone, and says no more than that."""
    return f"{cell:%B} {cell.year}" if isinstance(cell, date) else as_text(cell)


def year(cell: Any) -> str:
    """A day whose cell shows the year alone."""
    return str(cell.year) if isinstance(cell, date) else as_text(cell)


_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[\n ]*")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u2060\ufeff]")
# One apostrophe more than the text had: workforce_tracker.spreadsheets.safe_cell.
_MARKED = re.compile(r"'+[=+\-@\t\r\n]")
# How a workbook writes letters that XML cannot hold; line breaks come like this, too.
_ESCAPED = re.compile(r"_x00(0[0-9A-F]|1[0-9A-F]|7F)_")


def tidy(text: str) -> str:
    """Text without blanks nobody sees. Line breaks stay: people put one partner on each line.

    An apostrophe before = + - @ or a tab was put there by an export, so that no spreadsheet program
    takes the text for a formula; it is taken off again.
    """
    if text[:1] == "'" and _MARKED.match(text):
        text = text[1:]
    if text.isprintable() and "  " not in text and "_x" not in text:
        return text.strip()
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _BREAKS.sub("\n", _BLANKS.sub(" ", text)).strip()
