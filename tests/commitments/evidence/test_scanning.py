"""Files past a scanner, once each; harmful ones away."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from commitments.evidence import scanning, tasks
from commitments.evidence.clamd import NoAnswer
from commitments.models import Evidence
from tests.commitments.evidence import files
from tests.commitments.evidence.fake_clamd import EICAR, clamd
from workforce_tracker import clock

pytestmark = pytest.mark.django_db
ADDRESS = "/commitments/LTWP/LTWP-1/evidence/"


@pytest.fixture(params=[False, True], ids=["socket", "port"])
def daemon(request, settings):
    with clamd(tcp=request.param) as running:
        settings.EVIDENCE_SCANNER = "commitments.evidence.clamd.scan"
        settings.CLAMD_ADDRESS = running.address
        yield running


def sweep(**options):
    return scanning.sweep(now=clock.now() + timedelta(minutes=5), seconds=60, **options)


def test_a_clean_file_can_be_opened_once_it_has_been_looked_at(daemon, give, cast, sign_in):
    content = files.PDF + b"x" * 200_000  # several chunks
    given = give(content=content)
    page = sign_in(cast.council).get(ADDRESS).content.decode()
    assert "Waiting to be scanned" in page
    assert sign_in(cast.council).get(f"{ADDRESS}{given.pk}/file/").status_code == 404

    assert tasks.scan_file(given.pk) is True

    assert daemon.received == [content]
    response = sign_in(cast.council).get(f"{ADDRESS}{given.pk}/file/")
    assert b"".join(response.streaming_content) == content
    assert "Scanned, nothing found" in sign_in(cast.council).get(ADDRESS).content.decode()


def test_a_harmful_file_is_deleted_named_and_kept_out(daemon, give, cast, sign_in):
    given = give("harm.txt", EICAR)
    stored = Path(given.file.path)

    assert tasks.scan_file(given.pk) is True

    given.refresh_from_db()
    assert (given.scan, given.scan_found) == (Evidence.Scan.INFECTED, "Eicar-Signature")
    assert not stored.exists()
    assert not given.file
    client = sign_in(cast.trust)
    assert client.get(f"{ADDRESS}{given.pk}/file/").status_code == 404
    page = client.get(ADDRESS).content.decode()
    assert "Harmful: the file was deleted" in page
    assert "Eicar-Signature" in page


def test_a_second_message_about_a_file_asks_nothing(daemon, give):
    given = give()
    assert tasks.scan_file(given.pk) is True
    assert tasks.scan_file(given.pk) is False
    assert tasks.scan_file(0) is False
    assert len(daemon.received) == 1


def test_the_sweep_finds_files_of_which_no_message_speaks(daemon, give):
    clean, harmful = give(), give("harm.txt", EICAR)
    done = sweep()
    assert (done.scanned, done.harmful, done.unanswered) == (2, 1, 0)
    clean.refresh_from_db()
    assert clean.scan == Evidence.Scan.CLEAN
    assert Evidence.objects.get(pk=harmful.pk).file == ""
    assert sweep().scanned == 0


def test_the_sweep_leaves_a_file_that_has_just_come_in_to_its_message(daemon, give):
    give()
    assert scanning.sweep(now=clock.now(), seconds=60).scanned == 0


def test_a_file_of_which_the_scanner_can_say_nothing_waits_and_holds_up_nobody(daemon, give):
    daemon.limit = 100_000
    large, small = give(content=files.PDF + b"x" * 150_000), give("note.txt", b"Two of five")
    done = sweep()
    assert (done.scanned, done.unanswered) == (1, 1)
    large.refresh_from_db()
    small.refresh_from_db()
    assert (large.scan, small.scan) == (Evidence.Scan.NOT_SCANNED, Evidence.Scan.CLEAN)


@pytest.mark.parametrize("address", ["/nowhere/clamd.ctl", "127.0.0.1:1", "clamd"])
def test_without_a_daemon_files_wait(give, settings, address):
    settings.EVIDENCE_SCANNER = "commitments.evidence.clamd.scan"
    settings.CLAMD_ADDRESS = address
    given = give()
    with pytest.raises(NoAnswer, match=address):
        scanning.scan(given.pk)
    assert sweep().unanswered == 1
    given.refresh_from_db()
    assert given.scan == Evidence.Scan.NOT_SCANNED


def test_without_a_scanner_files_say_so_and_can_be_opened(give, cast, sign_in):
    given = give()
    assert sweep().scanned == 0
    assert tasks.scan_file(given.pk) is False
    client = sign_in(cast.council)
    assert "Not scanned" in client.get(ADDRESS).content.decode()
    assert client.get(f"{ADDRESS}{given.pk}/file/").status_code == 200


def test_a_deletion_that_was_cut_short_is_finished_by_the_sweep(give, cast):
    from commitments.evidence.actions import remove
    from tests.conftest import TODAY

    given = give()
    stored = Path(given.file.path)
    with transaction.atomic():
        remove(by=cast.trust, evidence=given, reason="Wrong one", today=TODAY)
    # The process ended before what comes after the commit.
    assert stored.exists()
    assert sweep().deleted == 1
    assert not stored.exists()
    assert sweep().deleted == 0


def test_a_file_that_has_gone_from_the_store_stops_nothing(daemon, give):
    lost, kept = give(), give("note.txt", b"Two of five")
    os.unlink(lost.file.path)
    done = sweep()
    assert done.scanned == 1
    kept.refresh_from_db()
    assert kept.scan == Evidence.Scan.CLEAN
