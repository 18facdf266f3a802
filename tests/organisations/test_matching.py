"""Names in a spreadsheet or a plan: recognised exactly or handed back, never guessed."""

import time

import pytest

from organisations.kinds import Kind
from organisations.matching import How, OrganisationMatcher, side_of_class
from organisations.models import Alias, Organisation
from tests import factories
from tests.conftest import Bodies


def alias(body: Organisation, name: str, kind: str = Alias.Kind.SHORT) -> None:
    Alias.objects.create(organisation=body, name=name, kind=kind)


@pytest.fixture
def matcher(bodies: Bodies) -> OrganisationMatcher:
    alias(bodies.council, "Leeds")
    alias(bodies.lga, "LGA")
    alias(bodies.trust, "Leeds Community Care Trust", Alias.Kind.FORMER)
    alias(bodies.board, "E54000054", Alias.Kind.CODE)
    factories.organisation(
        "Ministry of Housing, Communities and Local Government", Kind.DEPARTMENT, code="NAT-MHCLG"
    )
    factories.organisation(
        "Royal Brompton & Harefield NHS Foundation Trust", Kind.FOUNDATION_TRUST, code="RT3"
    )
    return OrganisationMatcher.load()


@pytest.mark.parametrize(
    ("text", "code", "how"),
    [
        ("QWO", "QWO", How.CODE),
        (" qwo ", "QWO", How.CODE),
        ("E54000054", "QWO", How.CODE),
        ("NHS West Yorkshire Integrated Care Board", "QWO", How.OFFICIAL),
        ("nhs west yorkshire icb", "QWO", How.OFFICIAL),
        ("West\u00a0Yorkshire ICB", "QWO", How.OFFICIAL),
        ("West–Yorkshire Integrated Care Board", "QWO", How.OFFICIAL),
        ("Leeds", "E08000035", How.SHORT),
        ("Leeds City Council.", "E08000035", How.OFFICIAL),
        ("LGA", "NAT-LGA", How.SHORT),
        ("The Local Government Association", "NAT-LGA", How.OFFICIAL),
        ("Leeds Community Care Trust", "RY6", How.FORMER),
        ("Leeds Community Healthcare Trust", "RY6", How.OFFICIAL),
        ("Royal Brompton and Harefield NHS FT", "RT3", How.OFFICIAL),
        ("NHS England", "NAT-NHSE", How.OFFICIAL),
    ],
)
def test_a_body_is_known_by_code_and_by_any_of_its_names(
    matcher: OrganisationMatcher, text: str, code: str, how: How
) -> None:
    match = matcher.match(text)
    assert match.organisation is not None
    assert (match.organisation.code, match.how) == (code, how)


@pytest.mark.parametrize(
    "text", ["", "England", "West Yorkshire", "Leeds Comunity Healthcare NHS Trust", "Leeds ICB"]
)
def test_nothing_is_guessed(matcher: OrganisationMatcher, text: str) -> None:
    match = matcher.match(text)
    assert match.organisation is None
    assert match.how == How.UNKNOWN


def test_a_misspelt_name_comes_back_with_the_closest_bodies(
    matcher: OrganisationMatcher, bodies: Bodies
) -> None:
    assert matcher.match("Leeds Comunity Healthcare Trust").candidates[0] == bodies.trust
    assert matcher.match("West Yorks Integrated Care Board").candidates[0] == bodies.board
    assert matcher.match("Xqzzy").candidates == []


def test_a_name_that_two_bodies_bear_is_a_question(db: None) -> None:
    closed = factories.organisation("North Yorkshire County Council", Kind.COUNTY)
    current = factories.organisation("North Yorkshire Council", Kind.UNITARY)
    alias(closed, "North Yorkshire")
    alias(current, "North Yorkshire")
    match = OrganisationMatcher.load().match("North Yorkshire")
    assert match.organisation is None
    assert match.how == How.AMBIGUOUS
    assert match.candidates == [current, closed]


