"""Whom a name may mean that no body bears: suggestions for a person to choose from, never answers.

People write "WY ICB", "BSol", "Notts CC", "RB Kingston". Such a name is taken apart into the words
of a place and the kind of body. Then, in this order: bodies of that very place; bodies whose place
is spelled by the letters; bodies of a place that has all the words; and names written alike.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from organisations.kinds import COUNCIL_KINDS, TRUST_KINDS, Kind
from organisations.models import Organisation

SUGGESTIONS = 5
# Below this share of common letter triples two names have nothing to do with each other.
CLOSE_ENOUGH = 0.3
# The same, beside a body that the name fits better.
QUITE_ALIKE = 0.5
# How a name is close, the best first; with what decides between two that are close in the same way.
SAME_PLACE, SPELLED, ALL_THE_WORDS, PARTLY_SPELLED, ALIKE = range(5)
Rank = tuple[float, ...]
# Of a body that is not at home where a name was written; see `queries.at_home`.
ELSEWHERE = 3
# Longer words are words, not initials.
MOST_INITIALS = 8
# Of one word, initials take three letters at most: "BSol" is Birmingham and Solihull.
MOST_OF_A_WORD = 3

SMALL_WORDS = frozenset({"and", "at", "for", "in", "nhs", "of", "on", "the", "upon"})
BOARD_WORDS = frozenset({"icb", "ics", "icp"})
KINDS_OF_WORD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(BOARD_WORDS, (Kind.ICB,)),
    "ccg": (Kind.CCG,),
    **dict.fromkeys(("ft", "trust"), TRUST_KINDS),
    **dict.fromkeys(("bc", "borough", "cbc", "cc", "council", "dc", "la"), COUNCIL_KINDS),
    **dict.fromkeys(("lb", "lbc", "mbc", "mdc", "rb"), COUNCIL_KINDS),
}
# What stands around the place in the name of a council.
COUNCIL_WORDS = frozenset({"city", "corporation", "county", "district", "metropolitan", "unitary"})
OF_A_BOROUGH = {"lb": "london", "lbc": "london", "rb": "royal"}
# The usual short forms of counties, and of a few places.
LONGER = {
    "beds": "bedfordshire", "berks": "berkshire", "bham": "birmingham", "bucks": "buckinghamshire",
    "cambs": "cambridgeshire", "derbys": "derbyshire", "glos": "gloucestershire",
    "gtr": "greater", "hants": "hampshire", "herts": "hertfordshire", "hunts": "huntingdonshire",
    "ios": "isles scilly", "iow": "isle wight", "lancs": "lancashire", "leics": "leicestershire",
    "lincs": "lincolnshire", "mcr": "manchester", "northants": "northamptonshire",
    "notts": "nottinghamshire", "oxon": "oxfordshire", "saint": "st", "salop": "shropshire",
    "soton": "southampton", "staffs": "staffordshire", "warks": "warwickshire",
    "wilts": "wiltshire", "worcs": "worcestershire", "yorks": "yorkshire",
}  # fmt: skip
# Only beside a longer word: "NW London", but "N&W" are initials.
DIRECTIONS = {
    "n": "north", "e": "east", "s": "south", "w": "west",
    "ne": "north east", "nw": "north west", "se": "south east", "sw": "south west",
    "northeast": "north east", "northwest": "north west",
    "southeast": "south east", "southwest": "south west",
}  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """A folded name taken apart: the words of its `place` in full, the `letters` that may be
    initials, the `kinds` of body that it names, if any, and all its `words`."""

    place: tuple[str, ...]
    letters: str
    kinds: tuple[str, ...]
    words: frozenset[str]


def take_apart(folded: str, kind: str = "") -> Parts:
    """The parts of a name, as `matching.fold` gives it; of a body's own name with its `kind`."""
    words = folded.split()
    # "WYICB", as one word.
    if len(words) == 1 and len(folded) > 4 and folded[-3:] in BOARD_WORDS:
        words = [folded[:-3], folded[-3:]]
    # The kind stands last ("BC ICB" is Black Country's), or in front ("LB Camden").
    named = (KINDS_OF_WORD[word] for word in (*words[-1:], *words) if word in KINDS_OF_WORD)
    kinds = (kind,) if kind else next(named, ())
    of_council = kinds == COUNCIL_KINDS or kind in COUNCIL_KINDS
    left = [
        word
        for word, following in zip_longest(words, words[1:])
        if word not in SMALL_WORDS
        and not set(kinds).intersection(KINDS_OF_WORD.get(word, ()))
        and not (of_council and word in COUNCIL_WORDS)
        and not (following == "borough" and word in OF_A_BOROUGH.values())
    ]
    longer = LONGER | DIRECTIONS if any(len(word) > 2 for word in left) else LONGER
    place = " ".join(longer.get(word, word) for word in left).split()
    return Parts(
        tuple(place), "".join(left), kinds, frozenset(OF_A_BOROUGH.get(w, w) for w in words)
    )


@dataclass(frozen=True)
class Name:
    """One name of a body: its folded `words`, those that are its `place`, their triples, and the
    letters that initials of it can have."""

    body: Organisation
    former: bool
    words: tuple[str, ...]
    place: tuple[str, ...]
    triples: frozenset[str]
    letters: frozenset[str]

    def unused(self, letters: str) -> tuple[int, int] | None:
        """How well letters spell this name, the first letters of its words in order: the number of
        words of the place left out, and of letters taken beyond the first of a word. None when
        they do not. Small words and those of the kind may be in it or not (RBKC, HIOW, SaTH)."""
        if not self.letters.issuperset(letters):
            return None
        found = _spell(letters, self.words, self.place)
        # Letters of a single word are not initials.
        return found if found and found[1] < len(letters) - 1 else None


