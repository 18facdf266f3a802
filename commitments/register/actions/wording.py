"""Values and fields in the words of a page: the same in previews, conflicts and messages."""

from datetime import date
from decimal import Decimal
from typing import Any

from commitments.date_spans import day_in_words
from commitments.dates import FuzzyDate, Precision, format_fuzzy
from commitments.figures import format_number

LABELS = {
    "title": "Title",
    "description": "Description",
    "pillar": "Pillar",
    "target": "Target date",
    "staff_groups": "Staff groups",
    "source": "Source",
    "plan_reference": "Number in the plan",
    "lead_basis": "Where the lead comes from",
    "confidence": "Confidence in the source",
    "state": "State",
    "draft_of": "Draft of",
    "senior_responsible_owner": "Senior responsible owner",
    "is_demonstration": "Demonstration",
    "leads": "Led by",
    "partners": "Delivered with",
    "baseline": "First promised for",
    "forecast": "Now expected",
    "actual_on": "Reached on",
    "owner": "Owner",
    "organisation": "Organisation",
    "note": "Note",
}


def label_of(field: str) -> str:
    """A field's name on the screen."""
    return LABELS.get(field) or field.replace("_", " ").capitalize()


def in_words(value: Any) -> str:
    """A value as a page says it; nothing is the empty text."""
    if type(value) is str:
        return value
    match value:
        case None | "" | () | []:
            return ""
        case bool():
            return "yes" if value else "no"
        case FuzzyDate():
            return format_fuzzy(value) if value else ""
        case date():
            return day_in_words(value)
        case Decimal():
            return format_number(value)
        case list() | tuple():
            return "; ".join(in_words(part) for part in value)
    return str(value)


def state_in_words(state: Any) -> str:
    """A stored choice as people read it: "not_started" is "Not started"."""
    return str(state).replace("_", " ").capitalize()


def differs(before: Any, after: Any) -> bool:
    """Whether a value is another one. One day written in two ways (30/09/2026, 30 September 2026)
    is the same, so that a spreadsheet's date cell does not change what was typed."""
    dates = isinstance(before, FuzzyDate) and isinstance(after, FuzzyDate)
    if dates and before.precision == after.precision == Precision.DAY:
        return bool(before.last_day != after.last_day)
    return bool(before != after)
