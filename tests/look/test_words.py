"""Dates, figures and tags, as people say them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator

from commitments.dates import FuzzyDate, parse_fuzzy_date
from workforce_tracker.templatetags import words

THURSDAY = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (date(2026, 11, 19), "today"),
        (date(2026, 11, 20), "tomorrow"),
        (date(2026, 11, 21), "in 1 working day"),  # Saturday: Friday is the working day before it
        (date(2026, 11, 27), "in 6 working days"),
        (date(2026, 12, 3), "in 10 working days"),
        (date(2026, 12, 4), "in 15 days"),
        (date(2027, 3, 31), "in 4 months"),
        (date(2029, 3, 31), "in 2 years"),
        (date(2026, 11, 18), "1 day late"),
        (date(2026, 11, 7), "12 days late"),
        (date(2026, 8, 1), "3 months late"),
        (date(2023, 1, 1), "3 years late"),
        (None, ""),
    ],
)
def test_a_deadline_reads_as_people_say_it(due: date | None, expected: str) -> None:
    assert words.when(due, THURSDAY) == expected


def test_a_deadline_at_the_weekend_before_any_working_day_names_the_day() -> None:
    friday = date(2026, 11, 20)
    assert words.when(date(2026, 11, 22), friday) == "on Sunday 22 November"


def test_bank_holidays_are_no_working_days() -> None:
    before_christmas = date(2026, 12, 23)
    # 25 and 28 December 2026 are bank holidays; 26 and 27 a weekend.
    assert words.when(date(2026, 12, 29), before_christmas) == "in 2 working days"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("summer 2025", "at least 1 year late"),
        ("2031/32", "in 5 years at the latest"),
        ("07/11/2026", "12 days late"),
        ("when funding allows", ""),
    ],
)
def test_a_fuzzy_deadline_never_claims_a_day_it_does_not_have(text: str, expected: str) -> None:
    said = words.when(parse_fuzzy_date(text), THURSDAY)
    if expected.startswith("at least"):
        assert said.startswith("at least ") and said.endswith(" late")
    else:
        assert said == expected


def test_a_fuzzy_date_is_shown_as_given_and_a_day_in_full() -> None:
    assert words.fuzzy(parse_fuzzy_date("summer 2025")) == "summer 2025"
    assert words.fuzzy(parse_fuzzy_date("13/03/2024")) == "13 March 2024"
    assert words.fuzzy(FuzzyDate.undated("when funding allows")) == "when funding allows (undated)"
    assert words.fuzzy(date(2024, 3, 13)) == "13 March 2024"
    assert words.fuzzy(None) == ""


def test_a_date_is_late_from_the_day_after_the_last_it_can_mean() -> None:
    assert not words.is_late(date(2026, 11, 19), THURSDAY)
    assert words.is_late(date(2026, 11, 18), THURSDAY)
    assert not words.is_late(parse_fuzzy_date("November 2026"), THURSDAY)
    assert not words.is_late(FuzzyDate.undated("soon"), THURSDAY)
    assert not words.is_late(None, THURSDAY)


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        (date(2026, 11, 19), "today"),
        (date(2026, 11, 18), "yesterday"),
        (date(2026, 11, 13), "6 days ago"),
        (date(2026, 8, 1), "3 months ago"),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "4 months ago"),
        (None, ""),
    ],
)
def test_an_event_reads_as_how_long_ago(happened: date | None, expected: str) -> None:
    assert words.ago(happened, THURSDAY) == expected


def test_times_are_in_london() -> None:
    in_summer = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert words.moment(in_summer) == "1 July 2026, 12:30am"
    assert words.day(in_summer) == "1 July 2026"
    assert words.weekday(date(2026, 12, 4)) == "Friday 4 December 2026"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (15000, "places", "15,000 places"),
        (Decimal("2.40"), "%", "2.4%"),
        (Decimal("100"), "", "100"),
        (Decimal("1E+3"), "", "1,000"),
        (2.4, "", "2.4"),
        (Decimal("2.5"), "£bn", "£2.5bn"),
        (0, "", "0"),
        (Decimal("-12.50"), "", "-12.5"),
        (None, "%", ""),
    ],
)
def test_a_figure_has_its_unit_and_no_digit_too_many(
    value: object, unit: str, expected: str
) -> None:
    assert words.figure(value, unit) == expected


def test_a_range_is_one_figure() -> None:
    assert words.figure_range(Decimal("9.0"), Decimal("10.5"), "%") == "9–10.5%"
    assert words.figure_range(9, None, "%") == "9%"
    assert words.figure_range(9, 9) == "9"
    assert words.figure_range(None, None, "%") == ""


def test_a_count_agrees_with_its_noun() -> None:
    assert words.plural(1, "plan") == "1 plan"
    assert words.plural(0, "plan") == "0 plans"
    assert words.plural(1200, "body,bodies") == "1,200 bodies"


def test_a_rating_is_a_word_not_only_a_colour() -> None:
    assert ">No evidence<" in words.rating_tag("no_evidence")
    assert ">Red<" in words.rating_tag("red")
    assert ">Not reported<" in words.rating_tag("", "Not reported")
    with pytest.raises(KeyError):
        words.rating_tag("purple")


def test_what_people_typed_into_a_tag_is_escaped() -> None:
    assert "<script>" not in words.tag("late", "<script>")


def test_page_numbers_have_gaps() -> None:
    page = Paginator(range(314), 25).page(7)
    assert words.page_numbers(page) == [1, "…", 5, 6, 7, 8, 9, "…", 13]
    assert words.page_numbers(SimpleNamespace(paginator=page.paginator, number=1))[:3] == [1, 2, 3]
