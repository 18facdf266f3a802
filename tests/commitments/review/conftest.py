"""A joint commitment of our board, our council and our trust, reported on and asked about."""

import pytest

from commitments.models import Commitment, ProgressUpdate
from commitments.review.actions import ask
from organisations.models import Role, User
from tests import factories


@pytest.fixture
def joint(bodies) -> Commitment:
    """The board leads, our council and our trust are partners."""
    return factories.commitment(factories.plan(), bodies.board, bodies.council, bodies.trust)


@pytest.fixture
def submitted(joint, cast, bodies, today) -> ProgressUpdate:
    """The board has reported, and everybody has been asked."""
    update = factories.update(joint, cast.lead, bodies.board)
    ask(update=update, by=cast.lead, today=today)
    return update


@pytest.fixture
def second_reviewer(bodies) -> User:
    """Another reviewer of our council."""
    return factories.person("Rita Reviewer", (Role.REVIEWER, bodies.council))
