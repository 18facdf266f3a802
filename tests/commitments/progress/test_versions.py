"""Sending back, correcting and withdrawing updates: words stay, the next version counts."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from commitments.models import ProgressUpdate, Review
from commitments.progress.actions import (
    freeze,
    post_update,
    return_update,
    withdraw_update,
)
from organisations.models import Role, Succession
from tests import factories as make
from tests.commitments.progress.conftest import SAID
from tests.conftest import TODAY, day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ADDRESS = "/commitments/JFP/JFP-001/update/"


@pytest.fixture
def say(promise, cast, bodies):
    """Say something as our trust."""

    def post(by=None, today=TODAY, **said):
        return post_update(
            by=by or cast.trust,
            commitment=promise,
            organisation=bodies.trust,
            today=today,
            **(SAID | said),
        )

    return post


def back(update, by, reason="Which wards?"):
    return return_update(by=by, update=update, reason=reason, today=TODAY)


# --- sent back ------------------------------------------------------------------------------------
def test_an_update_sent_back_counts_no_more_and_its_next_version_does(
    promise, cast, bodies, round_, say
):
    first = say()
    back(first, cast.lead)
    promise.standing.refresh_from_db()
    assert promise.standing.latest_update is None
    second = say(narrative="All nine wards.")
    first.refresh_from_db()
    assert (first.state, second.state) == ("replaced", "submitted")
    assert (second.number, second.replaces) == (2, first)
    assert first.narrative == "All wards have signed."
    assert first.settled_reason == "Which wards?"


def test_it_goes_back_with_a_reason_only(cast, say):
    update = say()
    with pytest.raises(ValidationError, match="Say what has to change"):
        back(update, cast.lead, " ")
    update.refresh_from_db()
    assert update.state == "submitted"


@pytest.mark.parametrize("name", ["trust", "council", "other_lead", "viewer", "council_reviewer"])
def test_who_does_not_edit_the_commitment_sends_nothing_back(cast, say, name):
    update = say()
    with pytest.raises(PermissionDenied):
        back(update, getattr(cast, name))


def test_nobody_sends_back_what_they_wrote(promise, cast, bodies):
    update = post_update(
        by=cast.lead, commitment=promise, organisation=bodies.board, today=TODAY, **SAID
    )
    with pytest.raises(PermissionDenied):
        back(update, cast.lead)


def test_what_came_back_stands_above_the_form(promise, cast, say, sign_in):
    back(say(), cast.lead, "Which wards? Name them.")
    page = sign_in(cast.trust).get(ADDRESS).content.decode()
    assert "Lena Lead sent your update of 19 November 2026 back" in page
    assert "Which wards? Name them." in page
    # The next version begins with the words of the last.
    assert "All wards have signed.</textarea>" in page


def test_why_it_went_back_is_not_told_to_everybody(promise, cast, say, sign_in):
    back(say(), cast.lead, "Which wards? Name them.")
    for who in (cast.viewer, cast.council_reviewer):
        for address in ("/", "/commitments/JFP/JFP-001/", "/commitments/JFP/JFP-001/history/"):
            assert "Name them." not in sign_in(who).get(address).content.decode()


def test_whoever_took_over_takes_back_what_the_closed_body_said(cast, bodies, say):
    update = say()
    heir = make.organisation("Leeds and York Community NHS Trust")
    person = make.person("Harriet Heir", (Role.CONTRIBUTOR, heir))
    with pytest.raises(PermissionDenied):
        withdraw_update(by=person, update=update, today=TODAY)
    Succession.objects.create(
        predecessor=bodies.trust, successor=heir, kind=Succession.Kind.MERGER, on=TODAY
    )
    someone = make.person("Hilda Heir", (Role.CONTRIBUTOR, heir))
    assert withdraw_update(by=someone, update=update, today=TODAY).state == "withdrawn"


def test_it_is_sent_back_on_its_page(promise, cast, say, sign_in):
    update = say()
    client = sign_in(cast.lead)
    address = f"/commitments/JFP/JFP-001/updates/{update.pk}/"
    assert "Send back" in client.get(address).content.decode()
    refused = client.post(f"{address}return/", {"reason": ""})
    assert refused.status_code == 200 and "What has to change" in refused.content.decode()
    assert client.post(f"{address}return/", {"reason": "Which?"}).status_code == 302
    again = client.post(f"{address}return/", {"reason": "Which?"}).content.decode()
    assert "This update is now: returned. Nothing was done." in again


def test_a_returned_update_is_between_reporter_and_editor(promise, cast, say, sign_in):
    update = say()
    back(update, cast.lead)
    address = f"/commitments/JFP/JFP-001/updates/{update.pk}/"
    for name, status in (("trust", 200), ("lead", 200), ("council", 404), ("viewer", 404)):
        assert sign_in(getattr(cast, name)).get(address).status_code == status, name


def test_a_returned_update_is_replaced_once(promise, cast, bodies, sign_in, say):
    """Two colleagues have the same returned update before them; the slower one is told."""
    colleague = make.person("Tess Trust", ("contributor", bodies.trust))
    update = say()
    back(update, cast.lead)
    say(narrative="Nine wards.", seen=update.pk)
    with pytest.raises(ValidationError, match="Tariq Trust reported on this for Leeds"):
        say(by=colleague, narrative="Ten wards.", seen=update.pk)
    assert promise.updates.standing().get().narrative == "Nine wards."


def test_the_slower_colleague_may_replace_what_they_have_read(
    promise, cast, bodies, sign_in, say, round_
):
    colleague = make.person("Tess Trust", ("contributor", bodies.trust))
    client = sign_in(colleague)
    page = client.get(ADDRESS)
    boxes = SAID | {"narrative": "Ten wards.", "seen": page.context["form"]["seen"].value()}
    say(narrative="Nine wards.")
    refused = client.post(ADDRESS, boxes)
    assert "Tariq Trust reported on this" in refused.content.decode()
    assert "Ten wards." in refused.content.decode()
    boxes["seen"] = refused.context["form"]["seen"].value()
    assert client.post(ADDRESS, boxes).status_code == 302
    newest = promise.updates.standing().get()
    assert (newest.narrative, newest.number) == ("Ten wards.", 2)


# --- corrected ------------------------------------------------------------------------------------
def test_a_correction_in_the_round_replaces_and_never_overwrites(promise, round_, say):
    first = say()
    second = say(narrative="Eight wards, not all.")
    first.refresh_from_db()
    assert (first.state, first.narrative) == ("replaced", "All wards have signed.")
    assert (second.replaces, second.number, second.is_late) == (first, 2, False)
    assert promise.updates.standing().get() == second


def test_the_next_round_has_an_update_of_its_own(promise, plan, say):
    make.round_(plan, day(-40), day(-20), answers_due_on=day(-15))
    old = make.round_(plan, day(-5), day(-3), answers_due_on=day(-2))
    first = say(today=day(-4))
    ProgressUpdate.objects.filter(pk=first.pk).update(submitted_at=f"{day(-4)}T10:00Z")
    make.round_(plan, day(0), day(9))
    second = say()
    first.refresh_from_db()
    assert (first.round, first.state) == (old, "submitted")
    assert second.replaces is None


def test_what_was_said_cannot_be_changed_in_place(say):
    update = say()
    update.narrative = "Something else"
    with pytest.raises(Exception, match="update_said_is_said"):
        update.save()


def test_a_double_click_stands_once(promise, say, round_):
    assert say() == say()
    assert promise.updates.count() == 1


# --- withdrawn ------------------------------------------------------------------------------------
def test_a_withdrawn_update_leaves_the_rating(promise, cast, say):
    withdraw_update(by=cast.trust, update=say(), today=TODAY)
    promise.standing.refresh_from_db()
    assert promise.standing.declared_rating == ""


def test_another_organisation_withdraws_nothing(cast, say):
    update = say()
    for person in (cast.council, cast.lead, cast.viewer):
        with pytest.raises(PermissionDenied):
            withdraw_update(by=person, update=update, today=TODAY)


def test_nothing_is_withdrawn_once_it_was_answered(cast, bodies, say):
    update = say()
    Review.objects.filter(update=update, organisation=bodies.council).update(
        state="agreed", answered_by=cast.council_reviewer, answered_at=update.submitted_at
    )
    with pytest.raises(ValidationError, match="Leeds City Council has answered this update"):
        withdraw_update(by=cast.trust, update=update, today=TODAY)
    update.refresh_from_db()
    assert update.state == "submitted"


def test_partners_are_not_asked_about_what_was_withdrawn(cast, say):
    update = say()
    assert Review.objects.awaited().filter(update=update).exists()
    withdraw_update(by=cast.trust, update=update, today=TODAY)
    assert not Review.objects.awaited().filter(update=update).exists()


def test_a_frozen_round_keeps_its_updates(cast, say, round_):
    update = say()
    freeze(round=round_, today=TODAY)
    with pytest.raises(ValidationError, match="its record is kept as it stood"):
        withdraw_update(by=cast.trust, update=update, today=TODAY)
    with pytest.raises(ValidationError, match="its record is kept"):
        back(update, cast.lead)


# --- late -----------------------------------------------------------------------------------------
def test_what_comes_after_the_close_is_taken_and_marked_late(plan, promise, say, cast, sign_in):
    round_ = make.round_(plan, day(-20), day(-2), name="Round 2")
    page = sign_in(cast.trust).get(ADDRESS).content.decode()
    assert "“Round 2” closed on Tuesday 17 November 2026" in page
    assert "will be marked late" in page
    update = say()
    assert (update.round, update.is_late) == (round_, True)


def test_a_correction_of_what_was_in_time_is_in_time(plan, promise, say):
    make.round_(plan, day(-20), day(-2))
    first = say(today=day(-3))
    second = say(narrative="Eight wards.")
    assert (first.is_late, second.is_late, second.replaces) == (False, False, first)


def test_a_frozen_round_takes_nothing_more(plan, promise, say):
    freeze(round=make.round_(plan, day(-20), day(-2)), today=TODAY)
    assert say().round is None


# --- nothing has changed --------------------------------------------------------------------------
def test_nothing_has_changed_says_so_by_name(promise, cast, say, plan, sign_in):
    make.round_(plan, day(-20), day(-10), answers_due_on=day(-5))
    first = say(today=day(-12))
    ProgressUpdate.objects.filter(pk=first.pk).update(submitted_at=f"{day(-12)}T10:00Z")
    make.round_(plan, day(-1), day(9))
    client = sign_in(cast.trust)
    assert "Nothing has changed since 7 November 2026" in client.get(ADDRESS).content.decode()
    boxes = {"is_unchanged": "on", "seen": first.pk}
    assert client.post(ADDRESS, boxes).status_code == 302
    second = promise.updates.first()
    assert second.is_unchanged and second.narrative == first.narrative
    assert "“Nothing has changed”, says Tariq Trust." in (
        client.get("/commitments/JFP/JFP-001/").content.decode()
    )


def test_evidence_that_has_moved_asks_for_a_reason(promise, cast, say, sign_in):
    first = say(today=day(-12))
    ProgressUpdate.objects.filter(pk=first.pk).update(submitted_at=f"{day(-12)}T10:00Z")
    make.milestone(promise, "Agree", day(-3))
    client = sign_in(cast.trust)
    boxes = {"is_unchanged": "on", "seen": first.pk}
    refused = client.post(ADDRESS, boxes)
    assert "You say green; the evidence shows amber" in refused.content.decode()
    assert client.post(ADDRESS, boxes | {"difference_reason": "Minutes late"}).status_code == 302


def test_nothing_has_changed_and_a_moved_milestone_do_not_go_together(promise, cast, say, sign_in):
    first = say()
    step = make.milestone(promise, "Agree", day(20))
    boxes = {
        "is_unchanged": "on",
        "seen": first.pk,
        f"m{step.pk}_version": step.version,
        f"m{step.pk}_state": "not_started",
        f"m{step.pk}_forecast": "May 2027",
    }
    refused = sign_in(cast.trust).post(ADDRESS, boxes)
    assert "so something has changed" in refused.content.decode()
    assert promise.updates.count() == 1


def test_nothing_can_be_unchanged_before_the_first_update(promise, cast, bodies, sign_in):
    assert "Nothing has changed since" not in sign_in(cast.trust).get(ADDRESS).content.decode()
    with pytest.raises(ValidationError, match="has not reported on this before"):
        post_update(
            by=cast.trust,
            commitment=promise,
            organisation=bodies.trust,
            is_unchanged=True,
            today=TODAY,
        )
