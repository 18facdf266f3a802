"""The grammar of dates in workforce plans: which words mean which days.

Every rule below is one form of writing, with what it stands for. Seasons are those of the weather
(spring March to May, winter December to February); quarters and halves with a financial year count
from April, with a plain year from January; an academic year ends on 31 August. What no rule reads
is not a date: nothing is guessed. docs/dates-and-figures.md gives the whole table.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from difflib import get_close_matches

from commitments.date_spans import (
    MONTHS,
    WEEKDAYS,
    Problem,
    Span,
    day_in_words,
    end_of_months,
    exact_day,
    month_in_words,
    month_number,
    whole_months,
    year_of,
)

# No date needs more words than this; a paragraph is not searched for one.
LONGEST = 60

SEASON_STARTS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4"}


def read(text: str, *, day_first: bool) -> Span | Problem | None:
    """What a text stands for: the days it can mean, a problem to tell, or None for plain words."""
    words = _plain(text)
    if not words or len(words) > LONGEST:
        return None
    try:
        return _phrase(words, day_first)
    except Problem as problem:
        return problem


def _plain(text: str) -> str:
    """Lower case, one kind of dash and blank, no trailing dots: how the rules expect a text."""
    words = unicodedata.normalize("NFC", text).lower()
    words = re.sub(r"[\u2010-\u2015\u2212]", "-", words)
    words = re.sub(r"[\u2018\u2019`]", "'", words)
    words = re.sub(r"(?<=[a-z])\.", " ", words)
    words = re.sub(r"\s*([/-])\s*", r"\1", words)
    words = re.sub(r"\b(?:" + "|".join(ORDINALS) + r")(?= (?:quarter|half))", _digit, words)
    return " ".join(words.split()).strip(" .,;:-")


def _digit(match: re.Match[str]) -> str:
    return ORDINALS[match[0]]


# --- words around a date --------------------------------------------------------------------------

_LEAD = re.compile(
    r"^(?:(?:due|by|in|during|on|until|within|the|no later than|not later than|target(?: date)?:?|"
    r"before(?= (?:the )?end))[ ])+"
)
_TAIL = re.compile(r" (?:at the latest|at latest)$")
_ROUGHLY = re.compile(r"(?:c|ca|circa|around|about|approx|approximately|roughly|~)(?: |(?=\d))")
_EDGE = re.compile(r"(?:the )?(early|mid|middle|late|end)[ -](?:in |of )?(?:the )?(?=.)")


def _phrase(words: str, day_first: bool) -> Span | None:
    """A date with the words that may stand before it: by, before, around, early, mid, late, end."""
    words = _TAIL.sub("", _LEAD.sub("", words))
    if words.startswith("before "):
        span = _core(words.removeprefix("before "), day_first)
        return span and _before(span)
    if rough := _ROUGHLY.match(words):
        span = _core(words[rough.end() :], day_first)
        return span and replace(span, precision="approximate")
    if edge := _EDGE.match(words):
        span = _core(words[edge.end() :], day_first)
        return span and _part(edge[1], span)
    return _core(words, day_first)


def _before(span: Span) -> Span:
    eve = span.first - timedelta(days=1)
    whole_months(eve.year, eve.month, 1, "day")  # a problem when it leaves the years of plans
    return replace(span, first=eve, last=eve, question="")


def _part(edge: str, span: Span) -> Span | None:
    """Early, mid, late or end of a span: the first quarter of it, its middle, its last day.

    "End 2019" is approximate, since a year's end is weeks long in a plan; the end of a month,
    a quarter or a financial year is a day in the calendar and keeps its precision.
    """
    if span.precision == "day":
        return None
    if edge == "end":
        return replace(span, precision="approximate") if span.precision == "year" else span
    months = (span.last.year - span.first.year) * 12 + span.last.month - span.first.month + 1
    start, last = (span.first.year, span.first.month), span.last
    if edge == "early":
        quarter = end_of_months(*start, max(1, months // 4))
        last = span.first.replace(day=10) if months == 1 else quarter
    elif edge in ("mid", "middle"):
        half = end_of_months(*start, (months + 1) // 2)
        last = half.replace(day=15) if months % 2 else half
    return replace(span, last=last, precision="approximate")


def _pair(match: re.Match[str]) -> int:
    """The year a financial or academic year starts in; a problem unless the next one follows."""
    start, end = year_of(match["from"]), match["to"]
    if len(match["from"]) < len(end) or int(end) != (start + 1) % 10 ** len(end):
        raise Problem("is not a financial year, because its two years do not follow each other")
    return start


# --- the rules, first that matches ----------------------------------------------------------------

_Rule = Callable[[re.Match[str], bool], Span | None]
_RULES: list[tuple[re.Pattern[str], _Rule]] = []
_PARTS = {
    "WEEKDAY": r"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?",
    "DAY": r"(?P<day>\d{1,2})(?:st|nd|rd|th)?",
    "MONTH": r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)",
    "SEASON": r"(?P<season>spring|summer|autumn|winter)",
    "YEAR": r"(?P<year>\d{4})",
    "SHORT": r"'?(?P<year>\d{4}|\d{2})",
    "PART": r"(?P<unit>q|h|quarter |half )(?P<part>\d)",
    "PAIR": r"(?P<from>\d{4}|\d{2})[/-](?P<to>\d{4}|\d{2})",
    "FY": r"(?:fy|f/y|financial year|fiscal year)",
    "AY": r"(?:ay|a/y|academic year|school year)",
    "CLOCK": r"(?:[t ]\d{1,2}:\d\d.*)?",
}


def _reads(*patterns: str) -> Callable[[_Rule], _Rule]:
    """Register a rule for whole texts of these forms; capitals stand for the parts above."""

    def register(rule: _Rule) -> _Rule:
        for pattern in patterns:
            source = re.sub("|".join(_PARTS), lambda part: _PARTS[part[0]], pattern)
            _RULES.append((re.compile(source, re.ASCII), rule))
        return rule

    return register


def _core(words: str, day_first: bool) -> Span | None:
    for pattern, rule in _RULES:
        if match := pattern.fullmatch(words):
            return rule(match, day_first)
    return None


@_reads(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})CLOCK")
def _year_first_day(match: re.Match[str], day_first: bool) -> Span:
    return exact_day(int(match[1]), int(match[3]), int(match[4]))


@_reads(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})CLOCK")
def _numbered_day(match: re.Match[str], day_first: bool) -> Span:
    """England writes the day first; when the month could be first as well, that is said."""
    year, one, two = year_of(match[4]), int(match[1]), int(match[3])
    day, month = (one, two) if day_first else (two, one)
    span = exact_day(year, month, day)
    if day <= 12 and day != month:
        other = day_in_words(date(year, day, month))
        question = f"can mean {day_in_words(span.first)} or {other}"
        return replace(span, question=question)
    return span


@_reads(
    r"WEEKDAYDAY[ -](?:of )?MONTH[ ,-]+SHORT",
    r"WEEKDAYMONTH[ ]DAY,? YEAR",
    r"YEAR[- ]MONTH[- ]DAY",
)
def _named_day(match: re.Match[str], day_first: bool) -> Span:
    span = exact_day(year_of(match["year"]), month_number(match["month"]), int(match["day"]))
    given, true = match.groupdict().get("weekday"), WEEKDAYS[span.first.weekday()]
    if given and not true.lower().startswith(given):
        return replace(span, question=f"names a day of the week, but that day is a {true}")
    return span


@_reads(
    r"(?:(?P<earlier>[a-z]+)(?:/|-| or ))?MONTH[ ,]+YEAR",
    r"MONTH[-/]SHORT",
    r"MONTH ?'(?P<year>\d{2})",
    r"YEAR[ -]MONTH",
)
def _named_month(match: re.Match[str], day_first: bool) -> Span | None:
    """A month, or the later of two ("March/April 2026")."""
    month, earlier = month_number(match["month"]), match.groupdict().get("earlier")
    if earlier:
        if not re.fullmatch(_PARTS["MONTH"], earlier) or month_number(earlier) >= month:
            return None
        first = whole_months(year_of(match["year"]), month_number(earlier), 1, "month").first
        return replace(whole_months(year_of(match["year"]), month, 1, "month"), first=first)
    return whole_months(year_of(match["year"]), month, 1, "month")


@_reads(r"(?P<month>\d{1,2})[/.-]YEAR")
def _numbered_month(match: re.Match[str], day_first: bool) -> Span:
    return whole_months(int(match["year"]), int(match["month"]), 1, "month")


@_reads(r"FY ?PAIR", r"PAIR FY", r"PAIR \(FY\)", r"year[ -]end PAIR", r"PAIR year[ -]end")
def _financial_year(match: re.Match[str], day_first: bool) -> Span:
    return whole_months(_pair(match), 4, 12, "financial_year")


@_reads(r"AY ?PAIR", r"PAIR AY", r"PAIR \(AY\)")
def _academic_year(match: re.Match[str], day_first: bool) -> Span:
    return whole_months(_pair(match), 9, 12, "academic_year")


@_reads(r"(?P<from>\d{4})(?P<sign>[/-])(?P<to>\d{4}|\d{2})")
def _two_years(match: re.Match[str], day_first: bool) -> Span | None:
    """A financial year, unless a month ("2025-09"), a stretch of years, or either of two."""
    start, end, dashed = int(match["from"]), match["to"], match["sign"] == "-"
    is_month = dashed and len(end) == 2 and 1 <= int(end) <= 12
    consecutive = int(end) == (start + 1) % 10 ** len(end)
    if is_month:
        month = whole_months(start, int(end), 1, "month")
        if not consecutive:
            return month
        both = f"can mean {month_in_words(month.last)} or the financial year {start}/{end}"
        raise Problem(both, ambiguous=True)
    if dashed and len(end) == 4 and int(end) > start + 1:
        # "2024-2026" says when work runs, as "from 2024" does: words, and no day it is due.
        return None
    return whole_months(_pair(match), 4, 12, "financial_year")


@_reads(r"(?P<from>\d{1,2})[/.-](?P<to>\d{1,2})")
def _two_numbers(match: re.Match[str], day_first: bool) -> Span:
    """ "24/25" can only be a financial year; "10/11" can be a day without its year as well."""
    one, two = match["from"], match["to"]
    consecutive = len(one) == len(two) == 2 and int(two) == (int(one) + 1) % 100
    if consecutive and (int(two) > 12 or int(two) == 0):
        return whole_months(_pair(match), 4, 12, "financial_year")
    if not (1 <= int(two) <= 12 and 1 <= int(one) <= 31):
        raise Problem
    if consecutive:
        day = f"{int(one)} {MONTHS[int(two) - 1]}"
        years = f"{year_of(one)}/{two}"
        raise Problem(f"can mean {day} or the financial year {years}", ambiguous=True)
    raise Problem("has no year")


@_reads(
    r"(?:[qh]\d[/-])?PART[ ,]+(?:of )?(?:the )?(?:(?:FY ?)?PAIR|YEAR)",
    r"(?P<unit>q)\d[/-](?P<part>\d)[ ,]+(?:of )?(?:the )?(?:(?:FY ?)?PAIR|YEAR)",
    r"(?:(?:FY ?)?PAIR|YEAR),?[ -]+PART",
    r"(?P<part>\d) (?P<unit>quarter|half)[ ,]+(?:of )?(?:the )?(?:(?:FY ?)?PAIR|YEAR)",
)
def _part_of_year(match: re.Match[str], day_first: bool) -> Span:
    """Q1 is April to June of a financial year, January to March of a plain year (and we say so:
    a finance team may have meant the other). Of two ("Q3/Q4 2024/25") the later."""
    is_quarter = match["unit"][0] == "q"
    months, precision = (3, "quarter") if is_quarter else (6, "half")
    part = int(match["part"])
    if not 1 <= part <= 12 // months:
        names = "quarters are Q1 to Q4" if is_quarter else "halves are H1 and H2"
        raise Problem(f"is not a date: {names}")
    first_month = 1 + (part - 1) * months
    if not match["year"]:
        later, month = divmod(first_month + 2, 12)
        return whole_months(_pair(match) + later, month + 1, months, precision)
    year = int(match["year"])
    span = whole_months(year, first_month, months, precision)
    financial = day_in_words(end_of_months(year, first_month + 3, months))
    name = f"{match['unit'][0].upper()}{part} {year}/{(year + 1) % 100:02}"
    question = f"can end on {day_in_words(span.last)} or, meaning {name}, on {financial}"
    return replace(span, question=question)


@_reads(r"(?:(?P<earlier>[a-z]+)(?:/|-| or ))?SEASON[ ,]+(?:of )?(?:YEAR|PAIR)")
def _season(match: re.Match[str], day_first: bool) -> Span | None:
    """Three months, or the later of two seasons; winter ends in the year after the one it names."""
    name, earlier = match["season"], match["earlier"]
    if earlier and SEASON_STARTS.get(earlier, 12) >= SEASON_STARTS[name]:
        return None
    if match["year"]:
        year = int(match["year"])
    elif SEASON_STARTS[name] < 9:
        return None  # the summer of 2024/25 is 2024 in a budget and 2025 in a school
    else:
        year = _pair(match)
    first = SEASON_STARTS[earlier or name]
    return whole_months(year, first, SEASON_STARTS[name] + 3 - first, "season")


@_reads(r"(?:calendar year |cy ?|year )?YEAR")
def _plain_year(match: re.Match[str], day_first: bool) -> Span:
    return whole_months(int(match["year"]), 1, 12, "year")


# --- what looks like a date and is none -----------------------------------------------------------


@_reads(r"FY ?SHORT")
def _one_financial_year(match: re.Match[str], day_first: bool) -> Span:
    year = whole_months(year_of(match["year"]), 1, 12, "year").last.year
    starting, ending = f"{year}/{(year + 1) % 100:02}", f"{year - 1}/{year % 100:02}"
    raise Problem(f"can mean {ending} or {starting}", date(year, 3, 31), ambiguous=True)


@_reads(r"MONTH (?P<number>\d{1,2})(?P<ordinal>st|nd|rd|th)?", r"WEEKDAYDAY[ -](?:of )?MONTH")
def _no_year(match: re.Match[str], day_first: bool) -> Span:
    """A day and a month alone; "Mar 26" can be a day or a month of a year, "Mar 45" only that."""
    parts = match.groupdict()
    number = parts.get("number") or ""
    if len(number) < 2 or parts["ordinal"]:
        raise Problem("has no year")
    span = whole_months(year_of(number), month_number(match["month"]), 1, "month")
    if not 1 <= int(number) <= span.last.day:
        return span
    day = f"{int(number)} {MONTHS[span.last.month - 1]}"
    raise Problem(f"can mean {day} or {month_in_words(span.last)}", ambiguous=True)


@_reads(r"WEEKDAYDAY[ -](?:of )?(?P<word>[a-z]{3,})[ ,-]+YEAR")
def _misspelt_month(match: re.Match[str], day_first: bool) -> None:
    near = get_close_matches(match["word"].title(), MONTHS, n=1, cutoff=0.75)
    if near:
        raise Problem(f'is not a date. "{match["word"]}" may be {near[0]}')


@_reads(r"\d+(?:[-/. ,:]+\d+)*")
def _only_numbers(match: re.Match[str], day_first: bool) -> None:
    raise Problem
