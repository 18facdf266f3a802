"""What a row without a reference is probably the same as."""

from datetime import date
from typing import Any

import pytest

from commitments.uploads.likeness import COMMON, Known, Like, Likeness

DAY = date(2029, 3, 31)
ROWS = [
    Known("A-1", "One occupational health contract for all providers", frozenset({1}), DAY),
    Known("A-2", "Digital staff passport in every trust", frozenset({2}), None),
    Known("A-3", "15,000 medical school places a year", frozenset({3}), DAY),
]


@pytest.mark.parametrize(
    ("title", "leads", "target", "expected"),
    [
        ("One occupational health contract for all providers", set(), None, ["A-1"]),
        ("ONE OCCUPATIONAL HEALTH CONTRACT, for all providers", set(), None, ["A-1"]),
        ("One occupational health contract for all provider trusts", set(), None, ["A-1"]),
        # Less alike: the lead and the date decide.
        ("A digital passport for staff", set(), None, []),
        ("A digital passport for staff of every trust", {2}, None, ["A-2"]),
        ("Medical school places a year: 20,000", {3}, DAY, ["A-3"]),
        ("More nurses on every ward", {1}, DAY, []),
        ("", {1}, DAY, []),
    ],
)
def test_titles_leads_and_dates_are_compared(title, leads, target, expected) -> None:
    found = Likeness(ROWS).of(title, leads, target)
    assert [like.known.reference for like in found] == expected


def test_it_says_why() -> None:
    (like,) = Likeness(ROWS).of("15,000 medical school places a year", {3}, DAY)
    assert like.why == "same title, same lead, same date"


def test_the_likest_comes_first_and_no_more_than_three_are_shown() -> None:
    titles = [
        "Staff bank for the north",
        "Staff bank for the north east",
        "Staff bank for the east",
    ]
    rows = [Known(f"B-{n}", title, frozenset(), None) for n, title in enumerate(titles * 2)]
    found = Likeness(rows).of("Staff bank for the north east", set(), None)
    assert [like.known.reference for like in found][:2] == ["B-1", "B-4"]
    assert len(found) == 3


def test_of_thousands_only_those_with_a_rarer_word_in_common_are_compared() -> None:
    class Counting(Likeness):
        compared = 0

        def _compare(self, *given: Any) -> Like | None:
            self.compared += 1
            return super()._compare(*given)

    def title(number: int) -> str:
        return f"Promise {number} of the workforce plan for staff group {number % 97}"

    likeness = Counting([Known(f"C-{n}", title(n), frozenset(), None) for n in range(3000)])
    for number in range(300):
        found = likeness.of(title(number), set(), None)
        assert found[0].known.reference == f"C-{number}"
    assert likeness.compared <= 300 * COMMON


def test_titles_of_common_words_only_are_found() -> None:
    rows = [Known(f"D-{n}", "Staff plan for all staff", frozenset(), None) for n in range(150)]
    rows.append(Known("D-X", "Plan for all the staff", frozenset(), None))
    assert Likeness(rows).of("Plan for all staff", set(), None)
