"""Every address of the product, as every role in every relation, against the expected matrix.

An address that is added without a row in the matrix fails here.
"""

import pytest

from tests.permissions import matrix, sweep

pytestmark = pytest.mark.django_db

# What nobody may read in the refusal of somebody who may not know of it.
SECRETS = (
    "Secret promise", "Secret plan", "Secret draft", "Step of INT-1", "Measure of INT-1",
    "Said of INT-1",
)  # fmt: skip


def test_every_address_has_a_row_in_the_matrix():
    known = {name for name, *_ in (*matrix.rows(), *matrix.library_rows())}
    assert set(sweep.addresses()) == known


@pytest.mark.parametrize(
    ("name", "about", "method", "expected"),
    matrix.rows(),
    ids=[f"{name}-{about}-{method}" for name, about, method, _ in matrix.rows()],
)
def test_everybody_gets_what_the_matrix_says(world, name, about, method, expected):
    path = sweep.address(name, about, world)
    got, told, lost = {}, {}, set()
    for person in expected:
        got[person], said = sweep.answer(world, person, method, path)
        if got[person] in ".-s" and (secrets := [s for s in SECRETS if s in said]):
            told[person] = secrets
        if got[person] == "2" and sweep.is_lost(said):
            lost.add(person)
    assert got == expected
    assert told == {}
    assert lost == set()


@pytest.mark.parametrize(
    ("name", "about", "method", "expected"),
    matrix.library_rows(),
    ids=[f"{name}-{method}" for name, _, method, _ in matrix.library_rows()],
)
def test_pages_of_libraries_answer_as_the_matrix_says(world, name, about, method, expected):
    path = sweep.library_address(name)
    answers = {person: sweep.answer(world, person, method, path) for person in expected}
    assert {person: got for person, (got, _) in answers.items()} == expected
    assert not any(got == "2" and sweep.is_lost(said) for got, said in answers.values())


def test_the_printed_counts_are_those_of_the_matrix():
    assert matrix.PAGE.read_text(encoding="utf-8") == matrix.document()
