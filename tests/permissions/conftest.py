"""The world of the sweeps is built once for a file of tests: each request is undone by itself."""

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from tests.conftest import TODAY
from tests.permissions.world import World, build


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> World:
    quick = {
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "MEDIA_ROOT": tmp_path_factory.mktemp("media"),
    }
    with (
        django_db_blocker.unblock(),
        override_settings(**quick),
        time_machine.travel(f"{TODAY} 10:00 +0000", tick=False),
        transaction.atomic(),
    ):
        yield build()
        transaction.set_rollback(True)
