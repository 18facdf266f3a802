"""Who is asked about an update, until when, and what changes that."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from commitments.models import Dispute, Party, ProgressUpdate, Review, Snapshot, Standing
from commitments.register.actions import PartyDraft, change_commitment
from commitments.register.actions.assigning import assign_parties
from commitments.review.actions import ask, forget, mark_silence, refresh, reschedule
from organisations.kinds import Kind
from organisations.models import Succession
from tests import factories

State = Review.State


def states(update: ProgressUpdate) -> dict[str, str]:
    return {r.organisation.name: r.state for r in update.reviews.select_related("organisation")}


def joint_state(update: ProgressUpdate) -> str:
    update.refresh_from_db()
    return update.joint_state


def give(update: ProgressUpdate, body, person, state: str) -> Review:
    """An answer as it stands in the database, whoever may give it."""
    review = update.reviews.get(organisation=body)
    review.state, review.answered_by, review.answered_at = state, person, timezone.now()
    review.reason = review.would_change = review.comment = "Because"
    review.save()
    return review


def test_every_other_party_is_asked_and_the_association_for_the_sector(submitted, bodies, joint):
    asked = set(submitted.reviews.values_list("organisation__name", "for_sector"))
    assert asked == {
        (bodies.council.name, False),
        (bodies.trust.name, False),
        (bodies.lga.name, True),
    }
    assert joint_state(submitted) == "awaited"
    assert Standing.objects.get(commitment=joint).joint_state == "awaited"


def test_asking_twice_asks_once(submitted, cast, today):
    assert ask(update=submitted, by=cast.lead, today=today) == []
    assert submitted.reviews.count() == 3


def test_nobody_is_asked_about_a_commitment_of_one_side(bodies, cast, today):
    alone = factories.commitment(factories.plan(), bodies.board, bodies.trust)
    update = factories.update(alone, cast.lead, bodies.board)
    assert ask(update=update, by=cast.lead, today=today) == []
    assert joint_state(update) == ""


def test_a_class_of_bodies_cannot_be_asked(bodies, cast, today):
    joint = factories.commitment(factories.plan(), bodies.board, "Councils")
    joint.parties.filter(name="Councils").update(side="local_government")
    update = factories.update(joint, cast.lead, bodies.board)
    ask(update=update, by=cast.lead, today=today)
    assert states(update) == {bodies.lga.name: State.AWAITED}


def test_the_lead_is_asked_about_what_a_partner_reports(joint, cast, bodies, today):
    update = factories.update(joint, cast.council, bodies.council)
    ask(update=update, by=cast.council, today=today)
    assert set(states(update)) == {bodies.board.name, bodies.trust.name, bodies.lga.name}


@pytest.mark.parametrize(
    ("reported_on", "due_on"),
    [
        (date(2026, 11, 19), date(2026, 12, 4)),  # in the round: its own day for answers
        (date(2026, 12, 1), date(2026, 12, 8)),  # late: five working days of one's own
    ],
)
def test_answers_are_due_with_the_round(joint, cast, bodies, reported_on, due_on):
    a_round = factories.round_(joint.plan, date(2026, 11, 2), date(2026, 11, 27))
    assert a_round.answers_due_on == date(2026, 12, 4)
    update = factories.update(joint, cast.lead, bodies.board, round=a_round)
    ask(update=update, by=cast.lead, today=reported_on)
    assert set(update.reviews.values_list("due_on", flat=True)) == {due_on}


def test_without_a_round_answers_are_due_in_ten_working_days(submitted):
    assert set(submitted.reviews.values_list("due_on", flat=True)) == {date(2026, 12, 3)}


def test_an_extended_round_gives_more_time_for_answers_still_awaited(joint, cast, bodies, today):
    a_round = factories.round_(joint.plan, date(2026, 11, 2), date(2026, 11, 27))
    update = factories.update(joint, cast.lead, bodies.board, round=a_round)
    ask(update=update, by=cast.lead, today=today)
    give(update, bodies.council, cast.council_reviewer, State.AGREED)
    a_round.answers_due_on = date(2026, 12, 11)
    a_round.save()
    assert reschedule(round=a_round, by=cast.lead, today=today) == 2
    assert reschedule(round=a_round, by=cast.lead, today=today) == 0
    assert update.reviews.get(organisation=bodies.council).due_on == date(2026, 12, 4)


def test_silence_is_no_answer_and_never_agreement(submitted, bodies, cast):
    give(submitted, bodies.council, cast.council_reviewer, State.AGREED)
    last_day = date(2026, 12, 3)
    assert mark_silence(today=last_day) == 0
    assert mark_silence(today=last_day + timedelta(days=1)) == 2
    assert states(submitted)[bodies.lga.name] == State.NO_ANSWER
    assert joint_state(submitted) == "no_answer"
    assert mark_silence(today=last_day + timedelta(days=2)) == 0


def test_an_update_that_was_sent_back_is_asked_about_no_longer(submitted, bodies, cast, today):
    give(submitted, bodies.council, cast.council_reviewer, State.AGREED)
    ProgressUpdate.objects.filter(pk=submitted.pk).update(
        state="returned", settled_by=cast.lead, settled_at=timezone.now(), settled_reason="Thin"
    )
    assert forget(update=submitted, reason="It was sent back.", by=cast.lead, today=today) == 2
    assert states(submitted)[bodies.council.name] == State.AGREED
    assert states(submitted)[bodies.trust.name] == State.DROPPED
    assert joint_state(submitted) == ""


def test_a_newer_update_in_the_same_round_is_asked_about_instead(submitted, bodies, cast, today):
    newer = factories.update(submitted.commitment, cast.lead, bodies.board)
    ask(update=newer, by=cast.lead, today=today)
    assert set(states(submitted).values()) == {State.DROPPED}
    assert set(states(newer).values()) == {State.AWAITED}


def dispute(update: ProgressUpdate, body, person) -> Dispute:
    give(update, body, person, State.DISAGREED)
    return Dispute.objects.create(commitment=update.commitment, update=update)


def test_a_revised_update_ends_the_dispute(submitted, bodies, cast, today):
    opened = dispute(submitted, bodies.council, cast.council_reviewer)
    revised = factories.update(submitted.commitment, cast.lead, bodies.board)
    ask(update=revised, by=cast.lead, today=today)
    opened.refresh_from_db()
    assert (opened.end, opened.ended_by) == (Dispute.End.REVISED, cast.lead)
    assert joint_state(revised) == "awaited"


def test_what_another_organisation_reports_does_not_end_a_dispute(submitted, bodies, cast, today):
    opened = dispute(submitted, bodies.council, cast.council_reviewer)
    theirs = factories.update(submitted.commitment, cast.council, bodies.council)
    ask(update=theirs, by=cast.council, today=today)
    opened.refresh_from_db()
    assert opened.end == Dispute.End.OPEN
    assert joint_state(theirs) == "disputed"


def test_a_withdrawn_update_takes_its_dispute_with_it(submitted, bodies, cast, today):
    opened = dispute(submitted, bodies.council, cast.council_reviewer)
    ProgressUpdate.objects.filter(pk=submitted.pk).update(state="withdrawn")
    forget(update=submitted, reason="Wrong commitment.", by=cast.lead, today=today)
    opened.refresh_from_db()
    assert (opened.end, opened.note) == (Dispute.End.WITHDRAWN, "Wrong commitment.")


# --- the parties change while answers are awaited -------------------------------------------------
def test_a_partner_that_is_removed_is_asked_no_longer_with_the_reason(submitted, bodies, today):
    Party.objects.filter(commitment=submitted.commitment, organisation=bodies.trust).delete()
    refresh(commitment=submitted.commitment, by=None, today=today)
    review = submitted.reviews.get(organisation=bodies.trust)
    assert review.state == State.DROPPED
    assert review.dropped_reason == f"{bodies.trust} is a partner no longer."
    Party.objects.create(
        commitment=submitted.commitment, role="partner", name="x", organisation=bodies.trust
    )
    refresh(commitment=submitted.commitment, by=None, today=today)
    assert states(submitted)[bodies.trust.name] == State.AWAITED


def test_a_new_partner_is_asked_in_its_turn(submitted, bodies, today):
    Party.objects.create(
        commitment=submitted.commitment,
        role="partner",
        name="York",
        organisation=bodies.other_council,
    )
    refresh(commitment=submitted.commitment, by=None, today=today)
    assert states(submitted)[bodies.other_council.name] == State.AWAITED


def test_what_a_partner_said_before_it_was_removed_stays_said(submitted, bodies, cast, today):
    dispute(submitted, bodies.council, cast.council_reviewer)
    Party.objects.filter(commitment=submitted.commitment, organisation=bodies.council).delete()
    refresh(commitment=submitted.commitment, by=None, today=today)
    assert states(submitted)[bodies.council.name] == State.DISAGREED
    assert joint_state(submitted) == "disputed"


def test_a_commitment_that_is_joint_no_longer_asks_nobody(submitted, bodies, today):
    Party.objects.filter(commitment=submitted.commitment, organisation=bodies.council).delete()
    refresh(commitment=submitted.commitment, by=None, today=today)
    assert set(states(submitted).values()) == {State.DROPPED}
    review = submitted.reviews.get(organisation=bodies.lga)
    assert review.dropped_reason == "The commitment is joint no longer."
    assert joint_state(submitted) == ""


def close_into(old, new, on: date, kind: str = "merger") -> None:
    Succession.objects.create(predecessor=old, successor=new, on=on, kind=kind)
    old.closed = on - timedelta(days=1)
    old.save()


def test_a_partner_that_merges_with_the_lead_is_asked_no_longer(submitted, bodies, today):
    close_into(bodies.trust, bodies.board, date(2026, 11, 23))
    mark_silence(today=date(2026, 11, 23))
    review = submitted.reviews.get(organisation=bodies.trust)
    assert review.state == State.DROPPED
    assert "are one body now" in review.dropped_reason


def test_a_lead_that_merges_into_a_partner_does_not_ask_itself(submitted, bodies, today):
    close_into(bodies.board, bodies.trust, date(2026, 11, 23))
    mark_silence(today=date(2026, 11, 23))
    assert states(submitted)[bodies.trust.name] == State.DROPPED
    assert states(submitted)[bodies.council.name] == State.AWAITED


def test_whoever_takes_over_from_a_partner_is_asked_in_its_place(submitted, bodies, today):
    heir = factories.organisation("Leeds Combined Council", Kind.UNITARY)
    close_into(bodies.council, heir, date(2026, 11, 23), "rename")
    mark_silence(today=date(2026, 11, 23))
    found = states(submitted)
    assert (found[bodies.council.name], found[heir.name]) == (State.DROPPED, State.AWAITED)


def test_a_partner_that_answered_and_was_renamed_is_not_asked_again(submitted, bodies, cast, today):
    give(submitted, bodies.council, cast.council_reviewer, State.AGREED)
    heir = factories.organisation("Leeds Combined Council", Kind.UNITARY)
    close_into(bodies.council, heir, date(2026, 11, 23), "rename")
    refresh(commitment=submitted.commitment, by=None, today=date(2026, 11, 23))
    assert heir.name not in states(submitted)


def test_a_frozen_round_stays_as_it_was(joint, bodies, cast, today):
    a_round = factories.round_(joint.plan, date(2026, 11, 2), date(2026, 11, 27))
    update = factories.update(joint, cast.lead, bodies.board, round=a_round)
    ask(update=update, by=cast.lead, today=today)
    Snapshot.objects.create(round=a_round)
    Party.objects.filter(commitment=joint, organisation=bodies.trust).delete()
    refresh(commitment=joint, by=None, today=today)
    assert states(update)[bodies.trust.name] == State.AWAITED


def test_saving_other_partners_asks_them(submitted, bodies, cast, today):
    row = submitted.commitment
    row.plan.owner = bodies.board
    row.plan.save()
    row.refresh_from_db()
    kept, new = (
        PartyDraft("partner", str(body), body) for body in (bodies.council, bodies.other_council)
    )
    change_commitment(
        by=cast.lead,
        commitment=row,
        base_version=row.version,
        changes={"partners": [kept, new]},
        today=today,
    )
    found = states(submitted)
    assert found[bodies.other_council.name] == State.AWAITED
    assert found[bodies.trust.name] == State.DROPPED


def test_what_waits_after_a_split_is_asked_once_it_is_assigned(submitted, bodies, cast, today):
    parts = [factories.organisation(f"Leeds {n}", Kind.UNITARY) for n in ("North", "South")]
    for part in parts:
        close_into(bodies.council, part, date(2026, 11, 19), "split")
    mark_silence(today=today)
    review = submitted.reviews.get(organisation=bodies.council)
    assert review.dropped_reason == f"{bodies.council} has closed, and nobody answers for it yet."
    party = submitted.commitment.parties.get(organisation=bodies.council)
    assign_parties(
        by=cast.platform, body=bodies.council, parties=[party.pk], to=parts[0], today=today
    )
    assert states(submitted)[parts[0].name] == State.AWAITED
    assert parts[1].name not in states(submitted)
