"""What a row without a reference is probably the same as. Pure functions.

Titles are compared by the letter triples that they share, as PostgreSQL's pg_trgm does; the same
lead and the same date count for it. Only commitments that share one of a title's rarer words are
looked at, so that thousands of rows against thousands of commitments stay quick.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from organisations.closest import triples_of
from organisations.matching import plain

SAME_TITLE = 1.0
# Of two titles: below the first nothing is said; the rest of the way to the second may come from
# the lead and the date.
LIKE_ENOUGH = 0.4
PROBABLY = 0.65
FOR_THE_LEAD = 0.1
FOR_THE_DATE = 0.1
# A word in more titles than this tells little, unless there is no other.
COMMON = 100
WORDS_LOOKED_AT = 4
MOST_COMPARED = 50
MOST_SHOWN = 3


@dataclass(frozen=True)
class Known:
    """A commitment of the plan: `leads` are keys of organisations, or names where it has none."""

    reference: str
    title: str
    leads: frozenset[int | str]
    target: date | None


@dataclass(frozen=True)
class Like:
    """A commitment that a row is probably the same as, and by what: "same title, same lead"."""

    known: Known
    score: float
    why: str


@dataclass
class Likeness:
    """Commitments by the words of their titles; ask `of` for those that a row is like."""

    rows: list[Known]
    _having: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _titles: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _triples: dict[int, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            folded = plain(row.title)
            self._titles[folded].append(number)
            for word in set(folded.split()):
                self._having[word].append(number)

    def of(self, title: str, leads: Iterable[int | str], target: date | None) -> list[Like]:
        """The commitments that a row with this title is probably the same as, the likest first."""
        folded = plain(title)
        triples = frozenset(triples_of(folded.split()))
        found = [
            like
            for number in self._candidates(folded)
            if (like := self._compare(number, folded, triples, set(leads), target))
        ]
        found.sort(key=lambda like: (-like.score, like.known.reference))
        return found[:MOST_SHOWN]

    def _candidates(self, folded: str) -> set[int]:
        """The same title; those that share a rarer word; else those that share most words."""
        same = self._titles.get(folded, [])
        known = sorted((self._having[word] for word in set(folded.split()) & self._having.keys()),
                       key=len)  # fmt: skip
        rare = [numbers for numbers in known if len(numbers) <= COMMON][:WORDS_LOOKED_AT]
        if rare:
            return {number for numbers in (same, *rare) for number in numbers}
        shared = Counter(number for numbers in known for number in numbers)
        return {number for number, _ in shared.most_common(MOST_COMPARED)} | set(same)

    def _compare(
        self,
        number: int,
        folded: str,
        triples: frozenset[str],
        leads: set[int | str],
        target: date | None,
    ) -> Like | None:
        known = self.rows[number]
        theirs = self._triples.get(number)
        if theirs is None:
            theirs = self._triples[number] = frozenset(triples_of(plain(known.title).split()))
        shared = len(triples & theirs)
        score = shared / (len(triples) + len(theirs) - shared or 1)
        if score < LIKE_ENOUGH:
            return None
        same_lead = bool(leads & known.leads)
        same_date = target is not None and target == known.target
        total = score + FOR_THE_LEAD * same_lead + FOR_THE_DATE * same_date
        if total < PROBABLY:
            return None
        same_title = folded == plain(known.title)
        reasons = ["same title" if same_title else f"title {score:.0%} the same"]
        reasons += ["same lead"] * same_lead + ["same date"] * same_date
        return Like(known, total, ", ".join(reasons))
