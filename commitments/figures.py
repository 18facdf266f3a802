"""Figures as plans give them: "over 1,300", "9–10.5 %", "£2.4bn", "nearly 4,000".

A figure survives as given: a range stays a range, £ million stays £ million, "at least" stays
beside its number. Nothing is rescaled, and what is not one number or one range ("double") is not a
number: it stays text, to be shown to a person. docs/dates-and-figures.md gives the whole table.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models


class Qualifier(models.TextChoices):
    """What a source says beside a number; the label is the word shown before it."""

    EXACT = "", ""
    MINIMUM = "minimum", "at least"
    MAXIMUM = "maximum", "at most"
    APPROXIMATE = "approximate", "about"
    UP_TO = "up_to", "up to"
    LESS_THAN = "less_than", "under"
    MORE_THAN = "more_than", "over"


class Direction(models.TextChoices):
    """When an actual has reached a target."""

    AT_LEAST = "at_least", "at least the target"
    AT_MOST = "at_most", "at most the target"
    WITHIN = "within", "within the range"


@dataclass(frozen=True)
class Figure:
    """A figure as its source gave it: the text, one number (`low`) or a range (`low` to `high`),
    what was said beside it, and the words after it that name its unit ("£ billion", "% of staff").
    """

    text: str
    low: Decimal | None = None
    high: Decimal | None = None
    qualifier: str = Qualifier.EXACT.value
    unit_hint: str = ""

    @property
    def is_number(self) -> bool:
        return self.low is not None

    @property
    def top(self) -> Decimal | None:
        """The upper end: of a range its high, of one number that number."""
        return self.low if self.high is None else self.high

    def __str__(self) -> str:
        return self.text


# The words of plans for each qualifier, before a number or in brackets after its unit.
_WORDS = {
    Qualifier.MINIMUM: ("at least", "a minimum of", "minimum of", "minimum", "no fewer than",
                        "no less than", "not less than", "min", ">=", "≥"),
    Qualifier.MAXIMUM: ("at most", "a maximum of", "maximum of", "maximum", "no more than",
                        "not more than", "max", "<=", "≤"),
    Qualifier.APPROXIMATE: ("approximately", "approx", "about", "around", "circa", "roughly",
                            "nearly", "almost", "just under", "just over", "some", "ca", "c", "~"),
    Qualifier.UP_TO: ("up to",),
    Qualifier.LESS_THAN: ("less than", "fewer than", "below", "under", "<"),
    Qualifier.MORE_THAN: ("more than", "greater than", "in excess of", "over", "above", ">"),
}  # fmt: skip
_QUALIFIERS = {word: qualifier for qualifier, words in _WORDS.items() for word in words}
# Longest first: "no more than" is not "more than", ">=" is not ">".
_BY_LENGTH = "|".join(re.escape(word) for word in sorted(_QUALIFIERS, key=len, reverse=True))
_LEAD = re.compile(rf"(?P<word>{_BY_LENGTH})(?:\.|(?<=[^a-z])|(?![a-z])) ?", re.IGNORECASE)
# Said after a number: "200+", "1,300 or more", "5% or less".
_AFTER = {
    "+": Qualifier.MINIMUM,
    "or more": Qualifier.MINIMUM,
    "or above": Qualifier.MINIMUM,
    "or less": Qualifier.MAXIMUM,
    "or fewer": Qualifier.MAXIMUM,
    "or below": Qualifier.MAXIMUM,
}
_SAID_AFTER = [
    (re.compile(rf"(?:^|(?<=[ %])){re.escape(words)}(?: |$)"), qualifier)
    for words, qualifier in _AFTER.items()
]

# Twelve digits before the point and four after are what the database keeps exactly.
_NUMBER = r"[-−]?(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,12})(?:\.\d{1,4})?(?![\d.,]*\d)"
_SCALES = {"bn": "billion", "b": "billion", "m": "million", "mn": "million", "k": "thousand"}
_SCALE = r"(?:bn|b|mn|m|k|billion|million|thousand)(?![a-z])"
_VALUE = rf"(?P<{{0}}pound>£)? ?(?P<{{0}}number>{_NUMBER}) ?(?P<{{0}}scale>{_SCALE}|%)?"
_FIGURE = re.compile(
    _VALUE.replace("{0}", "")
    + rf"(?: ?(?:[-–—]|to) ?{_VALUE.replace('{0}', 'to_')})?"
    + r"(?P<plus>\+)?(?P<unit>(?: |(?<=%)).*|)",
    re.IGNORECASE | re.ASCII,
)

_IN_BRACKETS = re.compile(r"(?P<unit>.*?) ?\((?P<word>[^()]*)\)")


def parse_figure(value: str | int | float | Decimal | None) -> Figure:
    """Read a number, a range, or neither. Never raises: what is not a number keeps its text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(("" if value is None else str(value)).split())
    words = unicodedata.normalize("NFC", text).removesuffix(".")
    qualifier, words = _take_lead(words)
    if words.lower().startswith("between "):
        words = words[len("between ") :].replace(" and ", " to ", 1)
    match = _FIGURE.fullmatch(words)
    if match is None or re.search(r"\d", match["unit"]):
        return Figure(text)
    low, high = _decimal(match["number"]), _decimal(match["to_number"])
    scale, to_scale = _scale(match["scale"]), _scale(match["to_scale"])
    if low is None or (scale and to_scale and scale != to_scale):
        return Figure(text)  # "£450m–£1bn" is a range of two units
    if high is not None and scale and not to_scale:
        return Figure(text)  # in "5%–10" the second number may be of anything
    if high is not None and high < low:
        return Figure(text)  # "2024-25" is a year, "10 to 9" a fall: no range of values
    parts = (match["pound"] or match["to_pound"], scale or to_scale, match["unit"].strip())
    unit, after = _take_after(" ".join(part for part in parts if part), plus=bool(match["plus"]))
    return Figure(text, low, high, (qualifier or after).value, unit)