def test_the_name_a_body_bears_now_counts_before_the_same_former_name(db: None) -> None:
    now = factories.organisation("Mersey Care NHS Trust")
    alias(factories.organisation("Another Trust"), "Mersey Care NHS Trust", Alias.Kind.FORMER)
    assert OrganisationMatcher.load().match("Mersey Care NHS Trust").organisation == now


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("NHS trusts", "nhs"),
        ("trusts", "nhs"),
        ("acute trusts", "nhs"),
        ("Integrated care boards", "nhs"),
        ("ICBs", "nhs"),
        ("Primary care networks", "nhs"),
        ("primary care", "nhs"),
        ("Clinical commissioning groups", "nhs"),
        ("NHS organisations", "nhs"),
        ("the NHS", "nhs"),
        ("councils", "local_government"),
        ("Local authorities", "local_government"),
        ("North East councils", "local_government"),
        ("Local government (unspecified)", "local_government"),
        ("NHS trusts and councils", "other"),
        ("Integrated care systems", "other"),
        ("Central government (unspecified)", "other"),
        ("multi-academy trusts", "other"),
        ("Nursing and Midwifery Council", "other"),
        ("Higher education institutions", "other"),
        ("", "other"),
    ],
)
def test_a_class_of_bodies_has_a_side_where_it_can_be_told(text: str, side: str) -> None:
    assert side_of_class(text) == side


def test_a_class_is_told_from_a_body_and_gets_no_suggestions(matcher: OrganisationMatcher) -> None:
    match = matcher.match("NHS trusts")
    assert (match.organisation, match.candidates, match.how) == (None, [], How.CLASS)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Local authorities; NHS trusts;", ["Local authorities", "NHS trusts"]),
        ("Leeds City Council\nLGA\r\n\r\nLGA", ["Leeds City Council", "LGA"]),
        (
            "Ministry of Housing, Communities and Local Government; SOLACE",
            ["Ministry of Housing, Communities and Local Government", "SOLACE"],
        ),
        (
            "NHS England, Ministry of Housing, Communities and Local Government, and unions",
            ["NHS England", "Ministry of Housing, Communities and Local Government", "unions"],
        ),
        ("LGA, NHS England and Leeds City Council", ["LGA", "NHS England", "Leeds City Council"]),
        ("LGA & NHS England", ["LGA", "NHS England"]),
        ("Royal Brompton & Harefield NHS Foundation Trust",) * 2,
        ("Leeds & York Partnership",) * 2,
        ("Leeds, Bradford and Calderdale",) * 2,
        ("Leeds CC / West Yorks ICB", ["Leeds CC", "West Yorks ICB"]),
        ("Leeds CC & Leeds Community Trust", ["Leeds CC", "Leeds Community Trust"]),
        ("Leeds CC, West Yorks ICB", ["Leeds CC", "West Yorks ICB"]),
        ("LTHT, LYPFT and Leeds City Council", ["LTHT", "LYPFT", "Leeds City Council"]),
        ("Leeds & NHS West Yorks ICB",) * 2,
        (
            "Leeds CC and Royal Brompton & Harefield NHS Foundation Trust",
            ["Leeds CC", "Royal Brompton & Harefield NHS Foundation Trust"],
        ),
        ("Health and/or Leeds Board",) * 2,
        ("", []),
    ],
)
def test_partners_are_divided_only_where_that_is_certain(
    matcher: OrganisationMatcher, text: str, names: list[str] | str
) -> None:
    assert matcher.split_names(text) == ([names] if isinstance(names, str) else names)


@pytest.mark.parametrize("between", [" and ", " / ", ", "])
def test_sentences_among_the_partners_take_no_time(
    matcher: OrganisationMatcher, between: str
) -> None:
    started = time.process_time()
    for words in (f"work {n} with people" for n in range(20)):
        prose = between.join([f"{words} {n}" for n in range(40)] + ["Leeds CC"])
        assert len(matcher.split_names(prose)) in (1, 41)
    assert time.process_time() - started < 10


def test_loading_and_matching_cost_two_queries(
    matcher: OrganisationMatcher, django_assert_num_queries
) -> None:
    with django_assert_num_queries(2):
        loaded = OrganisationMatcher.load()
        for text in ("QWO", "nobody", "Leeds; LGA"):
            loaded.match(text)
            loaded.split_names(text)
