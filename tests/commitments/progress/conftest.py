"""A plan of our board, a joint promise in it, and a round that is open."""

import pytest

from tests import factories as make
from tests.conftest import day

SAID = {"rating": "green", "confidence": "high", "narrative": "All wards have signed."}


@pytest.fixture
def plan(bodies):
    return make.plan("JFP", owner=bodies.board)


@pytest.fixture
def promise(plan, bodies):
    """Led by the trust, with the council: joint."""
    return make.commitment(
        plan, bodies.trust, bodies.council, reference="JFP-001", title="One passport", target="2031"
    )


@pytest.fixture
def round_(plan):
    return make.round_(plan, day(-5), day(9), name="Round 3")
