"""Words: stemmed, with synonyms, with typing errors forgiven, and the reference first."""

import pytest

from commitments.models import Commitment
from commitments.register.search import parse, search
from tests import factories as make

TITLES = {
    "LTWP-002": "Medical school places",
    "LTWP-010": "Nurse and midwife training places combined",
    "LTWP-022": "Midwifery training places",
    "LTWP-030": "More GP specialty training",
    "PP-1": "Recruitment of general practitioners",
    "PP-2": "Apprenticeships for allied health professionals",
    "PP-3": "Mental health workforce strategy",
    "PP-4": "Dental therapists in schools",
}


@pytest.fixture
def register(db):
    plan = make.plan("WORDS")
    for reference, title in TITLES.items():
        make.commitment(plan, reference=reference, title=title)
    Commitment.objects.filter(reference="PP-3").update(
        description="Reduce vacancies, as LTWP-002 asks"
    )
    return plan


def found(words: str) -> list[str]:
    """References, the likeliest first."""
    result = search(Commitment.objects.all(), words)
    return list(result.commitments.order_by(*result.order).values_list("reference", flat=True))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("places", {"LTWP-002", "LTWP-010", "LTWP-022"}),
        ("place", {"LTWP-002", "LTWP-010", "LTWP-022"}),
        ("midwives", {"LTWP-010", "LTWP-022"}),
        ("nursing", {"LTWP-010"}),
        ("gps", {"LTWP-030", "PP-1"}),
        ("general practitioner", {"LTWP-030", "PP-1"}),
        ("AHP", {"PP-2"}),
        ("vacancy", {"PP-3"}),
        ("training -nurse", {"LTWP-022", "LTWP-030"}),
        ('"school places"', {"LTWP-002"}),
        ('"places school"', set()),
        ("the places of the school", {"LTWP-002"}),
        ("midwifery strategy", set()),
    ],
)
def test_words_find(register, words, expected):
    assert set(found(words)) == expected


@pytest.mark.parametrize(
    ("misspelt", "expected"),
    [
        ("specailty", "LTWP-030"),
        ("recruitement", "PP-1"),
        ("aprenticeships", "PP-2"),
        ("workfroce", "PP-3"),
        ("nurce", "LTWP-010"),
        ("dentel", "PP-4"),
    ],
)
def test_a_misspelt_word_finds_the_closest_titles(register, misspelt, expected):
    assert found(misspelt)[0] == expected


def test_one_misspelt_word_does_not_loosen_the_others(register):
    assert found("midwifry places") == ["LTWP-010", "LTWP-022"]
    assert found("midwifry strategy") == []


def test_a_known_word_is_never_taken_as_misspelt(register):
    result = search(Commitment.objects.all(), "mental")
    assert found("mental") == ["PP-3"]
    assert result.misspelt == ()


def test_the_words_taken_as_misspelt_are_told(register):
    assert search(Commitment.objects.all(), "midwifry places").misspelt == ("midwifry",)


def test_the_reference_itself_comes_first_then_those_that_begin_so(register):
    assert found("ltwp-002") == ["LTWP-002", "PP-3"]
    assert found("LTWP-0") == ["LTWP-002", "LTWP-010", "LTWP-022", "LTWP-030"]


def test_whether_a_word_is_known_is_decided_among_what_the_person_may_see(register, bodies):
    make.commitment(register, title="Midwifry", state="draft", draft_of=bodies.board)
    seen = Commitment.objects.exclude(state="draft")
    assert search(seen, "midwifry").misspelt == ("midwifry",)


@pytest.mark.parametrize("words", ["", "   ", '"', "-", "'; --", "!!", "((", '"unclosed words'])
def test_anything_can_be_typed(register, words):
    found(words)


def test_known_terms_of_several_words_are_kept_together():
    texts = [term.texts[0] for term in parse("more General Practitioner places")]
    assert texts == ["more", "general practitioner", "places"]
