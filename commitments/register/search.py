"""Finding commitments by words: stemmed, with synonyms, and with typing errors forgiven.

Every word has to be in the reference, title or description. "Quotes" keep words together and a
minus leaves a word out. A word that stands nowhere among the commitments in question is taken as
misspelt: then titles with a similar word are found, and the page says so.
"""

import re
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, or_

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, F, FloatField, Q, Value, When
from django.db.models.expressions import Expression
from django.db.models.functions import Upper

from commitments.models.commitment import CommitmentQuerySet
from commitments.register.synonyms import LONGEST, SYNONYMS

# Share of letter triples from which a word can be a misspelling of another: "docter" shares 0.57
# with "doctor", "nurce" 0.5 with "nurse", "specailty" 0.43 with "specialty". So low a bar lets
# other words in too; only what comes near the closest one is kept.
TYPO = 0.4
NEAR_THE_CLOSEST = 0.8
SHORTEST_TYPO = 4
MOST_WORDS = 12
MOST_SIMILAR = 1000
REFERENCE = re.compile(r"^(?=\S*\d)[\w.()&-]+$")
PIECE = re.compile(r'(-?)"([^"]+)"?|(-?)([^\s"]+)')


@dataclass(frozen=True)
class Term:
    """One thing that has to be there, or not. `texts` are the word and what means the same."""

    texts: tuple[str, ...]
    negated: bool = False
    phrase: bool = False

    @property
    def text(self) -> str:
        return self.texts[0]

    @property
    def query(self) -> SearchQuery:
        """The term for the search column."""
        each = [
            SearchQuery(text, config="english", search_type="phrase", invert=self.negated)
            for text in self.texts
        ]
        return reduce(and_ if self.negated else or_, each)


@dataclass(frozen=True)
class Found:
    """What a search gives: a queryset, how to put the likeliest first, and the words that were
    nowhere and so were taken as misspelt."""

    commitments: CommitmentQuerySet
    order: tuple
    misspelt: tuple[str, ...] = ()


def search(commitments: CommitmentQuerySet, words: str) -> Found:
    """Narrow commitments to those that say something. Give only what the person may see: whether
    a word is known is decided among these.

    Costs no query when the words are found as they stand, three more when they are not.
    """
    words = words.strip()
    terms = parse(words)
    if not terms:
        return Found(commitments, ())
    exactly = Q(search=reduce(and_, [term.query for term in terms]))
    if REFERENCE.match(words):
        exactly |= Q(reference__istartswith=words)
    found = commitments.filter(exactly)
    if found.order_by().values("pk")[:1].exists():
        return Found(found, _likeliest(words, terms))
    unknown = _unknown(commitments, terms)
    if not unknown:
        return Found(found, ("reference", "pk"))
    keys = _similar(commitments, [term for term in terms if term not in unknown], unknown)
    order = Case(
        *(When(pk=key, then=Value(place)) for place, key in enumerate(keys[:50])), default=Value(50)
    )
    misspelt = tuple(term.text for term in unknown)
    return Found(commitments.filter(pk__in=keys), (order, "reference", "pk"), misspelt)


def parse(words: str) -> list[Term]:
    """What somebody typed, as terms: known terms of several words are kept together."""
    pieces: list[tuple[str, bool, bool]] = []
    for match in PIECE.finditer(words.casefold()):
        minus_phrase, phrase, minus, word = match.groups()
        text = (phrase or word).strip(".,;:!?()[]{}'’“”")
        if any(letter.isalnum() for letter in text):
            pieces.append((text, bool(minus_phrase or minus), bool(phrase)))
    terms: list[Term] = []
    place = 0
    while place < len(pieces) and len(terms) < MOST_WORDS:
        length = _known_length(pieces, place)
        together = " ".join(text for text, _, _ in pieces[place : place + length])
        _, negated, phrase = pieces[place]
        others = SYNONYMS.get(tuple(together.split()), ())
        terms.append(Term((together, *others), negated, phrase))
        place += length
    return terms


def _known_length(pieces: list[tuple[str, bool, bool]], place: int) -> int:
    """How many of the next words make up one known term; 1 when none do."""
    for length in range(min(LONGEST, len(pieces) - place), 1, -1):
        ahead = pieces[place : place + length]
        if any(phrase for _, _, phrase in ahead) or any(minus for _, minus, _ in ahead[1:]):
            continue
        if tuple(text for text, _, _ in ahead) in SYNONYMS:
            return length
    return 1


def _likeliest(words: str, terms: list[Term]) -> tuple:
    """The reference itself first, then references that begin so, then by weight of the words."""
    wanted = [term for term in terms if not term.negated] or terms
    named = Case(
        When(reference__iexact=words, then=Value(2.0)),
        When(reference__istartswith=words, then=Value(1.0)),
        default=Value(0.0),
        output_field=FloatField(),
    )
    rank = SearchRank(F("search"), reduce(and_, [term.query for term in wanted]))
    return (named.desc(), rank.desc(), "reference", "pk")


def _unknown(commitments: CommitmentQuerySet, terms: list[Term]) -> list[Term]:
    """The terms that none of these commitments has, but for words that are always left out ("the")
    and those too short to tell a slip from another word."""
    asked = [
        term
        for term in terms
        if not term.negated and not term.phrase and len(term.text) >= SHORTEST_TYPO
    ]
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM unnest(%s) word WHERE numnode(plainto_tsquery('english', word)) > 0",
            [[term.text for term in asked]],
        )
        meaningful = {row[0] for row in cursor.fetchall()}
    asked = [term for term in asked if term.text in meaningful]
    if not asked:
        return []
    present = [
        commitments.filter(search=term.query)
        .order_by()
        .annotate(word=Value(term.text))
        .values_list("word")[:1]
        for term in asked
    ]
    known = {row[0] for row in present[0].union(*present[1:], all=True)}
    return [term for term in asked if term.text not in known]


def _similar(commitments: CommitmentQuerySet, known: list[Term], unknown: list[Term]) -> list[int]:
    """Keys of commitments with a similar word in the title for each unknown one, the closest first.

    The threshold belongs to the transaction, so the keys are read here and now.
    """
    rows = commitments.annotate(heading=Upper("title"))
    for term in known:
        rows = rows.filter(search=term.query)
    closeness: list[Expression] = []
    for term in unknown:
        rows = rows.filter(heading__trigram_word_similar=term.text.upper())
        closeness.append(TrigramWordSimilarity(term.text.upper(), "heading"))
    rows = rows.annotate(closeness=reduce(add, closeness)).order_by("-closeness", "reference")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(TYPO)]
        )
        found = list(rows.values_list("pk", "closeness")[:MOST_SIMILAR])
    return [pk for pk, close in found if close >= NEAR_THE_CLOSEST * found[0][1]]