def split_unit(unit: str) -> tuple[str, str]:
    """Part a unit from what the source said of its number in brackets.

    "places per year (minimum)" gives ("places per year", "minimum"). Brackets that say something
    else ("FTE (headcount)") stay in the unit, with no qualifier.
    """
    tidy = " ".join(unit.split())
    match = _IN_BRACKETS.fullmatch(tidy) if tidy.endswith(")") else None
    if match:
        word = match["word"].strip().lower().rstrip(".").removesuffix(" interval")
        if word in _QUALIFIERS:
            return match["unit"], _QUALIFIERS[word].value
    return tidy, Qualifier.EXACT.value


def read_number(text: str, unit: str) -> Decimal:
    """One number as somebody types it for a measure counted in `unit`. Raises ValidationError in
    words: for a range, for words, for another unit."""
    figure = parse_figure(text)
    if figure.low is None or figure.high is not None:
        raise ValidationError(f'"{text}" is not one number. Use digits, such as 1500 or 2.5.')
    if problem := explain_unit(figure, unit):
        raise ValidationError(problem)
    return figure.low


def explain_unit(figure: Figure, unit: str) -> str | None:
    """Why a number that was typed is not in a measure's unit, in words, or None when it is.

    No unit typed is the measure's own. Every word typed has to be one of the measure's unit: "5
    places" fits "places per year"; "5%" fits no count, "£5m" no "£ billion", "5 million" no
    "places".
    """
    if not figure.unit_hint:
        return None
    typed, known = (_unit_words(words) for words in (figure.unit_hint, unit))
    if typed <= known:
        return None
    if not unit:
        return f'"{figure.text}" has a unit, and this measure counts a plain number. Leave it out.'
    return (
        f'"{figure.text}" is not in {unit}, which this measure is counted in. '
        f"Give the number in {unit}, in digits."
    )


