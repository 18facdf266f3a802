"""Whose answer it is, what it needs, and what happens when two give it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from commitments.models import Dispute, Party, ProgressUpdate, Review, Snapshot
from commitments.review.actions import (
    AnsweredMeanwhile,
    agree_to_plain,
    answer,
    ask,
    mark_silence,
    refresh,
)
from organisations.kinds import Kind
from organisations.models import Role, Succession
from tests import factories

NO = {"answer": "disagree", "reason": "Not consulted", "would_change": "A meeting"}


def review_of(update: ProgressUpdate, body) -> Review:
    return update.reviews.get(organisation=body)


def say(update, body, person, today, **said) -> Review:
    row = review_of(update, body)
    said.setdefault("answer", "agree")
    said.setdefault("base_version", row.version)
    return answer(by=person, review=row, today=today, **said)


def joint_state(update: ProgressUpdate) -> str:
    update.refresh_from_db()
    return update.joint_state


# --- whose answer it is ---------------------------------------------------------------------------
def test_a_reviewer_answers_for_their_own_organisation(submitted, bodies, cast, today):
    row = say(submitted, bodies.council, cast.council_reviewer, today)
    assert (row.state, row.answered_by, row.is_late) == ("agreed", cast.council_reviewer, False)
    assert joint_state(submitted) == "awaited"


@pytest.mark.parametrize(
    "who",
    ["lead", "council", "lga", "administrator", "national", "platform", "nobody", "other_lead"],
)
def test_nobody_else_answers_for_a_council(submitted, bodies, cast, today, who):
    with pytest.raises((PermissionDenied, ValidationError)):
        say(submitted, bodies.council, getattr(cast, who), today)
    assert review_of(submitted, bodies.council).state == "awaited"


def test_nobody_reviews_what_they_submitted_themselves(joint, bodies, today):
    both = factories.person(
        "Bo Both", (Role.CONTRIBUTOR, bodies.board), (Role.REVIEWER, bodies.council)
    )
    update = factories.update(joint, both, bodies.board)
    ask(update=update, by=both, today=today)
    with pytest.raises(ValidationError, match="You submitted this update"):
        say(update, bodies.council, both, today)


def test_everybody_who_agrees_makes_it_agreed(submitted, bodies, cast, today):
    trust_reviewer = factories.person("Tess Trust", (Role.REVIEWER, bodies.trust))
    say(submitted, bodies.council, cast.council_reviewer, today)
    say(submitted, bodies.trust, trust_reviewer, today, answer="comment", comment="Good work")
    assert joint_state(submitted) == "awaited"
    say(submitted, bodies.lga, cast.lga, today)
    assert joint_state(submitted) == "agreed"


# --- what it needs --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"answer": "comment"}, {"comment"}),
        ({"answer": "disagree"}, {"reason", "would_change"}),
        ({"answer": "disagree", "reason": "No"}, {"would_change"}),
        ({"answer": "perhaps"}, {"answer"}),
    ],
)
def test_an_answer_says_what_it_needs(submitted, bodies, cast, today, said, missing):
    with pytest.raises(ValidationError) as refused:
        say(submitted, bodies.council, cast.council_reviewer, today, **said)
    assert set(refused.value.message_dict) == missing


def test_words_of_another_answer_are_not_kept(submitted, bodies, cast, today):
    row = say(submitted, bodies.council, cast.council_reviewer, today, reason="x", comment="y")
    assert (row.reason, row.comment) == ("", "")


def test_an_answer_may_be_changed_and_the_history_keeps_each(submitted, bodies, cast, today):
    say(submitted, bodies.council, cast.council_reviewer, today)
    row = say(
        submitted, bodies.council, cast.council_reviewer, today, answer="comment", comment="But"
    )
    kept = Review.pgh_event_model.objects.filter(pgh_obj=row.pk).values_list("state", flat=True)
    assert list(kept.order_by("pgh_id")) == ["awaited", "agreed", "commented"]


def test_the_same_answer_again_changes_nothing(submitted, bodies, cast, today):
    first = say(submitted, bodies.council, cast.council_reviewer, today)
    again = say(submitted, bodies.council, cast.council_reviewer, today, base_version=1)
    assert again.version == first.version


# --- time -----------------------------------------------------------------------------------------
def test_an_answer_after_silence_is_taken_and_marked_late(submitted, bodies, cast):
    later = date(2026, 12, 7)
    mark_silence(today=later)
    row = say(submitted, bodies.council, cast.council_reviewer, later)
    assert (row.state, row.is_late) == ("agreed", True)


def test_a_given_answer_stays_once_the_round_is_frozen(joint, bodies, cast, today):
    a_round = factories.round_(joint.plan, date(2026, 11, 2), date(2026, 11, 27))
    update = factories.update(joint, cast.lead, bodies.board, round=a_round)
    ask(update=update, by=cast.lead, today=today)
    say(update, bodies.council, cast.council_reviewer, today)
    Snapshot.objects.create(round=a_round)
    with pytest.raises(ValidationError, match="The round is closed"):
        say(update, bodies.council, cast.council_reviewer, today, **NO)
    late = date(2026, 12, 14)
    assert say(update, bodies.lga, cast.lga, late).is_late  # one that never came may still be given


def test_an_update_that_was_sent_back_cannot_be_answered(submitted, bodies, cast, today):
    ProgressUpdate.objects.filter(pk=submitted.pk).update(state="withdrawn")
    with pytest.raises(ValidationError, match="nothing to answer"):
        say(submitted, bodies.council, cast.council_reviewer, today)


def test_a_partner_that_was_removed_is_told_why_it_is_not_asked(submitted, bodies, cast, today):
    Party.objects.filter(commitment=submitted.commitment, organisation=bodies.council).delete()
    Party.objects.create(
        commitment=submitted.commitment,
        role="partner",
        name="York",
        organisation=bodies.other_council,
    )
    refresh(commitment=submitted.commitment, by=None, today=today)
    with pytest.raises(ValidationError, match="is a partner no longer"):
        say(submitted, bodies.council, cast.council_reviewer, today)


# --- two at once ----------------------------------------------------------------------------------
def test_the_second_of_two_reviewers_sees_the_first_answer(
    submitted, bodies, cast, today, second_reviewer
):
    before = review_of(submitted, bodies.council).version
    first = say(submitted, bodies.council, cast.council_reviewer, today)
    with pytest.raises(AnsweredMeanwhile) as refused:
        say(submitted, bodies.council, second_reviewer, today, base_version=before, **NO)
    assert refused.value.review.answered_by == cast.council_reviewer
    changed = say(
        submitted, bodies.council, second_reviewer, today, base_version=first.version, **NO
    )
    assert (changed.state, changed.answered_by) == ("disagreed", second_reviewer)


def test_silence_noted_meanwhile_is_nobody_elses_answer(submitted, bodies, cast):
    before = review_of(submitted, bodies.council).version
    mark_silence(today=date(2026, 12, 7))
    row = say(
        submitted, bodies.council, cast.council_reviewer, date(2026, 12, 7), base_version=before
    )
    assert row.state == "agreed"


# --- organisations that change --------------------------------------------------------------------
def test_after_a_rename_the_answer_is_the_successors(submitted, bodies, cast):
    heir = factories.organisation("Leeds Combined Council", Kind.UNITARY)
    on = date(2026, 11, 23)
    Succession.objects.create(predecessor=bodies.council, successor=heir, on=on, kind="rename")
    bodies.council.closed = on - timedelta(days=1)
    bodies.council.save()
    row = say(submitted, bodies.council, cast.council_reviewer, on)
    assert (row.organisation, row.state) == (heir, "agreed")
    assert review_of(submitted, bodies.council).state == "dropped"


def test_a_partner_that_became_the_lead_has_nothing_to_answer(submitted, bodies, cast):
    on = date(2026, 11, 23)
    Succession.objects.create(
        predecessor=bodies.council, successor=bodies.board, on=on, kind="merger"
    )
    bodies.council.closed = on - timedelta(days=1)
    bodies.council.save()
    with pytest.raises(ValidationError, match="are one body now"):
        say(submitted, bodies.council, cast.council_reviewer, on)


# --- disagreement opens a dispute -----------------------------------------------------------------
def test_a_disagreement_opens_one_dispute(submitted, bodies, cast, today):
    say(submitted, bodies.council, cast.council_reviewer, today, **NO)
    say(submitted, bodies.lga, cast.lga, today, **NO)
    assert Dispute.objects.open().filter(commitment=submitted.commitment).count() == 1
    assert joint_state(submitted) == "disputed"


def test_the_last_disagreement_to_go_settles_it(submitted, bodies, cast, today):
    say(submitted, bodies.council, cast.council_reviewer, today, **NO)
    say(submitted, bodies.lga, cast.lga, today, **NO)
    say(submitted, bodies.council, cast.council_reviewer, today)
    assert Dispute.objects.open().exists()
    say(submitted, bodies.lga, cast.lga, today)
    assert Dispute.objects.get().end == Dispute.End.DROPPED
    assert joint_state(submitted) == "awaited"  # the trust's


# --- many at once ---------------------------------------------------------------------------------
@pytest.fixture
def plain_one(joint, bodies, cast, today):
    """An update of which two said the same, green on both ratings."""
    earlier = factories.update(joint, cast.lead, bodies.board)
    ProgressUpdate.objects.filter(pk=earlier.pk).update(
        submitted_at=earlier.submitted_at - timedelta(days=30)
    )
    factories.milestone(joint, baseline=date(2027, 6, 1), forecast=date(2027, 6, 1))
    update = factories.update(joint, cast.lead, bodies.board, is_unchanged=True)
    ask(update=update, by=cast.lead, today=today)
    return update


def test_unchanged_and_green_ones_are_agreed_to_at_once(plain_one, bodies, cast, today):
    row = review_of(plain_one, bodies.lga)
    done = agree_to_plain(by=cast.lga, versions={row.pk: row.version}, comment="Fine", today=today)
    assert done == (1, 0)
    assert review_of(plain_one, bodies.lga).comment == "Fine"


def test_one_that_changed_since_the_list_was_read_is_left_out(plain_one, bodies, cast, today):
    row = review_of(plain_one, bodies.lga)
    factories.milestone(plain_one.commitment, baseline=date(2026, 11, 1))  # late: amber
    done = agree_to_plain(by=cast.lga, versions={row.pk: row.version}, today=today)
    assert done == (0, 1)
    assert review_of(plain_one, bodies.lga).state == "awaited"


def test_changed_ones_cannot_be_agreed_to_at_once(submitted, bodies, cast, today):
    row = review_of(submitted, bodies.lga)
    assert agree_to_plain(by=cast.lga, versions={row.pk: row.version}, today=today) == (0, 1)


def test_nobody_agrees_at_once_for_another_organisation(plain_one, bodies, cast, today):
    row = review_of(plain_one, bodies.council)
    assert agree_to_plain(by=cast.lga, versions={row.pk: row.version}, today=today) == (0, 1)
