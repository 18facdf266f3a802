"""The days a written date can mean, and what to say of one that means none.

Shared by the rules of `commitments.date_grammar`: whole months, exact days, years of two digits.
"""

import calendar
from dataclasses import dataclass
from datetime import date

# From the year the NHS began to as far as any plan looks: outside, a year is a typing error.
FIRST_YEAR, LAST_YEAR = 1948, 2100
# Python's own English names (the process keeps the C locale); the first month is number 1.
MONTHS = [*calendar.month_name][1:]
WEEKDAYS = [*calendar.day_name]


def day_in_words(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def month_in_words(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def financial_year_of(day: date) -> str:
    start = day.year if day.month >= 4 else day.year - 1
    return f"{start}/{(start + 1) % 100:02}"


@dataclass(frozen=True)
class Span:
    """The days a text can mean; `question` says what else it could have meant, if anything."""

    first: date
    last: date
    precision: str
    question: str = ""


class Problem(Exception):
    """A text that looks like a date and cannot be read as one, or can be read as two."""

    def __init__(
        self, what: str = "is not a date", near: date | None = None, *, ambiguous: bool = False
    ) -> None:
        self.what, self.near, self.ambiguous = what, near or date(2027, 2, 28), ambiguous
        super().__init__(what)

    def explain(self, text: str) -> str:
        """What is wrong, what was given, what is accepted: an example near what was meant."""
        return (
            f'"{text}" {self.what}. Use day/month/year, such as {self.near:%d/%m/%Y}, '
            f"or a year such as {financial_year_of(self.near)}."
        )


def end_of_months(year: int, month: int, months: int = 1) -> date:
    """The last day of the last of so many months."""
    year, month = year + (month + months - 2) // 12, (month + months - 2) % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def whole_months(year: int, month: int, months: int, precision: str, question: str = "") -> Span:
    """A span of whole months; a problem when it leaves the years a plan can speak of."""
    if not 1 <= month <= 12:
        raise Problem
    if year < FIRST_YEAR or year + (month + months - 2) // 12 > LAST_YEAR:
        raise Problem(f"is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    last = end_of_months(year, month, months)
    return Span(date(year, month, 1), last, precision, question)


def exact_day(year: int, month: int, day: int, question: str = "") -> Span:
    within = whole_months(year, month, 1, "day")
    if not 1 <= day <= within.last.day:
        raise Problem(near=within.last)
    exact = within.first.replace(day=day)
    return Span(exact, exact, "day", question)


def year_of(digits: str) -> int:
    """A year of four digits, or of two: "24" is 2024, "69" is 1969."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 69 else 1900)


def month_number(name: str) -> int:
    return [month[:3].lower() for month in MONTHS].index(name[:3]) + 1
