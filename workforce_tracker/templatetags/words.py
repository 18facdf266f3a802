"""How the product says things: dates, figures, ratings and tags. Built into every template.

Pure functions: `today` is an argument, and templates have it from the frame as `today`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from commitments.dates import FuzzyDate, Precision, format_fuzzy, working_days_between
from workforce_tracker.problems import problems

register = template.Library()
register.filter("problems", problems)


# --- dates --------------------------------------------------------------------------------------
@register.filter
def day(value: date | datetime | None) -> str:
    """A date in full: "4 December 2026". Nothing gives ""."""
    found = _as_day(value)
    return f"{found.day} {found:%B %Y}" if found else ""


@register.filter
def weekday(value: date | datetime | None) -> str:
    """A date with its day of the week: "Friday 4 December 2026"."""
    found = _as_day(value)
    return f"{found:%A} {day(found)}" if found else ""


@register.filter
def moment(value: datetime | None) -> str:
    """A time in Europe/London: "4 December 2026, 9:05am"."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    half = "am" if local.hour < 12 else "pm"
    return f"{day(local)}, {local.hour % 12 or 12}:{local:%M}{half}"


@register.filter
def fuzzy(value: FuzzyDate | date | None) -> str:
    """A fuzzy date, never more precisely than it was given: "summer 2025", "13 March 2024"."""
    if value is None:
        return ""
    return day(value) if isinstance(value, date) else format_fuzzy(value)


@register.filter
def when(value: FuzzyDate | date | datetime | None, today: date) -> str:
    """How far away a deadline is: "today", "in 6 working days", "in 4 months", "12 days late".

    A fuzzy date counts from the last day that it can mean, and says so: "at least 12 days late",
    "in 3 months at the latest". Working days are England's. Nothing gives "".
    """
    if value is None or not (due := _last_day(value)):
        return ""
    exact = isinstance(value, date) or _is_a_day(value)
    if due < today:
        return f"{'' if exact else 'at least '}{_span((today - due).days)} late"
    return f"{_ahead(due, today)}{'' if exact else ' at the latest'}"


@register.filter
def ago(value: date | datetime | None, today: date) -> str:
    """How long ago something happened: "today", "yesterday", "6 days ago", "3 months ago"."""
    found = _as_day(value)
    if found is None:
        return ""
    days = (today - found).days
    if days < 0:
        return _ahead(found, today)
    return {0: "today", 1: "yesterday"}.get(days) or f"{_span(days)} ago"


@register.filter
def is_late(value: FuzzyDate | date | datetime | None, today: date) -> bool:
    """Whether the last day that a date can mean has passed."""
    due = _last_day(value) if value is not None else None
    return due is not None and due < today


def _ahead(due: date, today: date) -> str:
    days = (due - today).days
    if days < 2:
        return "tomorrow" if days else "today"
    if days > 14:
        return f"in {_span(days)}"
    working = working_days_between(today, due)
    if working == 0:
        return f"on {due:%A} {due.day} {due:%B}"
    return f"in {plural(working, 'working day')}"


def _span(days: int) -> str:
    """Days as people say them: exact for two months, then months, then years; rounded down."""
    if days <= 60:
        return plural(days, "day")
    months = int(days / 30.44)
    return plural(months, "month") if months < 24 else plural(months // 12, "year")


def _as_day(value: date | datetime | None) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def _last_day(value: FuzzyDate | date | datetime) -> date | None:
    return _as_day(value) if isinstance(value, date) else value.last_day


def _is_a_day(value: FuzzyDate) -> bool:
    return value.precision == Precision.DAY


# --- figures ------------------------------------------------------------------------------------
@register.filter
def figure(value: Decimal | float | int | None, unit: str = "") -> str:
    """A number with its unit, no digit more than it has: "15,000 places", "2.4%", "£2.5bn"."""
    if value is None:
        return ""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return _with_unit(_plain(exact), unit or "")


@register.simple_tag
def figure_range(low: Any, high: Any, unit: str = "") -> str:
    """Two ends of a range: "9–10.5%". One end missing or both the same: a single figure."""
    ends = [figure(end) for end in (low, high) if end is not None]
    return _with_unit("–".join(dict.fromkeys(ends)), unit or "") if ends else ""


@register.filter
def plural(count: int, words: str) -> str:
    """A count with its noun: `{{ 3|plural:"plan" }}` is "3 plans". Two words when the plural is not
    made with an s: `{{ n|plural:"body,bodies" }}`."""
    one, _, many = words.partition(",")
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_unit(number: str, unit: str) -> str:
    if unit.startswith("£"):
        return f"£{number}{unit[1:].strip()}"
    if unit.startswith("%"):
        return f"{number}{unit}"
    return f"{number} {unit}".strip()


# --- tags ---------------------------------------------------------------------------------------
RATINGS = {
    "complete": ("Complete", "nhsuk-tag--blue"),
    "green": ("Green", "nhsuk-tag--green"),
    "amber": ("Amber", "nhsuk-tag--orange"),
    "red": ("Red", "nhsuk-tag--red"),
    "no evidence": ("No evidence", "nhsuk-tag--grey"),
}
TAGS = {
    "joint": "nhsuk-tag--purple",
    "demonstration": "app-tag--demonstration",
    "unassigned": "nhsuk-tag--yellow",
    "draft": "nhsuk-tag--grey",
    "closed": "nhsuk-tag--grey",
    "new": "nhsuk-tag--green",
    "changed": "nhsuk-tag--blue",
    "late": "nhsuk-tag--red",
    "soon": "nhsuk-tag--yellow",
}


@register.simple_tag
def rating_tag(rating: str | None, empty: str = "Not rated") -> SafeString:
    """A rating as a word in a coloured tag. `empty` is the word when there is none.

    Raises KeyError for a rating that the product does not have.
    """
    if not rating:
        return tag("", empty)
    word, colour = RATINGS[str(rating).replace("_", " ")]
    return format_html('<strong class="nhsuk-tag app-tag {}">{}</strong>', colour, word)


@register.simple_tag
def tag(kind: str, text: str = "") -> SafeString:
    """A mark such as "Joint", "Demonstration", "Unassigned", "Draft" or "Closed" (see TAGS).

    `text` replaces the word. An unknown kind gets a plain border.
    """
    colour = TAGS.get(kind, "nhsuk-tag--no-colour")
    word = text or kind.capitalize()
    return format_html('<strong class="nhsuk-tag app-tag {}">{}</strong>', colour, word)


# --- pages --------------------------------------------------------------------------------------
@register.simple_block_tag
def capture(content: str) -> SafeString:
    """Keep a piece of a page to print twice: `{% capture as name %}…{% endcapture %}`."""
    return mark_safe(content.strip())


@register.filter
def page_numbers(page: Page) -> list[int | str]:
    """The numbers to print under a page of a list: the ends, those around it, "…" for gaps."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))
