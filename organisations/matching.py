"""Which organisation a piece of text names: exactly, or not at all.

A name that is not known for certain is never guessed. It comes back with the closest bodies, for a
person to choose from. Names are compared without capitals, accents, punctuation and dashes, with
"&" as "and", and with the usual long and short forms of the same words made one (`fold`).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from organisations.closest import SUGGESTIONS, Closest, take_apart
from organisations.kinds import COUNCIL_KINDS, Side
from organisations.models import Alias, Organisation

# No body has a longer name, and none has more commas in it.
LONGEST = 150
MOST_COMMAS = 6
APOSTROPHES = re.compile(r"['’‘`´]")
NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
LONG_FORMS = (
    (re.compile(r"\bintegrated care board\b"), "icb"),
    (re.compile(r"\bclinical commissioning group\b"), "ccg"),
    (re.compile(r"\b(nhs )?foundation trust\b|\bnhs ft\b"), "ft"),
    (re.compile(r"\bnhs trust\b"), "trust"),
    (re.compile(r"^the "), ""),
    # Boards and groups are written with and without the NHS in front; other bodies ("NHS England",
    # "NHS Providers") would lose their name with it.
    (re.compile(r"^nhs (?=.* (icb|ccg)$)"), ""),
)


def fold(text: str) -> str:
    """A name as it is compared: "NHS Devon Integrated Care Board" is "devon icb"."""
    folded = plain(text)
    for pattern, short in LONG_FORMS:
        folded = pattern.sub(short, folded).strip()
    return folded


def plain(text: str) -> str:
    """Letters and figures only, in small letters, one blank between words, "&" as "and"."""
    without_accents = text.replace("&", " and ")
    if not text.isascii():
        without_accents = "".join(
            letter
            for letter in unicodedata.normalize("NFKD", without_accents)
            if not unicodedata.combining(letter)
        )
    return NOT_A_LETTER.sub(" ", APOSTROPHES.sub("", without_accents).casefold()).strip()


# --- classes of bodies --------------------------------------------------------------------------
_NHS_CLASSES = re.compile(
    r"""^(the\ |local\ |all\ )?nhs$
    | \bnhs\ (\w+\ )?(trusts|organisations|bodies|providers|employers|boards|regions|services
              |commissioners|partners)\b
    | ^((all|local|hospital|acute|ambulance|community|mental\ health|provider)\ )*
      (foundation\ )?trusts$
    | \b(icbs|integrated\ care\ boards|ccgs|clinical\ commissioning\ groups)$
    | \bprimary\ care(\ (networks|trusts|providers|organisations))?$ | \bpcns?$
    | \b(gp|general)\ practices?$ | \btraining\ hubs?$""",
    re.VERBOSE,
)
_COUNCIL_CLASSES = re.compile(
    r"\bcouncils$|\blocal authorit(y|ies)$|\blocal government( unspecified)?$"
)
# Plural bodies that share a word with a class above, and belong to neither side.
_NEITHER = re.compile(r"\b(academy|charitable|multi academy|research|schools) (trusts|councils)$")


def side_of_class(text: str) -> str:
    """The side of a class of bodies: "NHS trusts" is the NHS's, "North East councils" local
    government's. Anything else, and a class that mixes the two, is "other".
    """
    words = plain(text)
    if _NEITHER.search(words):
        return Side.OTHER
    if _COUNCIL_CLASSES.search(words) and "nhs" not in words.split():
        return Side.LOCAL_GOVERNMENT
    return Side.NHS if _NHS_CLASSES.search(words) and "council" not in words else Side.OTHER


# --- one organisation ---------------------------------------------------------------------------
class How(StrEnum):
    """By what a text was recognised, or why it was not."""

    CODE = "code"
    OFFICIAL = "official"
    SHORT = "short"
    FORMER = "former"
    AMBIGUOUS = "ambiguous"  # several bodies bear this name: the candidates
    CLASS = "class"  # many bodies, such as "NHS trusts"
    UNKNOWN = "unknown"


# In this order: a body's own name counts before the same name that another one used to have.
_TIERS = (How.CODE, How.OFFICIAL, How.SHORT, How.FORMER)
_TIER_OF_ALIAS = {
    Alias.Kind.CODE: How.CODE,
    Alias.Kind.OFFICIAL: How.OFFICIAL,
    Alias.Kind.SHORT: How.SHORT,
    Alias.Kind.FORMER: How.FORMER,
}


@dataclass(frozen=True)
class Match:
    """What a text names. Without an `organisation`, `candidates` are the closest, best first."""

    organisation: Organisation | None
    candidates: list[Organisation]
    how: How


@dataclass
class OrganisationMatcher:
    """All names of all organisations in memory; make one with `load()` and ask it many times."""

    names: dict[How, dict[str, list[Organisation]]]
    # Which bodies are suggested first among equals; see `Closest`.
    near: Mapping[int, int] = field(default_factory=dict)
    _known: dict[str, Match] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "OrganisationMatcher":
        """Read the register: two queries."""
        bodies = Organisation.objects.defer("source", "notes").in_bulk()
        names: dict[How, dict[str, list[Organisation]]] = {tier: {} for tier in _TIERS}

        def add(tier: How, name: str, body: Organisation) -> None:
            bearers = names[tier].setdefault(fold(name), [])
            if name and body not in bearers:
                bearers.append(body)

        for body in bodies.values():
            add(How.CODE, body.code, body)
            add(How.OFFICIAL, body.name, body)
            add(How.SHORT, body.short_name, body)
        own_codes = set(names[How.CODE])
        for pk, name, kind in Alias.objects.values_list("organisation_id", "name", "kind"):
            tier = _TIER_OF_ALIAS[Alias.Kind(kind)]
            # A register's own code wins over the same letters in another register.
            if not (tier == How.CODE and fold(name) in own_codes):
                add(tier, name, bodies[pk])
        return cls(names)

    def match(self, text: str) -> Match:
        """The organisation that a text names by code, official, short or former name; else none,
        with the closest ones. Never raises."""
        key = fold(text)
        if key not in self._known:
            self._known[key] = self._match(text, key)
        return self._known[key]

    def match_name(self, text: str) -> Match:
        """The same, where a name is expected. Letters alone that are a body's code in a register
        other than its first are no certain name: RUH is Rushmoor in that of local authorities, and
        a hospital in Bath to everybody who works there."""
        found = OrganisationMatcher.match(self, text)
        body, key = found.organisation, fold(text)
        if body and found.how == How.CODE and key.isalpha() and fold(body.code) != key:
            others = [other for other in self._closest.of(key) if other != body]
            return Match(None, [body, *others][:SUGGESTIONS], How.AMBIGUOUS)
        return found

    def split_names(self, text: str) -> list[str]:
        """A list of partners as single names, in order, each once.

        Semicolons and line breaks always divide. A comma divides only where something beside it is
        known for certain; "&", "and" and a slash only where everything is, or says which place and
        which kind of body it means ("Leeds CC / Bradford MDC"): "Birmingham and Solihull ICB" and
        "Health & Care Academy" stay whole.
        """
        pieces = [piece.strip(" .\t") for piece in re.split(r"[;\r\n]+", text)]
        names = [name for piece in pieces if piece for name in self._split_piece(piece)]
        return list(dict.fromkeys(names))

    def _match(self, text: str, key: str) -> Match:
        for tier in _TIERS if key else ():
            bearers = self.names[tier].get(key, [])
            if len(bearers) == 1:
                return Match(bearers[0], [], tier)
            if bearers:
                return Match(None, sorted(bearers, key=lambda body: body.name), How.AMBIGUOUS)
        if side_of_class(text) != Side.OTHER:
            return Match(None, [], How.CLASS)
        return Match(None, self._closest.of(key), How.UNKNOWN)

    def _split_piece(self, piece: str) -> list[str]:
        if self.match(piece).how != How.UNKNOWN:
            return [piece]
        by_commas = self._joined(re.split(r"\s*,\s*(?:and\s+)?", piece))
        if len(by_commas) > 1:
            by_commas = [*by_commas[:-1], *self._last_of_list(by_commas[-1])]
            some, every = map(self._is_certain, by_commas), map(self._is_telling, by_commas)
            if any(some) or all(every):
                return [name for part in by_commas for name in self._split_at_and(part)]
        return self._split_at_and(piece)

    def _last_of_list(self, part: str) -> list[str]:
        """In "A, B and C" the last comma is an "and", which what follows has to show."""
        found = None if self._is_certain(part) else re.search(r"\s+(?:&|and)\s+", part)
        if found and self._is_certain(part[found.end() :]):
            return [part[: found.start()], part[found.end() :]]
        return [part]

    def _split_at_and(self, piece: str) -> list[str]:
        cuts = [found.span() for found in re.finditer(r"\s+(?:&|and)\s+|\s*/\s*", piece)]
        if not cuts or self.match(piece).how != How.UNKNOWN:
            return [piece]
        starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(piece)]
        # From the last part backwards: the names that the text from there on divides into, None
        # when it does not. Whatever the text, each part is looked at a few times.
        named: list[list[str] | None] = [None] * len(starts) + [[]]
        for first in reversed(range(len(starts))):
            tail = piece[starts[first] :]
            if first and len(tail) <= LONGEST and self._is_certain(tail):
                named[first] = [tail]  # "NHS England and NHS Improvement" is one body
                continue
            for last in range(first, len(ends)):
                name, rest = piece[starts[first] : ends[last]], named[last + 1]
                if len(name) > LONGEST:
                    break
                if rest is not None and self._is_telling(name):
                    named[first] = [name, *rest]
                    break
        return named[0] or [piece]

    def _joined(self, parts: list[str]) -> list[str]:
        """Commas inside a known name ("Ministry of Housing, Communities and Local Government") are
        put back: from each part on, the longest run that is a name."""
        names: list[str] = []
        start = 0
        parts = [part for part in parts if part]
        while start < len(parts):
            ends = range(min(len(parts), start + MOST_COMMAS + 1), start + 1, -1)
            runs = (end for end in ends if self._is_certain(", ".join(parts[start:end])))
            end = next(runs, start + 1)
            names.append(", ".join(parts[start:end]))
            start = end
        return names

    def _is_certain(self, name: str) -> bool:
        """Whether a text can only be a body or a class, not a place that a council is called by."""
        if not self._is_named(name):
            return False
        match = self.match(name)
        if match.how == How.SHORT and match.organisation is not None:
            return match.organisation.kind not in COUNCIL_KINDS
        return match.organisation is not None or match.how == How.CLASS

    def _is_named(self, text: str) -> bool:
        """Whether a body bears a name, or it is a class: told without looking for what is close."""
        key = fold(text)
        return any(key in self.names[tier] for tier in _TIERS) or side_of_class(text) != Side.OTHER

    def _is_telling(self, name: str) -> bool:
        """Whether a text is a body for certain, or names a place and a kind of body that somebody
        can be asked about: "Leeds CC", but not "Leeds"."""
        if self._is_certain(name):
            return True
        parts = take_apart(fold(name))
        if not (parts.kinds and parts.place):
            return False
        match = self.match(name)
        return bool(match.organisation or match.candidates)

    def all_meant(self, text: str) -> list[Match]:
        """What one name in a list of them means: itself, but for who knows that it stands for
        several bodies."""
        return [self.match_name(text)]

    @cached_property
    def _closest(self) -> Closest:
        """Every name but codes, for suggestions."""
        tiers = (How.OFFICIAL, How.SHORT, How.FORMER)
        named = (
            (key, body, tier == How.FORMER)
            for tier in tiers
            for key, bearers in self.names[tier].items()
            for body in bearers
        )
        return Closest(named, self.near)
