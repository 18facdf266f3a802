"""Figures as plans give them: read, shown, and told which way they count."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import commitments
from commitments.figures import (
    Direction,
    Figure,
    Qualifier,
    direction_for,
    format_figure,
    format_number,
    parse_figure,
    split_unit,
)

DATA = Path(commitments.__file__).parent / "data"
often = settings(max_examples=300)

READ = [
    # text, low, high, qualifier, unit
    ("15,000", "15000", None, "", ""),
    ("15000", "15000", None, "", ""),
    ("1,400,000", "1400000", None, "", ""),
    ("7.35", "7.35", None, "", ""),
    ("-3.5", "-3.5", None, "", ""),
    (15000, "15000", None, "", ""),
    (15000.0, "15000", None, "", ""),
    (Decimal("2.4"), "2.4", None, "", ""),
    # ranges
    ("24,000-26,000", "24000", "26000", "", ""),
    ("24,000–26,000", "24000", "26000", "", ""),
    ("9-10.5", "9", "10.5", "", ""),
    ("1.5–2", "1.5", "2", "", ""),
    ("5 to 10 places", "5", "10", "", "places"),
    ("between 5 and 10", "5", "10", "", ""),
    ("9%-10.5%", "9", "10.5", "", "%"),
    ("9–10.5 % of joiners", "9", "10.5", "", "% of joiners"),
    ("-5 to -3", "-5", "-3", "", ""),
    # what is said beside them
    ("over 1,300", "1300", None, "more_than", ""),
    ("More than 50%", "50", None, "more_than", "%"),
    ("less than 10.5%", "10.5", None, "less_than", "%"),
    ("below 5 %", "5", None, "less_than", "%"),
    ("nearly 4,000", "4000", None, "approximate", ""),
    ("just under 4,000", "4000", None, "approximate", ""),
    ("circa 200", "200", None, "approximate", ""),
    ("around 200", "200", None, "approximate", ""),
    ("c. 200", "200", None, "approximate", ""),
    ("c.200", "200", None, "approximate", ""),
    ("approx. 200 posts", "200", None, "approximate", "posts"),
    ("at least 5%", "5", None, "minimum", "%"),
    ("≥5", "5", None, "minimum", ""),
    ("200+", "200", None, "minimum", ""),
    ("1,300 or more", "1300", None, "minimum", ""),
    ("5 or more places", "5", None, "minimum", "places"),
    ("no more than 5", "5", None, "maximum", ""),
    ("5% or less", "5", None, "maximum", "%"),
    ("up to 130,000", "130000", None, "up_to", ""),
    ("50 % of staff (more than)", "50", None, "more_than", "% of staff"),
    # money and scale, never rescaled
    ("£2.4bn", "2.4", None, "", "£ billion"),
    ("£2.4 billion", "2.4", None, "", "£ billion"),
    ("£450m", "450", None, "", "£ million"),
    ("£450\u00a0million", "450", None, "", "£ million"),
    ("£5,000 per place", "5000", None, "", "£ per place"),
    ("£2m–£3m", "2", "3", "", "£ million"),
    ("£2-3 million", "2", "3", "", "£ million"),
    ("1.4 million", "1.4", None, "", "million"),
    ("1.4m", "1.4", None, "", "million"),
    ("2.3–2.4 million FTE", "2.3", "2.4", "", "million FTE"),
    # units
    ("5 %", "5", None, "", "%"),
    ("5% vacancy rate", "5", None, "", "% vacancy rate"),
    ("15,000 places per year", "15000", None, "", "places per year"),
    ("5 metres", "5", None, "", "metres"),
]

NOT_NUMBERS = [
    None, "", "double", "none", "about", "zero", "overt 5", "2031/32", "2024-25", "13/03/2024",
    "1,5", "15,00", "1.5.2", "10 of 12 trusts", "1 in 5", "5 and 10 places", "£1bn–£450m", "5%-10",
    "10 to 9", "15,000²", "5½", "1st", "12345678901234", "1.23456", "5-", "nan", "1e5", "inf",
]  # fmt: skip


@pytest.mark.parametrize(("text", "low", "high", "qualifier", "unit"), READ)
def test_a_figure_is_kept_as_given(text, low, high, qualifier, unit):
    figure = parse_figure(text)
    assert figure.is_number
    assert figure.low == Decimal(low)
    assert figure.high == (None if high is None else Decimal(high))
    assert figure.top == Decimal(high or low)
    assert (figure.qualifier, figure.unit_hint) == (qualifier, unit)


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_not_one_number_or_one_range_stays_text(text):
    assert parse_figure(text) == Figure(text or "")
    assert not parse_figure(text).is_number


@pytest.mark.parametrize(
    ("given_unit", "unit", "qualifier"),
    [
        ("places per year (minimum)", "places per year", "minimum"),
        ("% of joiners (approx.)", "% of joiners", "approximate"),
        ("staff retained (up to)", "staff retained", "up_to"),
        ("% sickness absence (below)", "% sickness absence", "less_than"),
        ("% of recruitment (less than)", "% of recruitment", "less_than"),
        ("% of staff (more than)", "% of staff", "more_than"),
        ("years (maximum interval)", "years", "maximum"),
        ("FTE (headcount)", "FTE (headcount)", ""),
        ("£ million", "£ million", ""),
        ("", "", ""),
    ],
)
def test_a_unit_is_parted_from_what_is_said_of_its_number(given_unit, unit, qualifier):
    assert split_unit(given_unit) == (unit, qualifier)


@pytest.mark.parametrize(
    ("low", "high", "qualifier", "unit", "shown"),
    [
        ("1300", None, "minimum", "places per year", "at least 1,300 places per year"),
        ("9", "10.5", "", "% of joiners recruited overseas",
         "9–10.5 % of joiners recruited overseas"),
        ("2.4000", None, "", "£ billion", "£2.4 billion"),
        ("4.5", None, "", "£ million", "£4.5 million"),
        ("5000", None, "", "£ per place", "£5,000 per place"),
        ("10.5", None, "less_than", "%", "under 10.5%"),
        ("50", None, "more_than", "% of staff", "over 50 % of staff"),
        ("130000", "130000", "up_to", "staff retained", "up to 130,000 staff retained"),
        ("2", None, "maximum", "years", "at most 2 years"),
        ("1800.0", None, "approximate", "places", "about 1,800 places"),
        ("25", None, "", "top % of trusts", "top 25% of trusts"),
        ("-5", "-3", "", "%", "-5 to -3%"),
        ("0", None, "", "FTE", "0 FTE"),
        (None, None, "minimum", "FTE", ""),
    ],
)  # fmt: skip
def test_a_figure_is_shown_in_words(low, high, qualifier, unit, shown):
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    assert format_figure(*ends, qualifier, unit) == shown


@pytest.mark.parametrize(
    ("qualifier", "baseline", "target", "high", "unit", "direction"),
    [
        ("maximum", None, "2", None, "years", "at_most"),
        ("less_than", "10.5", "13", None, "% turnover", "at_most"),
        ("minimum", "9300", "64000", None, "FTE", "at_least"),
        ("more_than", None, "50", None, "% of staff", "at_least"),
        ("up_to", None, "130000", None, "staff retained", "at_least"),
        ("minimum", None, "30", None, "% reduction", "at_least"),
        ("", "9.1", "7.4", "8.2", "% leaver rate", "within"),
        ("approximate", None, "1.5", "2", "%", "within"),
        ("", "100", "80", "80", "vacant posts", "at_most"),  # both ends the same: no range
        ("approximate", "5.1", "4.1", None, "% sickness absence", "at_most"),
        ("", "7500", "15000", None, "places per year", "at_least"),
        ("", "7500", "205", None, "additional places per year", "at_least"),
        ("", "3339", "15", None, "% increase", "at_least"),
        ("", None, "5", None, "% vacancy rate", "at_most"),
        ("", None, "90", None, "% of vacancies filled", "at_least"),
        ("", None, "10", None, "% turnover", "at_most"),
        ("", "5", "5", None, "% sickness absence", "at_most"),
        ("", None, None, None, "", "at_least"),
    ],
)
def test_which_way_a_target_counts(qualifier, baseline, target, high, unit, direction):
    numbers = [None if n is None else Decimal(n) for n in (baseline, target, high)]
    assert direction_for(qualifier, *numbers, unit=unit) == Direction(direction)


# --- the cells of the plans -----------------------------------------------------------------------


def cells() -> list[dict[str, str]]:
    found = []
    for name in ("published_plan_commitments.csv", "founding_plan_commitments.csv"):
        with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
            found += csv.DictReader(file)
    return found


def test_every_value_of_the_plans_is_a_number_or_a_range():
    values = {row[column] for row in cells() for column in ("target_value", "baseline_value")}
    values.discard("")
    assert len(values) > 100
    assert [value for value in values if not parse_figure(value).is_number] == []
    ranges = {value for value in values if parse_figure(value).high is not None}
    assert ranges == {value for value in values if "-" in value}
    assert len(ranges) == 6


def test_every_unit_of_the_plans_is_parted_from_its_qualifier():
    units = {row["target_unit"] for row in cells()} - {""}
    assert len(units) > 60
    parted = {unit: split_unit(unit) for unit in units}
    left = [unit for unit, (plain, _) in parted.items() if "(" in plain]
    assert left == []
    assert {qualifier for _, qualifier in parted.values()} == {q.value for q in Qualifier}


def test_every_figure_of_the_plans_can_be_shown_and_read_again():
    for row in cells():
        if not row["target_value"]:
            continue
        figure = parse_figure(row["target_value"])
        unit, qualifier = split_unit(row["target_unit"])
        shown = format_figure(figure.low, figure.high, qualifier, unit)
        if unit.startswith("top %"):
            assert shown == "top 25% of trusts"
            continue
        again = parse_figure(shown)
        assert (again.low, again.high, again.qualifier) == (figure.low, figure.high, qualifier)
        assert again.unit_hint == unit


def test_targets_of_the_plans_that_fall_are_ceilings():
    falling = {
        (row["target_value"], row["target_unit"])
        for row in cells()
        if row["target_value"] and _direction(row) == Direction.AT_MOST
    }
    assert falling == {
        ("10", "% of recruitment (less than)"),
        ("10", "% turnover"),
        ("13", "% turnover (below)"),
        ("16.3", "% turnover"),
        ("2", "years (maximum interval)"),
        ("3.5", "% sickness absence (below)"),
        ("4.1", "% sickness absence (approx.)"),
        ("5", "% sickness absence"),
        ("5", "% sickness absence (below)"),
        ("5", "% vacancy rate"),
        ("5", "% of workforce FTE (approx.)"),
        ("7.35", "days per FTE"),
        ("8.1", "% leaver rate"),
    }


def _direction(row: dict[str, str]) -> Direction:
    target = parse_figure(row["target_value"])
    unit, qualifier = split_unit(row["target_unit"])
    baseline = parse_figure(row["baseline_value"]).low
    return direction_for(qualifier, baseline, target.low, target.high, unit=unit)


# --- any text, any number -------------------------------------------------------------------------

numbers = st.decimals(-999_999_999_999, 999_999_999_999, places=4, allow_nan=False)
units = st.sampled_from(
    ["", "%", "% of staff", "£", "£ billion", "£ million per year", "FTE", "million FTE"]
)
WORDS_OF_FIGURES = "over|at least|c.|£|5|1,300|.5|bn|m|%| |–|-|to|and|between|or more|+|(up to)|FTE"


@often
@given(st.one_of(st.text(max_size=60), st.floats(), st.integers(), st.decimals(), st.none()))
def test_anything_at_all_can_be_read(value):
    figure = parse_figure(value)
    assert figure.is_number or figure.high is None


@often
@given(st.lists(st.sampled_from(WORDS_OF_FIGURES.split("|")), max_size=7).map("".join))
def test_any_mixture_of_the_words_of_figures_is_in_order_or_text(text):
    figure = parse_figure(text)
    if figure.high is not None:
        assert figure.low <= figure.high
    assert figure.qualifier in Qualifier.values


@often
@given(numbers, st.none() | numbers, st.sampled_from(Qualifier.values), units)
def test_a_figure_that_is_shown_reads_the_same(low, high, qualifier, unit):
    if high is not None and high <= low:
        low, high = high, (low if low != high else None)
    figure = parse_figure(format_figure(low, high, qualifier, unit))
    assert (figure.low, figure.high, figure.qualifier, figure.unit_hint) == (
        low,
        high,
        qualifier,
        unit,
    )


@often
@given(numbers)
def test_a_number_is_shown_without_losing_a_digit(number):
    assert Decimal(format_number(number).replace(",", "")) == number
