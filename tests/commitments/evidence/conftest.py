"""A joint commitment of our trust with our council, and a folder for files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from commitments.evidence.actions import add_file
from tests import factories as make
from tests.commitments.evidence import files
from tests.conftest import TODAY


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def promise(bodies):
    plan = make.plan("LTWP", owner=bodies.board, visibility="internal")
    return make.commitment(plan, bodies.trust, bodies.council, reference="LTWP-1", title="One bank")


@pytest.fixture
def give(promise, cast, bodies):
    """`give("minutes.pdf", content)` keeps a file as our trust's evidence."""

    def keep(name: str = "minutes.pdf", content: bytes = files.PDF, **given):
        given = {"by": cast.trust, "organisation": bodies.trust, "commitment": promise} | given
        file = SimpleUploadedFile(name, content)
        return add_file(file=file, filename=name, today=TODAY, **given)

    return keep
