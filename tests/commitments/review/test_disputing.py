"""How a dispute ends, and who has a say in it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from commitments.models import Dispute, Plan, ProgressUpdate
from commitments.review.actions import agree_to_differ, answer, escalate
from commitments.review.disputes import may_be_told


@pytest.fixture
def dispute(submitted, bodies, cast, today) -> Dispute:
    """Our council disagrees with what our board reported."""
    disagree(submitted, bodies.council, cast.council_reviewer, today)
    return Dispute.objects.get()


def disagree(update, body, person, today, reason: str = "Not consulted") -> None:
    row = update.reviews.get(organisation=body)
    answer(
        by=person,
        review=row,
        base_version=row.version,
        answer="disagree",
        reason=reason,
        would_change="A meeting",
        today=today,
    )


def state(dispute: Dispute) -> tuple[str, str]:
    dispute.refresh_from_db()
    return dispute.end, ProgressUpdate.objects.get(pk=dispute.update_id).joint_state


@pytest.mark.parametrize("first", ["lead", "council_reviewer"])
def test_agreeing_to_differ_takes_both_sides(dispute, cast, today, first):
    second = "lead" if first == "council_reviewer" else "council_reviewer"
    agree_to_differ(by=getattr(cast, first), dispute=dispute, note="Both stand", today=today)
    assert state(dispute) == ("", "disputed")
    agree_to_differ(by=getattr(cast, second), dispute=dispute, today=today)
    assert state(dispute) == ("differ", "differ")
    assert (dispute.note, dispute.ended_by) == ("Both stand", getattr(cast, second))


def test_saying_yes_twice_is_not_both_sides(dispute, cast, today):
    for _ in range(2):
        agree_to_differ(by=cast.lead, dispute=dispute, note="Both stand", today=today)
    assert state(dispute)[0] == ""


def test_every_organisation_that_disagrees_has_its_own_yes(dispute, submitted, bodies, cast, today):
    disagree(submitted, bodies.lga, cast.lga, today)
    agree_to_differ(by=cast.lead, dispute=dispute, note="Both stand", today=today)
    agree_to_differ(by=cast.council_reviewer, dispute=dispute, today=today)
    assert state(dispute)[0] == ""
    agree_to_differ(by=cast.lga, dispute=dispute, today=today)
    assert state(dispute)[0] == "differ"


def test_another_note_asks_everybody_anew(dispute, cast, today):
    agree_to_differ(by=cast.lead, dispute=dispute, note="Both stand", today=today)
    agree_to_differ(by=cast.council_reviewer, dispute=dispute, note="Not quite", today=today)
    assert state(dispute)[0] == ""
    agree_to_differ(by=cast.lead, dispute=dispute, today=today)
    assert state(dispute)[0] == "differ"
    assert dispute.note == "Not quite"


def test_a_changed_disagreement_takes_its_yes_back(dispute, submitted, bodies, cast, today):
    agree_to_differ(by=cast.council_reviewer, dispute=dispute, note="Both stand", today=today)
    disagree(submitted, bodies.council, cast.council_reviewer, today, reason="Worse still")
    agree_to_differ(by=cast.lead, dispute=dispute, today=today)
    assert state(dispute)[0] == ""


def test_it_takes_a_note(dispute, cast, today):
    with pytest.raises(ValidationError, match="both views"):
        agree_to_differ(by=cast.lead, dispute=dispute, today=today)


@pytest.mark.parametrize("who", ["council", "lga", "other_lead", "national", "platform", "nobody"])
def test_others_have_no_say(dispute, cast, today, who):
    with pytest.raises(PermissionDenied):
        agree_to_differ(by=getattr(cast, who), dispute=dispute, note="Both stand", today=today)
    with pytest.raises(PermissionDenied):
        escalate(by=getattr(cast, who), dispute=dispute, to=[cast.lead], note="x", today=today)


def test_a_dispute_is_passed_on_to_named_people(dispute, cast, today):
    escalate(
        by=cast.council_reviewer,
        dispute=dispute,
        to=[cast.lga, cast.lead],
        note="Decide",
        today=today,
    )
    assert state(dispute) == ("escalated", "escalated")
    assert set(dispute.escalated_to.all()) == {cast.lga, cast.lead}


@pytest.mark.parametrize(
    ("to", "note", "problem"), [((), "x", "to"), (("lead",), " ", "note"), (("viewer",), "x", "to")]
)
def test_it_is_passed_on_to_people_of_the_list_with_a_note(dispute, cast, today, to, note, problem):
    people = [getattr(cast, name) for name in to]
    with pytest.raises(ValidationError) as refused:
        escalate(by=cast.lead, dispute=dispute, to=people, note=note, today=today)
    assert set(refused.value.message_dict) == {problem}


def test_only_people_who_may_see_the_commitment_can_be_named(dispute, bodies, cast, today):
    plan = dispute.commitment.plan
    plan.visibility, plan.owner = Plan.Visibility.INTERNAL, bodies.board
    plan.save()
    dispute.commitment.plan.refresh_from_db()
    told = may_be_told(dispute.commitment, today)
    assert {cast.lead, cast.council_reviewer, cast.administrator, cast.lga} <= set(told)
    assert cast.other_lead not in told


def test_a_dispute_ends_once(dispute, cast, today):
    escalate(by=cast.lead, dispute=dispute, to=[cast.lga], note="Decide", today=today)
    with pytest.raises(ValidationError, match="has ended already"):
        agree_to_differ(by=cast.lead, dispute=dispute, note="Both stand", today=today)


def test_another_partner_that_disagrees_later_opens_another(
    dispute, submitted, bodies, cast, today
):
    escalate(by=cast.lead, dispute=dispute, to=[cast.lga], note="Decide", today=today)
    disagree(submitted, bodies.lga, cast.lga, today)
    assert Dispute.objects.open().count() == 1
    assert state(dispute) == ("escalated", "disputed")
