"""What a filled-in workbook wants, held against what stands and what was exported. Pure functions.

Commitments and milestones have versions, and their actions lay the three values over each other
(commitments.register.actions). Updates and figures are added and never overwritten: here is the
same rule for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commitments.dates import FuzzyDate
from commitments.register.actions.merging import merge
from commitments.register.actions.wording import differs
from commitments.uploads.exporting import as_text


def moved(exported: Mapping[str, Any], yours: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody filled in that is something else than what was exported. A spreadsheet program
    may write a date in another way, and a reader tidies spaces: neither is a change."""
    return {name: value for name, value in yours.items() if not same(exported.get(name), value)}


def same(exported: Any, yours: Any) -> bool:
    """Whether a value came back as it went out."""
    if isinstance(exported, FuzzyDate) and isinstance(yours, FuzzyDate):
        if exported.last_day is None and yours.last_day is None:
            return _plain(exported.text) == _plain(yours.text)
        return (exported.last_day, exported.precision) == (yours.last_day, yours.precision)
    if isinstance(exported, str) and isinstance(yours, str):
        return _plain(as_text(exported)) == _plain(yours)
    return bool(exported == yours) or (not exported and not yours)


def _plain(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class Laid:
    """What is to be written, and which of it two people moved apart; nothing is to be written when
    `write` is empty."""

    write: dict[str, Any]
    overlapping: list[str]


def lay_update(
    exported: Mapping[str, str],
    theirs: Mapping[str, str] | None,
    yours: Mapping[str, str],
    choices: Mapping[str, str],
) -> Laid:
    """An update over one that somebody of the same organisation gave meanwhile (`theirs`; None when
    nobody did). What was left blank stays as they said it; where both said something else, a
    person chooses."""
    if theirs is None:
        return Laid(dict(yours), [])
    # What one did not write again one did not mean to change.
    merged = merge(exported, theirs, yours, seen=exported, choices=choices)
    overlapping = [name for name in merged.overlapping if choices.get(name) != "mine"]
    if overlapping:
        return Laid({}, overlapping)
    mine = merged.apply | {name: yours[name] for name in merged.overlapping}
    return Laid({**theirs, **mine} if mine else {}, [])


def lay_figure(exported: Any, theirs: Any, yours: Any, choice: str) -> Laid:
    """A figure for a period over the one that stands for it now: written when nobody gave another
    one since the export, or when the person chose theirs or their own."""
    if theirs is not None and not differs(theirs, yours):
        return Laid({}, [])
    if theirs is None or not differs(exported, theirs) or choice == "mine":
        return Laid({"value": yours}, [])
    return Laid({}, [] if choice == "theirs" else ["value"])
