"""Work on uploads in the background: nobody there, cut short, refused, too late."""

import time
from datetime import date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from commitments.models import Plan, Upload
from commitments.uploads import jobs
from organisations.models import Membership
from tests import factories
from tests.commitments.uploads.sending import csv_file, page, post, send
from tests.conftest import TODAY, Bodies, Cast
from workforce_tracker import clock
from workforce_tracker.celery import app
from workforce_tracker.heartbeat import queue_sign

NOW = datetime(2026, 11, 19, 10, tzinfo=clock.LONDON)
FILE = ("Reference,Commitment,By when", "JFP-002,More nurses,2031/32")


@pytest.fixture
def client(sign_in, cast: Cast):
    """Our programme lead, signed in."""
    return sign_in(cast.lead)


@pytest.fixture
def nobody_works(work_at_once: None):
    """What is asked for stays in the queue."""
    app.conf.task_always_eager = False
    cache.delete(f"heartbeat:{queue_sign('files')}")


def test_the_page_says_when_nobody_is_at_work(client, our_plan: Plan, nobody_works: None) -> None:
    upload = send(client, our_plan, csv_file(*FILE))
    shown = page(client, "upload", upload)
    assert "plan.csv is being checked" in shown
    assert "Nobody is at work on files at the moment" in shown
    assert "Look again how far it is" in shown


def test_the_page_follows_the_work(client, our_plan: Plan, nobody_works: None) -> None:
    upload = send(client, our_plan, csv_file(*FILE))
    cache.set(f"heartbeat:{queue_sign('files')}", time.time())
    Upload.objects.update(stage="Checking the rows", done=500, total=2000, state="checking")
    answer = client.get(reverse("upload_progress", args=[upload.pk]))
    said = answer.content.decode()
    assert "Checking the rows: 500 of 2,000" in said and "Nobody is at work" not in said
    assert "HX-Refresh" not in answer.headers

    jobs.run(upload.pk, today=TODAY, now=NOW)
    answer = client.get(reverse("upload_progress", args=[upload.pk]))
    assert answer.headers["HX-Refresh"] == "true"
    assert "Ready to apply: 1 new" in page(client, "upload", upload)


def test_what_was_cut_short_is_picked_up(client, our_plan: Plan, nobody_works: None) -> None:
    upload = send(client, our_plan, csv_file(*FILE))
    # A worker began, said so, and was killed.
    Upload.objects.update(state="checking", alive_at=NOW)
    assert jobs.sweep(now=NOW + timedelta(seconds=5)) == 0
    app.conf.task_always_eager = True
    assert jobs.sweep(now=NOW + timedelta(minutes=1)) == 1
    upload.refresh_from_db()
    assert upload.state == Upload.State.CHECKED


def test_an_apply_that_was_cut_short_is_done_once(
    client, our_plan: Plan, nobody_works: None
) -> None:
    upload = send(client, our_plan, csv_file(*FILE))
    jobs.run(upload.pk, today=TODAY, now=NOW)
    post(client, "upload_apply", upload)
    assert upload.state == Upload.State.APPLYING
    assert our_plan.commitments.count() == 1
    for _ in range(3):
        jobs.run(upload.pk, today=TODAY, now=NOW)
    upload.refresh_from_db()
    assert upload.state == Upload.State.APPLIED
    assert our_plan.commitments.count() == 2


def test_work_that_dies_every_time_is_given_up_and_said(
    client, our_plan: Plan, nobody_works: None
) -> None:
    upload = send(client, our_plan, csv_file(*FILE))
    Upload.objects.update(tries=jobs.MOST_TRIES)
    jobs.run(upload.pk, today=TODAY, now=NOW)
    assert "It was cut short five times" in page(client, "upload", upload)
    post(client, "upload_again", upload)
    jobs.run(upload.pk, today=TODAY, now=NOW)
    upload.refresh_from_db()
    assert upload.state == Upload.State.CHECKED


def test_no_broker_is_no_error(
    client, our_plan: Plan, nobody_works: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    upload = send(client, our_plan, csv_file(*FILE))
    assert upload.state == Upload.State.WAITING
    assert "plan.csv is being checked" in page(client, "upload", upload)


# --- bad moments ----------------------------------------------------------------------------------
def test_somebody_who_may_no_longer_import_changes_nothing(
    client, our_plan: Plan, cast: Cast, nobody_works: None
) -> None:
    upload = send(client, our_plan, csv_file(*FILE))
    jobs.run(upload.pk, today=TODAY, now=NOW)
    post(client, "upload_apply", upload)
    Membership.objects.filter(user=cast.lead).delete()
    jobs.run(upload.pk, today=TODAY, now=NOW)
    upload.refresh_from_db()
    assert upload.state == Upload.State.CHECKED
    assert "Lena Lead may no longer import into Joint forward plan" in upload.error
    assert our_plan.commitments.count() == 1


def test_a_plan_that_was_given_away_meanwhile_is_left_alone(
    client, our_plan: Plan, bodies: Bodies, nobody_works: None
) -> None:
    upload = send(client, our_plan, csv_file(*FILE))
    jobs.run(upload.pk, today=TODAY, now=NOW)
    post(client, "upload_apply", upload)
    Plan.objects.update(owner=bodies.other_board)
    jobs.run(upload.pk, today=TODAY, now=NOW)
    upload.refresh_from_db()
    assert upload.state == Upload.State.CHECKED
    assert our_plan.commitments.count() == 1


def test_what_changed_between_the_click_and_the_work_is_said(
    client, our_plan: Plan, nobody_works: None
) -> None:
    rows = ("Reference,By when", "JFP-001,2030/31")
    upload = send(client, our_plan, csv_file(*rows))
    jobs.run(upload.pk, today=TODAY, now=NOW)
    post(client, "upload_apply", upload)
    promise = our_plan.commitments.get()
    promise.target = factories.fuzzy("2031/32")
    promise.save()
    jobs.run(upload.pk, today=TODAY, now=NOW)
    shown = page(client, "upload", upload)
    assert "the file would now do something else to JFP-001" in shown
    assert "Ready to apply: 1 changed" in shown and "2031/32" in shown
    assert our_plan.commitments.get().target.text == "2031/32"


def test_a_file_that_is_being_applied_cannot_be_put_aside(
    client, our_plan: Plan, nobody_works: None
) -> None:
    upload = send(client, our_plan, csv_file(*FILE))
    jobs.run(upload.pk, today=TODAY, now=NOW)
    post(client, "upload_apply", upload)
    post(client, "upload_discard", upload)
    assert upload.state == Upload.State.APPLYING


def test_answers_given_while_it_is_checked_count(
    client, our_plan: Plan, nobody_works: None, today: date
) -> None:
    upload = send(client, our_plan, csv_file("Commitment,By when", "One contract for all,2030/31"))
    jobs.run(upload.pk, today=TODAY, now=NOW)
    upload.refresh_from_db()
    late = Upload.objects.get(pk=upload.pk)
    post(client, "upload_same", upload, {"same-!2": "new"})
    # The work that began before the answer must not overwrite it.
    from commitments.uploads.looking import look

    look(late, today=TODAY)
    upload.refresh_from_db()
    assert upload.state == Upload.State.WAITING
    jobs.run(upload.pk, today=TODAY, now=NOW)
    upload.refresh_from_db()
    assert (upload.state, upload.counts["new"]) == (Upload.State.CHECKED, 1)
