"""A promise moves only when somebody else agrees, and what it was first stays on record."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from commitments.changing import actions
from commitments.changing.queries import Promise, deciders
from commitments.models import BaselineChange, Commitment, Milestone
from commitments.register.actions import CommitmentDraft, MilestoneDraft, save_commitments
from organisations.models import Role
from tests import factories as make
from tests.conftest import TODAY


def test_nothing_moves_until_another_programme_lead_approves(step, ask, decide, second):
    change = ask(step)
    step.milestone.refresh_from_db()
    assert step.milestone.baseline_date == date(2027, 9, 30)

    decide(change, second)

    step.milestone.refresh_from_db()
    assert step.milestone.baseline_date == date(2027, 12, 31)
    assert step.milestone.first_baseline_date == date(2027, 9, 30)
    assert (step.milestone.moves, step.milestone.moved_days) == (1, 92)
    change.refresh_from_db()
    assert (change.state, change.decided_by, change.days) == ("approved", second, 92)


def test_the_commitments_own_date_moves_the_same_way(passport, ask, decide, second):
    decide(ask(Promise(passport), "2028/29"), second)
    passport.refresh_from_db()
    assert (passport.target_text, passport.moves) == ("2028/29", 1)
    assert passport.first_target_date == date(2028, 3, 31)


def test_a_target_moves_and_the_commitments_version_counts_it(passport, ask, decide, second):
    measure = passport.measures.get()
    version = passport.version
    change = ask(Promise(passport, measure=measure), low=Decimal(80), high=None)
    assert (change.was_words, change.to_words) == ("100 people", "80 people")
    decide(change, second)
    measure.refresh_from_db()
    passport.refresh_from_db()
    assert (measure.target_low, measure.target_high, measure.moves) == (80, 80, 1)
    assert (measure.first_target_low, measure.first_target_high) == (100, 100)
    assert passport.version > version


def test_moving_the_upper_end_of_a_range_alone_is_counted(passport, ask, decide, second):
    measure = make.measure(passport, 5, name="Vacancy", target_high=10, direction="within")
    decide(ask(Promise(passport, measure=measure), low=Decimal(5), high=Decimal(12)), second)
    measure.refresh_from_db()
    assert (measure.moves, measure.first_target_high) == (1, 10)


def test_who_asked_cannot_approve_and_the_database_would_not_let_them(step, ask, decide, cast):
    change = ask(step)
    with pytest.raises(ValidationError, match="somebody else has to decide"):
        decide(change, cast.lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        BaselineChange.objects.filter(pk=change.pk).update(
            state="approved", decided_by=cast.lead, decided_at="2026-11-19T10:00Z"
        )


@pytest.mark.parametrize("who", ["trust", "council", "lga", "viewer", "other_lead", "nobody"])
def test_only_who_edits_the_commitment_decides(step, ask, decide, cast, who):
    change = ask(step)
    with pytest.raises(PermissionDenied):
        decide(change, getattr(cast, who))


def test_a_contributor_of_a_party_may_ask_and_a_reader_may_not(step, ask, cast, bodies):
    assert ask(step, by=cast.council).organisation == bodies.council
    for who in (cast.viewer, cast.council_reviewer, cast.nobody):
        with pytest.raises(PermissionDenied):
            ask(step, by=who)


def test_a_refusal_says_why_and_it_can_be_asked_again(step, ask, decide, second):
    change = ask(step)
    with pytest.raises(ValidationError, match="Say why it is refused"):
        decide(change, second, approve=False)
    decide(change, second, approve=False, note="The supplier is not late.")
    step.milestone.refresh_from_db()
    assert (step.milestone.baseline_date, step.milestone.moves) == (date(2027, 9, 30), 0)
    decide(ask(step, "31/10/2027"), second)
    step.milestone.refresh_from_db()
    assert step.milestone.baseline_date == date(2027, 10, 31)


@pytest.mark.parametrize("first", [True, False])
def test_of_two_who_decide_at_once_the_second_is_told(step, ask, decide, cast, second, first):
    change = ask(step)
    decide(change, second, approve=first, note="As said.")
    now = "approved" if first else "refused"
    for approve in (True, False):
        with pytest.raises(ValidationError, match=f"This baseline change is now: {now}"):
            decide(change, cast.platform, approve=approve, note="Again.")
    step.milestone.refresh_from_db()
    assert step.milestone.moves == int(first)


def test_a_date_moved_by_an_import_meanwhile_is_asked_again(step, ask, decide, cast, second):
    change = ask(step)
    draft = MilestoneDraft("Agree it", baseline=make.fuzzy("31/10/2027"))
    save_commitments(
        by=None,
        plan=step.commitment.plan,
        drafts=[CommitmentDraft("PASS-1", {}, milestones=[draft])],
        today=TODAY,
    )
    with pytest.raises(ValidationError, match=r"It was 30 September 2027 .* 31 October 2027 now"):
        decide(change, second)
    again = ask(step, by=cast.council)
    change.refresh_from_db()
    assert (change.state, change.decision_note) == ("withdrawn", actions.OVERTAKEN)
    decide(again, second)
    step.milestone.refresh_from_db()
    assert (step.milestone.moves, step.milestone.first_baseline_date) == (2, date(2027, 9, 30))


@pytest.mark.parametrize("state", ["cancelled", "complete"])
def test_a_milestone_that_ended_meanwhile_no_longer_moves(step, ask, decide, second, state):
    change = ask(step)
    Milestone.objects.filter(pk=step.milestone.pk).update(state=state)
    with pytest.raises(ValidationError, match=f"is {state} now"):
        decide(change, second)
    decide(change, second, approve=False, note="It is over.")
    with pytest.raises(ValidationError, match=f"is {state}"):
        ask(step)


def test_a_withdrawn_commitment_has_no_promise_to_move(step, ask, decide, second):
    change = ask(step)
    Commitment.objects.update(state="withdrawn")
    with pytest.raises(ValidationError, match="withdrawn now"):
        decide(change, second)


def test_one_request_waits_at_a_time_and_the_same_twice_is_one(step, ask, cast):
    change = ask(step)
    assert ask(step) == change
    for fields in ({"to": "31/01/2028"}, {"by": cast.council}):
        with pytest.raises(ValidationError, match="Lena Lead asked to move this to 31 December"):
            ask(step, **fields)


@pytest.mark.parametrize(
    ("to", "words"),
    [("", "Say to which date"), ("30/09/2027", "It is promised for"), ("2020", "has passed")],
)
def test_what_moves_nothing_is_refused_in_words(step, ask, to, words):
    with pytest.raises(ValidationError, match=words):
        ask(step, to)


def test_a_reason_is_needed(step, ask):
    with pytest.raises(ValidationError, match="Say why it has to move"):
        ask(step, reason="  ")


def test_where_nothing_stands_there_is_nothing_to_ask(passport, ask):
    bare = Promise(passport, milestone=make.milestone(passport, "Undated"))
    with pytest.raises(ValidationError, match="No date stands here yet"):
        ask(bare)


def test_only_who_asked_withdraws(step, ask, cast, second):
    change = ask(step)
    with pytest.raises(PermissionDenied):
        actions.withdraw(by=second, change=change, today=TODAY)
    actions.withdraw(by=cast.lead, change=change, today=TODAY)
    with pytest.raises(ValidationError, match="now: withdrawn"):
        actions.withdraw(by=cast.lead, change=change, today=TODAY)


def test_deciders_are_the_other_leads_else_the_plans_keeper(step, ask, second, bodies):
    change = ask(step)
    assert deciders(change, TODAY) == ["Sam Second"]
    second.memberships.all().delete()
    assert deciders(change, TODAY) == []
    make.person("Kay Keeper", (Role.PROGRAMME_LEAD, bodies.trust))
    assert deciders(change, TODAY) == ["Kay Keeper"]


# --- objections -----------------------------------------------------------------------------------
def against(change, by, organisation, reason="We were not asked."):
    return actions.object_to(
        by=by, change=change, organisation=organisation, reason=reason, today=TODAY
    )


def test_a_partner_objects_and_the_approval_then_says_why(step, ask, decide, cast, second, bodies):
    change = ask(step)
    against(change, cast.council, bodies.council)
    with pytest.raises(ValidationError, match=r"Leeds City Council objected\. Say why"):
        decide(change, second)
    decide(change, second, note="No supplier can do it sooner.")
    step.milestone.refresh_from_db()
    assert step.milestone.moves == 1


def test_an_organisation_objects_once_and_while_it_waits(step, ask, decide, cast, second, bodies):
    change = ask(step)
    said = against(change, cast.council, bodies.council)
    assert against(change, cast.council, bodies.council) == said
    with pytest.raises(ValidationError, match="Cora Council objected for Leeds City Council"):
        against(change, cast.council_reviewer, bodies.council)
    decide(change, second, approve=False, note="Not now.")
    make.person("New Councillor", (Role.CONTRIBUTOR, bodies.trust))
    with pytest.raises(ValidationError, match="now: refused"):
        against(change, cast.trust, bodies.trust)


def test_nobody_objects_for_another_body_or_for_the_one_that_asks(step, ask, cast, second, bodies):
    change = ask(step)
    for who, body in (
        (cast.lead, bodies.council),  # the council lies in the board's system, and yet
        (second, bodies.board),
        (cast.lga, bodies.council),
        (cast.trust, bodies.trust),
    ):
        with pytest.raises(PermissionDenied):
            against(change, who, body)


def test_the_association_objects_in_its_own_name(step, ask, decide, cast, second, bodies):
    change = ask(step)
    against(change, cast.lga, bodies.lga)
    with pytest.raises(ValidationError, match=r"Local Government Association objected\. Say why"):
        decide(change, second)
    viewer = make.person("Vic Viewer", (Role.VIEWER, bodies.lga))
    with pytest.raises(PermissionDenied):
        against(ask(Promise(step.commitment), "31/12/2028"), viewer, bodies.lga)


def test_nobody_objects_where_only_one_side_takes_part(passport, step, ask, cast, bodies):
    passport.parties.filter(organisation=bodies.council).delete()
    make.commitment(passport.plan, bodies.trust)
    passport.parties.create(role="partner", name="Trust", organisation=bodies.trust)
    change = ask(step)
    for who, body in ((cast.trust, bodies.trust), (cast.lga, bodies.lga)):
        with pytest.raises(PermissionDenied):
            against(change, who, body)
