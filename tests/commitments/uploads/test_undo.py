"""Undoing an upload as a whole, and what somebody changed since."""

from datetime import date

import pghistory
import pytest

from commitments.models import Commitment, Milestone, Pillar, Plan, Upload
from commitments.register.actions import change_commitment
from tests import factories
from tests.commitments.uploads.sending import csv_file, page, post, send
from tests.conftest import TODAY, Bodies, Cast

HEAD = "Reference,Commitment,By when,Lead organisation,Heading,Target value,Unit,Milestone 1,Milestone 1 date"  # fmt: skip  # noqa: E501


@pytest.fixture
def client(sign_in, cast: Cast):
    """Our programme lead, signed in."""
    return sign_in(cast.lead)


def applied(client, plan: Plan, *rows: str) -> Upload:
    """An upload with these rows, applied."""
    upload = send(client, plan, csv_file(HEAD, *rows))
    post(client, "upload_apply", upload, {"accepted": "on"})
    assert upload.state == Upload.State.APPLIED
    return upload


def picture(plan: Plan) -> list[tuple]:
    """All that a plan promises, as far as an upload can change it."""
    return [
        (
            row.reference, row.title, row.target.text, row.pillar and row.pillar.name, row.state,
            sorted((p.role, p.name, p.organisation_id, p.position) for p in row.parties.all()),
            sorted((m.name, m.target_low, m.unit, m.target_text) for m in row.measures.all()),
            sorted((m.title, m.baseline.text, m.forecast.text) for m in row.milestones.all()),
        )
        for row in plan.commitments.order_by("reference")
    ]  # fmt: skip


def test_everything_is_as_it_was_before(client, our_plan: Plan, bodies: Bodies) -> None:
    promise = our_plan.commitments.get()
    factories.milestone(promise, "Agreed", "2027-01-31")
    factories.measure(promise, 100, name="Contracts", unit="contracts", target_text="100")
    factories.commitment(our_plan, bodies.trust, "NHS trusts", reference="JFP-002")
    before = picture(our_plan)
    upload = applied(
        client,
        our_plan,
        "JFP-001,Another title,2030/31,Leeds City Council,Growing,200,contracts,Agreed,31/05/2027",
        "JFP-002,,,,,5,posts,Started,2027",
        "JFP-003,More nurses,2031/32,Leeds City Council,Growing,1000,nurses,Hired,2028",
    )
    assert picture(our_plan) != before
    shown = page(client, "upload_undo", upload)
    assert "1 commitment that it added is removed" in shown
    assert "2 commitments that it changed get back what they had before" in shown

    assert "1 commitment removed, 2 put back" in post(client, "upload_undo", upload)
    assert upload.state == Upload.State.UNDONE
    assert picture(our_plan) == before
    assert not Pillar.objects.filter(plan=our_plan, name="Growing").exists()
    event = our_plan.commitments.get(reference="JFP-001").events.latest("pgh_id")
    assert event.pgh_context.metadata["undo"] is True


def test_what_somebody_changed_since_is_named_and_left(
    client, our_plan: Plan, cast: Cast, today: date
) -> None:
    factories.commitment(our_plan, reference="JFP-002", title="Second")
    upload = applied(client, our_plan, "JFP-001,,2030/31,,,,,,", "JFP-002,,2031/32,,,,,,")
    with pghistory.context(user=cast.administrator.pk):
        our_plan.commitments.filter(reference="JFP-001").update(title="Somebody's words")
    shown = page(client, "upload_undo", upload)
    assert "1 commitment was changed since" in shown and "Somebody&#x27;s words" in shown

    shown = post(client, "upload_undo", upload)
    assert "Changed since, so left as they are" in shown and "Somebody&#x27;s words" in shown
    texts = dict(our_plan.commitments.values_list("reference", "target_text"))
    assert texts == {"JFP-001": "2030/31", "JFP-002": ""}
    assert upload.undo["left"][0]["reference"] == "JFP-001"