def _spell(letters: str, words: tuple[str, ...], main: tuple[str, ...]) -> tuple[int, int] | None:
    """The best way through: with the first word or without."""
    if not words:
        return None if letters else (0, 0)
    found: list[tuple[int, int]] = []
    word = words[0]
    for taken in range(1, min(MOST_OF_A_WORD, len(word)) + 1):
        if not letters.startswith(word[:taken]):
            break
        if (rest := _spell(letters[taken:], words[1:], main)) is not None:
            found.append((rest[0], rest[1] + taken - 1))
    if (rest := _spell(letters, words[1:], main)) is not None:
        found.append((rest[0] + (word in main), rest[1]))
    return min(found, default=None)


@dataclass
class Closest:
    """The names of bodies, to be asked for those that another name is close to.

    The `bearers` are each name folded, whose it is, and whether it is a former one. `near` ranks
    bodies by key: among equals those come first that are at home where the name was written.
    """

    bearers: Iterable[tuple[str, Organisation, bool]]
    near: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def names(self) -> list[Name]:
        """Every different name, by body."""
        different: dict[tuple[int, tuple[str, ...]], Name] = {}
        for folded, body, former in self.bearers:
            words = tuple(folded.split())
            if (body.pk, words) not in different:
                place = take_apart(folded, body.kind).place
                letters = "".join(word[:MOST_OF_A_WORD] for word in words)
                different[body.pk, words] = Name(
                    body, former, words, place, frozenset(triples_of(place)), frozenset(letters)
                )
        return list(different.values())

    @cached_property
    def _having(self) -> dict[str, list[int]]:
        """The numbers of the names that have a triple in their place."""
        having: dict[str, list[int]] = defaultdict(list)
        for number, name in enumerate(self.names):
            for triple in name.triples:
                having[triple].append(number)
        return having

    @cached_property
    def _by_letter(self) -> dict[str, list[Name]]:
        """The names whose place, or whose name, begins with a letter."""
        by_letter: dict[str, list[Name]] = defaultdict(list)
        for name in self.names:
            for letter in {name.words[0][:1], "".join(name.place)[:1]}:
                by_letter[letter].append(name)
        return by_letter

    def of(self, folded: str) -> list[Organisation]:
        """The closest bodies, the best first; of the kind named, if there are any."""
        asked = take_apart(folded)
        if not asked.place:
            return []
        found = [*self._spelled(asked), *self._alike(asked)]
        found = [each for each in found if each[1].body.kind in asked.kinds] or found
        found.sort(key=self._order)
        if found and found[0][0][0] < ALIKE:
            found = [each for each in found if each[0] < (ALIKE, -QUITE_ALIKE)]
        bodies = {name.body.pk: name.body for _, name in found}
        return list(bodies.values())[:SUGGESTIONS]

    def _order(self, found: tuple[Rank, Name]) -> tuple[object, ...]:
        rank, name = found
        body = name.body
        far = self.near.get(body.pk, ELSEWHERE)
        return rank, body.closed is not None, far, name.former, body.kind != Kind.ICB, body.name

    def _alike(self, asked: Parts) -> Iterator[tuple[Rank, Name]]:
        """The same place; a place with all the words; and one with many of the same triples."""
        triples = set(triples_of(asked.place))
        common = Counter(number for triple in triples for number in self._having.get(triple, ()))
        for number, shared in common.items():
            name = self.names[number]
            likeness = shared / (len(triples) + len(name.triples) - shared)
            if shared == len(triples) and (words := set(asked.place)).issubset(name.place):
                # "RB Kingston" is the royal borough of that name before Kingston upon Hull.
                beside = len(words.union(asked.words).intersection(name.words))
                tier = SAME_PLACE if name.place == asked.place else ALL_THE_WORDS
                yield (tier, -beside), name
            elif likeness >= CLOSE_ENOUGH:
                yield (ALIKE, -likeness), name

    def _spelled(self, asked: Parts) -> list[tuple[Rank, Name]]:
        """Bodies that the letters spell; else, where the kind is named, those that they spell in
        part; else those that all letters but the last spell (a system that has lost a place)."""
        wholly: list[tuple[Rank, Name]] = []
        partly: list[tuple[Rank, Name]] = []
        if not 2 <= len(asked.letters) <= MOST_INITIALS:
            return []
        names = [
            name
            for name in self._by_letter.get(asked.letters[0], ())
            if not asked.kinds or name.body.kind in asked.kinds
        ]
        for name in names:
            if spelled := name.unused(asked.letters):
                if spelled[0] == 0:
                    wholly.append(((SPELLED, spelled[1]), name))
                elif asked.kinds and 2 * spelled[0] <= len(name.place):
                    partly.append(((PARTLY_SPELLED, *spelled), name))
        if not (wholly or partly) and asked.kinds:
            partly = [
                ((PARTLY_SPELLED,), name)
                for name in names
                if name.unused(asked.letters[:-1]) == (0, 0)
            ]
        return wholly or partly


def triples_of(words: Iterable[str]) -> Iterator[str]:
    """Letter triples the way PostgreSQL's pg_trgm takes them: word by word, padded."""
    for word in words:
        padded = f"  {word} "
        for start in range(len(padded) - 2):
            yield padded[start : start + 3]
