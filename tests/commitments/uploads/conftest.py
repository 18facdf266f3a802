"""A plan to import into, and files kept in a folder of the test."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from commitments.models import Plan
from tests import factories
from tests.conftest import Bodies


@pytest.fixture
def our_plan(bodies: Bodies, settings: Any, tmp_path: Path, today: date) -> Plan:
    """A plan of our board with one commitment, "One contract for all", which our board leads."""
    settings.MEDIA_ROOT = tmp_path / "media"
    made = factories.plan("JFP", owner=bodies.board, title="Joint forward plan")
    factories.commitment(
        made, bodies.board, reference="JFP-001", title="One contract for all", target="2028/29"
    )
    return made