def _unit_words(unit: str) -> set[str]:
    """The words of a unit, signs apart, singular and plural alike."""
    parted = re.sub(r"([£%])", r" \1 ", unit.lower())
    words = re.findall(r"[£%]|[^\W_]+", parted)
    return {word if len(word) < 4 else word.removesuffix("s") for word in words}


def format_number(number: Decimal) -> str:
    """A number as people write it: thousands parted by commas, no zeros that say nothing."""
    shown = f"{number:,f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def format_figure(
    low: Decimal | None, high: Decimal | None, qualifier: str = "", unit: str = ""
) -> str:
    """A figure in words: "at least 1,300 places per year", "£2.4 billion", "under 10.5%".

    A `high` that is None or the same as `low` is no range. No number, no words: the empty text.
    """
    if low is None:
        return ""
    ends = [low] if high is None or high == low else [low, high]
    numbers = [format_number(number) for number in ends]
    # A dash after a minus sign or before one would read as a sum.
    shown = (" to " if any(n.startswith("-") for n in numbers) else "–").join(numbers)
    lead = Qualifier(qualifier).label
    if unit.startswith("£"):
        shown, unit = f"£{shown}", unit.removeprefix("£").strip()
    if unit == "%":
        shown, unit = f"{shown}%", ""
    elif "%" in unit and not unit.startswith("%"):
        shown, unit = unit.replace("%", f"{shown}%", 1), ""  # "top 25% of trusts"
    return " ".join(part for part in (lead, shown, unit) if part)


# A target of these is a change, so its number says nothing beside a baseline that is a level.
_CHANGES = re.compile(r"\b(?:additional|increase|reduction|decrease|percentage points|more)\b")
# Rates nobody plans to raise: what a target without a baseline or a qualifier is a ceiling for.
_BETTER_LOW = re.compile(r"\b(?:vacancy rate|turnover|sickness|absence|leaver rate)\b")


def direction_for(
    qualifier: str,
    baseline: Decimal | None,
    target: Decimal | None,
    high: Decimal | None = None,
    *,
    unit: str = "",
) -> Direction:
    """When a target counts as reached; the first of these that applies.

    "At most" or "under": at most. "At least", "over" or "up to" (a plan's ambition): at least. A
    range: within it, both ends included. A target that is a change ("additional posts"): at least.
    A target below its baseline: at most; above it: at least. Without a baseline, a rate that is
    better low (vacancy, turnover, sickness, leavers): at most. Everything else: at least.
    """
    if qualifier in (Qualifier.MAXIMUM, Qualifier.LESS_THAN):
        return Direction.AT_MOST
    if qualifier in (Qualifier.MINIMUM, Qualifier.MORE_THAN, Qualifier.UP_TO):
        return Direction.AT_LEAST
    if high is not None and high != target:
        return Direction.WITHIN
    if _CHANGES.search(unit.lower()):
        return Direction.AT_LEAST
    if baseline is not None and target is not None and baseline != target:
        return Direction.AT_MOST if target < baseline else Direction.AT_LEAST
    return Direction.AT_MOST if _BETTER_LOW.search(unit.lower()) else Direction.AT_LEAST


def _take_lead(words: str) -> tuple[Qualifier, str]:
    match = _LEAD.match(words)
    if match is None:
        return Qualifier.EXACT, words
    return _QUALIFIERS[match["word"].lower()], words[match.end() :]


def _take_after(unit: str, *, plus: bool) -> tuple[str, Qualifier]:
    """A unit without the words after its number that qualify it, and what they say."""
    if plus:
        return unit, Qualifier.MINIMUM
    for pattern, qualifier in _SAID_AFTER if unit else ():
        if said := pattern.search(unit):
            return (unit[: said.start()] + unit[said.end() :]).strip(), qualifier
    unit, qualifier_value = split_unit(unit)
    return unit, Qualifier(qualifier_value)


def _scale(word: str | None) -> str:
    return _SCALES.get(word.lower(), word.lower()) if word else ""


def _decimal(number: str | None) -> Decimal | None:
    return Decimal(number.replace(",", "").replace("−", "-")) if number else None
