"""Dates as plans give them, and the working days of England.

A published plan says "2031/32", "Q3 2024/25" or "summer 2025" far more often than a day. A
`FuzzyDate` keeps the source's words, the last day they can mean, and how precise they were; a rule
compares the day, a page shows the words. The reading itself is in `commitments.date_grammar`.
"""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

import holidays
from django.db import models
from django.utils import timezone

from commitments import date_grammar as grammar
from commitments.date_spans import (
    FIRST_YEAR,
    LAST_YEAR,
    Problem,
    Span,
    day_in_words,
    month_in_words,
)


class Precision(models.TextChoices):
    """How closely a source gave a date. A page never shows more than this."""

    DAY = "day", "day"
    MONTH = "month", "month"
    QUARTER = "quarter", "quarter"
    SEASON = "season", "season"
    HALF = "half", "half year"
    YEAR = "year", "year"
    ACADEMIC_YEAR = "academic_year", "academic year"
    FINANCIAL_YEAR = "financial_year", "financial year"
    APPROXIMATE = "approximate", "approximate"
    NONE = "none", "undated"


@dataclass(frozen=True)
class FuzzyDate:
    """A date as its source gave it.

    `text` is the source's words, `last_day` the last day they can mean (None when undated) and
    `precision` how closely they were given. A last day without a precision, or the other way
    round, raises ValueError: the database refuses it too.
    """

    text: str
    last_day: date | None
    precision: Precision

    def __post_init__(self) -> None:
        if (self.last_day is None) != (self.precision == Precision.NONE):
            raise ValueError("A fuzzy date has a last day exactly when it has a precision.")

    @classmethod
    def on(cls, day: date) -> "FuzzyDate":
        """One exact day."""
        return cls(day_in_words(day), day, Precision.DAY)

    @classmethod
    def undated(cls, text: str = "") -> "FuzzyDate":
        """Words that are not a date, or nothing at all."""
        return cls(text, None, Precision.NONE)

    @property
    def is_dated(self) -> bool:
        return self.last_day is not None

    def __bool__(self) -> bool:
        return bool(self.text) or self.is_dated

    def __str__(self) -> str:
        return self.text


UNDATED = FuzzyDate.undated()

# What spreadsheets hold in a date cell: calamine hands a whole number over as a float.
DateLike = str | date | datetime | int | float | None


def parse_fuzzy_date(value: DateLike, *, day_first: bool = True) -> FuzzyDate:
    """Read what a source says about when. Never raises: what cannot be read is kept, undated.

    `day_first=False` reads 03/04/2027 as 4 March, for a file known to write the month first.
    `explain_date` says what is wrong with a text that looks like a date and is not one;
    `describe_ambiguity` what else a text could mean.
    """
    text = _tidy(value)
    reading = _read(text, day_first)
    if isinstance(reading, Span):
        return FuzzyDate(text, reading.last, Precision(reading.precision))
    return FuzzyDate.undated(text)


def explain_date(value: DateLike, *, day_first: bool = True) -> str | None:
    """Why a text that looks like a date could not be read, in words for the person who wrote it.

    None when it was read, and when it is plain words ("TBC", "ongoing", "from 2025").
    """
    text = _tidy(value)
    reading = _read(text, day_first)
    return reading.explain(text) if isinstance(reading, Problem) else None


def describe_ambiguity(value: DateLike, *, day_first: bool = True) -> str | None:
    """The two things a text can mean, for a person to choose from; None when there is only one.

    The text may have been read all the same (03/04/2027 is 3 April: England writes the day first)
    or not (10/11, which `explain_date` refuses too).
    """
    text = _tidy(value)
    reading = _read(text, day_first)
    if isinstance(reading, Problem):
        return reading.explain(text) if reading.ambiguous else None
    if isinstance(reading, Span) and reading.question:
        return f'"{text}" {reading.question}.'
    return None


def is_ambiguous(value: DateLike) -> bool:
    """Whether a text can mean two dates, so that an importer has to ask."""
    return describe_ambiguity(value) is not None


# Months that a period of each precision can have; "about 2027" may be any day of a year.
_MONTHS = {
    Precision.MONTH: 1, Precision.QUARTER: 3, Precision.SEASON: 3, Precision.HALF: 6,
    Precision.YEAR: 12, Precision.ACADEMIC_YEAR: 12, Precision.FINANCIAL_YEAR: 12,
    Precision.APPROXIMATE: 12,
}  # fmt: skip


def first_day(fuzzy: FuzzyDate) -> date | None:
    """The first day of the period that a fuzzy date names; None when it is undated."""
    if fuzzy.last_day is None or fuzzy.precision == Precision.DAY:
        return fuzzy.last_day
    last = fuzzy.last_day
    month = last.year * 12 + last.month - _MONTHS[fuzzy.precision]
    return date(month // 12, month % 12 + 1, 1)


def format_fuzzy(fuzzy: FuzzyDate) -> str:
    """How a fuzzy date is shown: the source's words, and never more precise than they were.

    Days and months given as numbers or codes ("2025-09", "13/03/2024", "Mar-26") are spelled out.
    """
    if fuzzy.last_day is None:
        return f"{fuzzy.text} (undated)" if fuzzy.text else "no date given"
    is_code = " " not in fuzzy.text or not any(letter.isalpha() for letter in fuzzy.text)
    if is_code and fuzzy.precision == Precision.DAY:
        return day_in_words(fuzzy.last_day)
    if is_code and fuzzy.precision == Precision.MONTH:
        return month_in_words(fuzzy.last_day)
    return fuzzy.text


def _tidy(value: DateLike) -> str:
    """The text to keep: as given, but for blanks nobody sees."""
    if isinstance(value, datetime):
        value = (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf") else c for c in text)
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def _read(text: str, day_first: bool) -> Span | Problem | None:
    return grammar.read(text, day_first=day_first)


# --- working days of England ----------------------------------------------------------------------


@cache
def _bank_holidays() -> tuple[date, ...]:
    """England's bank holidays that fall on a weekday, one-off ones included, in order."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    calendar = holidays.country_holidays("GB", subdiv="ENG", years=years)
    return tuple(sorted(day for day in calendar if day.weekday() < 5))


@cache
def _bank_holiday_set() -> frozenset[date]:
    return frozenset(_bank_holidays())


def is_working_day(day: date) -> bool:
    """Monday to Friday, and not a bank holiday in England."""
    return day.weekday() < 5 and day not in _bank_holiday_set()


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    return add_working_days(day, 1)


def add_working_days(day: date, number: int) -> date:
    """The working day that is `number` working days after `day`, or before it when negative.

    Nothing to add returns `day` itself, whatever day it is.
    """
    step = timedelta(days=1 if number > 0 else -1)
    left = abs(number)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days come after `start`, up to and including `end`.

    Negative when `end` is before `start`: swapping the two swaps the sign.
    """
    return _working_days_until(end) - _working_days_until(start)


def _working_days_until(day: date) -> int:
    """Working days since the first of all days, which was a Monday: arithmetic, not a loop."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5) - bisect_right(_bank_holidays(), day)