def test_what_was_left_can_be_forced_and_keeps_what_others_changed_elsewhere(
    client, our_plan: Plan, cast: Cast
) -> None:
    upload = applied(client, our_plan, "JFP-001,,2030/31,,,,,,")
    with pghistory.context():
        our_plan.commitments.update(description="Somebody's words")
    promise = our_plan.commitments.get()
    post(client, "upload_undo", upload)
    promise.refresh_from_db()
    assert promise.target.text == "2030/31"
    # Left the first time, forced the second.
    assert "Undo the rest" in page(client, "upload", upload)
    post(client, "upload_undo", upload, {"force": str(promise.pk)})
    promise.refresh_from_db()
    assert (promise.target.text, promise.description) == ("2028/29", "Somebody's words")
    assert upload.undo["left"] == []
    assert "Undo the rest" not in page(client, "upload", upload)


def test_a_new_commitment_that_somebody_reported_on_is_left(
    client, our_plan: Plan, cast: Cast, bodies: Bodies
) -> None:
    upload = applied(client, our_plan, "JFP-002,More nurses,2031/32,,,,,,")
    factories.time_passes(Commitment, Milestone)
    new = our_plan.commitments.get(reference="JFP-002")
    with pghistory.context():
        factories.update(new, cast.lead, bodies.board)
    post(client, "upload_undo", upload)
    assert our_plan.commitments.filter(reference="JFP-002").exists()
    post(client, "upload_undo", upload, {"force": str(new.pk)})
    assert not our_plan.commitments.filter(reference="JFP-002").exists()


def test_a_milestone_that_somebody_moved_since_leaves_its_commitment(
    client, our_plan: Plan
) -> None:
    milestone = factories.milestone(our_plan.commitments.get(), "Agreed", "2027-01-31")
    upload = applied(client, our_plan, "JFP-001,,,,,,,Agreed,31/05/2027")
    with pghistory.context():
        Milestone.objects.filter(pk=milestone.pk).update(note="Moved by hand")
    post(client, "upload_undo", upload)
    milestone.refresh_from_db()
    assert milestone.forecast.text == "31/05/2027"


def test_a_plan_that_the_upload_started_stays_empty(client, cast: Cast, our_plan: Plan) -> None:
    client.post("/uploads/add/", {
        "plan": "", "new_title": "Our people plan", "new_code": "OPP",
        "file": csv_file(HEAD, "OPP-1,More nurses,,,,,,,"),
    })  # fmt: skip
    upload = Upload.objects.get()
    post(client, "upload_apply", upload, {"accepted": "on"})
    post(client, "upload_undo", upload)
    assert upload.state == Upload.State.UNDONE
    assert not upload.plan.commitments.exists()


def test_only_what_was_applied_can_be_undone_and_only_once(client, our_plan: Plan) -> None:
    upload = send(client, our_plan, csv_file(HEAD, "JFP-002,More nurses,,,,,,,"))
    assert "nothing that can be undone" in post(client, "upload_undo", upload)
    post(client, "upload_apply", upload, {"accepted": "on"})
    post(client, "upload_undo", upload)
    assert "nothing that can be undone" in post(client, "upload_undo", upload)
    assert our_plan.commitments.count() == 1


def test_others_cannot_undo_it(client, sign_in, cast: Cast, our_plan: Plan) -> None:
    upload = applied(client, our_plan, "JFP-002,More nurses,,,,,,,")
    theirs = sign_in(cast.other_lead)
    assert theirs.post(f"/uploads/{upload.pk}/undo/").status_code == 404
    assert our_plan.commitments.count() == 2


def test_an_edit_through_its_page_counts_as_changed_since(
    client, our_plan: Plan, cast: Cast, today: date
) -> None:
    upload = applied(client, our_plan, "JFP-001,,2030/31,,,,,,")
    promise = our_plan.commitments.get()
    with pghistory.context():
        change_commitment(
            by=cast.lead,
            commitment=promise,
            base_version=promise.version,
            changes={"title": "Edited"},
            today=TODAY,
        )
    shown = page(client, "upload_undo", upload)
    assert "Changed by Lena Lead" in shown
