"""The world of the sweeps is built once for a file of tests: each request is undone by itself."""

import pytest
import time_machine

from organisations.writing import undone
from tests.conftest import TODAY, quickly
from tests.permissions.world import World, build


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> World:
    with (
        django_db_blocker.unblock(),
        quickly(MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        time_machine.travel(f"{TODAY} 10:00 +0000", tick=False),
        undone(),
    ):
        yield build()
