"""Rows without a reference: the same as a commitment of the plan, or new. A person says which."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from commitments.models import Commitment
from commitments.uploads.answers import NEW, Answers
from commitments.uploads.findings import Entry, Finding, Row
from commitments.uploads.likeness import Known, Like, Likeness
from organisations.matching import plain


def same_as(row: Row, answers: Answers) -> str:
    """The reference of the commitment that somebody said a row is the same as; "" for none."""
    answer = answers.same.get(_key(row), "") if answers.same else ""
    return "" if answer == NEW else answer


@dataclass
class Nameless:
    """Settles the rows of a file that give no reference, one after the other. `free` are references
    that nobody has, `known` finds the commitments that the file does not name."""

    answers: Answers
    free: Iterator[str]
    known: Callable[[], list[Known]]
    _likeness: Likeness | None = field(default=None)

    def settle(self, entry: Entry, existing: Commitment | None) -> Finding:
        """Give a row its reference, or make it wait for an answer; with what there is to ask or to
        confirm. `existing` is what it was said to be the same as, if that is still there."""
        if existing is not None:
            return self._asked(entry, existing.reference, [
                (existing.reference, f"The same as {existing.reference}: {existing.title}")
            ], f"you said that this is {existing.reference}, {existing.title}.")  # fmt: skip
        # What it was said to be the same as may have gone meanwhile: asked again.
        answer = "" if entry.reference else self.answers.same.get(_key(entry.row), "")
        entry.reference = ""
        if self._likeness is None:
            self._likeness = Likeness(self.known())
        alike = self._likeness.of(entry.values["title"] or "", _leads(entry), _target(entry))
        if not alike:
            entry.reference = next(self.free)
            words = f"there is no reference, so this is added as new, with {entry.reference}."
            return entry.row.finding("reference", "reference", words)
        if answer == NEW:
            entry.reference = next(self.free)
        else:
            answer = ""
            entry.waits = True
        best = alike[0]
        return self._asked(entry, answer, [_choice(like) for like in alike], (
            f"there is no reference. This is probably the same as {best.known.reference}, "
            f"{best.known.title} ({best.why})."
        ))  # fmt: skip

    def _asked(
        self, entry: Entry, answer: str, choices: list[tuple[str, str]], words: str
    ) -> Finding:
        found = entry.row.finding("same", "reference", words)
        found.group, found.key, found.answer = "same", _key(entry.row), answer
        found.choices = [*choices, (NEW, "A new commitment")]
        return found


def _key(row: Row) -> str:
    """Under which name the answers speak of a row."""
    return f"{row.sheet}!{row.number}"


def _choice(like: Like) -> tuple[str, str]:
    known = like.known
    return known.reference, f"The same as {known.reference}: {known.title} ({like.why})"


def _leads(entry: Entry) -> set[int | str]:
    """Who leads a row, as likeness compares it."""
    return {
        named.match.organisation.pk if named.match.organisation else plain(named.text)
        for named in entry.values["lead"] or ()
    }


def _target(entry: Entry) -> date | None:
    target: Any = entry.values["target_date"]
    return target.last_day if target else None
