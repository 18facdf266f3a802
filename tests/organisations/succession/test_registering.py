"""Registering a change of organisations ahead of its day, and taking one back."""

import threading
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from commitments.inheriting import to_assign, waiting_parties
from commitments.models import Commitment, Party
from commitments.register.actions.assigning import assign_parties
from commitments.reminders.ledger import to_come
from organisations.kinds import Kind
from organisations.models import Membership, Organisation, Role, Succession
from organisations.permissions import Capability, grant, roles_of
from organisations.second_factor import needs_second_factor
from organisations.succession.actions import register_succession, reverse_succession
from organisations.succession.queries import Reorganisation
from tests import factories as make
from tests.conftest import TODAY

DAY = date(2027, 4, 1)
EVE = date(2027, 3, 31)


@pytest.fixture
def old(bodies) -> Organisation:
    return make.organisation("NHS Old Board", Kind.ICB, code="QOL", opened=date(2022, 7, 1))


def change(kind, predecessors, successors, on=DAY) -> Reorganisation:
    return Reorganisation(kind, on, tuple(predecessors), tuple(successors))


def new_body(name="NHS New Board", code="N3W", kind=Kind.ICB) -> Organisation:
    return Organisation(code=code, code_system="ODS", name=name, kind=kind)


def register(cast, *args, **kwargs) -> list[Succession]:
    return register_succession(by=cast.platform, change=change(*args, **kwargs), today=TODAY)


def refusal(cast, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as refused:
        register(cast, *args, **kwargs)
    return " ".join(refused.value.messages)


# --- refusals -----------------------------------------------------------------------------------
def test_a_body_cannot_take_over_from_itself(cast, old):
    assert "from itself" in refusal(cast, "merger", [old], [old])


def test_a_body_cannot_close_on_or_before_the_day_it_opened(cast, bodies, old):
    said = refusal(cast, "merger", [old], [bodies.board], on=date(2022, 7, 1))
    assert "opened on 1 July 2022" in said


def test_a_successor_has_to_be_open_on_the_day(cast, old):
    late = make.organisation("NHS Late Board", Kind.ICB, opened=date(2028, 4, 1))
    gone = make.organisation("NHS Gone Board", Kind.ICB, closed=EVE)
    assert "opens on 1 April 2028" in refusal(cast, "merger", [old], [late])
    assert "closes on 31 March 2027" in refusal(cast, "merger", [old], [gone])


def test_a_closed_body_is_not_closed_again(cast, bodies, old):
    old.closed = date(2026, 3, 31)
    old.save()
    said = refusal(cast, "merger", [old], [bodies.board])
    assert "31 March 2026 as its last day" in said and "1 April 2026" in said


def test_the_same_change_is_not_registered_twice(cast, bodies, old):
    register(cast, "merger", [old], [bodies.board])
    assert "already" in refusal(cast, "merger", [old], [bodies.board])
    assert "already" in refusal(cast, "merger", [old], [bodies.other_board])


def test_changes_do_not_lead_in_a_circle(cast, bodies, old):
    Succession.objects.create(
        predecessor=bodies.board, successor=old, on=date(2026, 4, 1), kind="merger"
    )
    assert "circle" in refusal(cast, "merger", [old], [bodies.board])


def test_a_body_does_not_close_before_it_takes_over_from_another(cast, bodies, old):
    register(cast, "merger", [bodies.other_board], [old], on=date(2028, 4, 1))
    assert "cannot close before" in refusal(cast, "merger", [old], [bodies.board])


@pytest.mark.parametrize(
    ("kind", "olds", "news"),
    [("split", 1, 1), ("rename", 2, 1), ("merger", 1, 2), ("merger", 0, 1)],
)
def test_the_number_of_bodies_fits_the_kind(cast, bodies, old, kind, olds, news):
    refusal(cast, kind, [old, bodies.trust][:olds], [bodies.board, bodies.other_board][:news])
    assert not Succession.objects.exists()


def test_a_code_that_is_taken_is_not_opened_again(cast, old):
    assert "QWO is the code of" in refusal(cast, "rename", [old], [new_body(code="qwo")]).replace(
        "qwo", "QWO"
    )


def test_only_who_keeps_the_register_may(cast, bodies, old):
    for person in (cast.lead, cast.administrator, cast.national, cast.nobody):
        with pytest.raises(PermissionDenied):
            register_succession(
                by=person, change=change("merger", [old], [bodies.board]), today=TODAY
            )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_register_at_once_the_second_is_told(cast, bodies, old):
    outcomes: list[str] = []

    def attempt(successor):
        try:
            register(cast, "merger", [old], [successor])
            outcomes.append("registered")
        except ValidationError as refused:
            outcomes.append(refused.messages[0])
        finally:
            connection.close()

    threads = [
        threading.Thread(target=attempt, args=(body,), daemon=True)
        for body in (bodies.board, bodies.other_board)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[1] == "registered" and "already" in sorted(outcomes)[0]
    assert Succession.objects.count() == 1


# --- what the day does --------------------------------------------------------------------------
def test_nothing_happens_before_the_day_and_everything_on_it(cast, bodies, old):
    plan = make.plan(visibility="internal")
    commitment = make.commitment(plan, old)
    member = make.person("Moira Member", (Role.PROGRAMME_LEAD, old))
    register(cast, "merger", [old], [bodies.board])
    old.refresh_from_db()
    assert old.closed == EVE
    assert [m.organisation for m in roles_of(member, EVE)] == [old]
    assert not Commitment.objects.visible_to(cast.lead, EVE).exists()

    fresh = type(member).objects.get(pk=member.pk)
    (role,) = roles_of(fresh, DAY)
    assert (role.organisation, role.came_from) == (bodies.board, old)
    assert grant(fresh, Capability.MANAGE_MEMBERS, DAY).covers(bodies.board.pk)
    assert Commitment.objects.allowing(cast.lead, Capability.EDIT, DAY).get() == commitment
    assert commitment.parties.get().organisation == old
    assert Membership.objects.get(user=member).organisation == old


def test_a_role_in_both_bodies_is_one_role_after_the_merger(cast, bodies, old):
    both = make.person("Bea Both", (Role.VIEWER, old), (Role.VIEWER, bodies.board))
    register(cast, "merger", [old], [bodies.board])
    (role,) = roles_of(both, DAY)
    assert role.came_from is None


def test_people_carried_over_are_reminded_of_what_the_successor_answers_for(cast, bodies, old):
    carried = make.person("Carl Carried", (Role.CONTRIBUTOR, old))
    commitment = make.commitment(make.plan(), bodies.other_board)
    make.milestone(commitment, "Go live", baseline=date(2027, 4, 15))
    register(cast, "merger", [old], [bodies.other_board])
    reminded = {owed.person_id for owed in to_come([commitment.pk], DAY)}
    assert carried.pk in reminded and cast.other_lead.pk in reminded
    assert carried.pk not in {owed.person_id for owed in to_come([commitment.pk], EVE)}


def test_the_successor_asks_those_carried_over_for_a_second_factor(cast, bodies, old, today):
    member = make.person("Moira Member", (Role.VIEWER, old))
    Organisation.objects.filter(pk=bodies.board.pk).update(second_factor_required=True)
    register(cast, "merger", [old], [bodies.board], on=TODAY)
    assert needs_second_factor(type(member).objects.get(pk=member.pk))


def test_a_rename_opens_the_body_under_its_new_name(cast, old):
    register(cast, "rename", [old], [new_body()])
    made = Organisation.objects.get(code="N3W")
    assert made.opened == DAY
    assert Organisation.objects.open_on(EVE).filter(pk__in=[old.pk, made.pk]).get() == old
    assert Organisation.objects.open_on(DAY).filter(pk__in=[old.pk, made.pk]).get() == made


def test_a_split_waits_on_the_lists_of_those_who_assign_until_nothing_is_left(cast, bodies, old):
    plan = make.plan(visibility="internal")
    first, second = make.commitment(plan, old), make.commitment(plan, bodies.other_trust, old)
    member = make.person("Moira Member", (Role.VIEWER, old))
    register(cast, "split", [old], [bodies.board, bodies.other_board])
    assert [m.organisation for m in roles_of(member, DAY)] == [old]
    for person in (cast.platform, cast.lead, cast.administrator, cast.other_lead):
        assert [(one.body, one.number) for one in to_assign(person, DAY)] == [(old, 2)]
    for person in (cast.trust, cast.lga, cast.viewer, cast.nobody, cast.region):
        assert to_assign(person, DAY) == []

    mine = Party.objects.get(commitment=first)
    assign_parties(by=cast.lead, body=old, parties=[mine.pk], to=bodies.board, today=DAY)
    assert Commitment.objects.allowing(cast.lead, Capability.EDIT, DAY).get() == first
    assert [one.number for one in to_assign(cast.platform, DAY)] == [1]
    rest = waiting_parties(cast.other_lead, DAY).get()
    assert rest.commitment == second
    assign_parties(
        by=cast.other_lead, body=old, parties=[rest.pk], to=bodies.other_board, today=DAY
    )
    assert to_assign(cast.platform, DAY) == []
    assert {party.organisation for party in Party.objects.filter(pk__in=[mine.pk, rest.pk])} == {
        old
    }


def test_only_a_part_of_the_divided_body_is_given_what_it_promised(cast, bodies, old):
    party = make.commitment(make.plan(), old).parties.get()
    register(cast, "split", [old], [bodies.board, bodies.other_board])
    with pytest.raises(ValidationError, match="took nothing over"):
        assign_parties(by=cast.platform, body=old, parties=[party.pk], to=bodies.trust, today=DAY)
    with pytest.raises(PermissionDenied):
        assign_parties(by=cast.trust, body=old, parties=[party.pk], to=bodies.board, today=DAY)
    with pytest.raises(ValidationError, match="not divided"):
        assign_parties(by=cast.platform, body=old, parties=[party.pk], to=bodies.board, today=EVE)


# --- taking it back -----------------------------------------------------------------------------
def test_a_change_registered_in_error_leaves_no_trace_but_history(cast, old):
    (row,) = register(cast, "rename", [old], [new_body()])
    reverse_succession(by=cast.platform, succession=row, today=TODAY)
    old.refresh_from_db()
    assert old.closed is None
    assert not Succession.objects.exists()
    assert not Organisation.objects.filter(code="N3W").exists()
    register(cast, "rename", [old], [new_body()])


def test_a_last_day_that_the_change_did_not_give_stays(cast, bodies, old):
    old.closed = EVE
    old.save()
    (row,) = register(cast, "merger", [old], [bodies.board])
    reverse_succession(by=cast.platform, succession=row, today=TODAY)
    old.refresh_from_db()
    assert old.closed == EVE


def test_what_hangs_on_a_change_keeps_it_and_is_said(cast, bodies, old):
    commitment = make.commitment(make.plan(), old)
    rows = register(cast, "split", [old], [bodies.board, new_body()])
    party = commitment.parties.get()
    assign_parties(by=cast.platform, body=old, parties=[party.pk], to=bodies.board, today=DAY)
    made = Organisation.objects.get(code="N3W")
    make.person("Nina New", (Role.VIEWER, made))
    with pytest.raises(ValidationError) as refused:
        reverse_succession(by=cast.platform, succession=rows[0], today=DAY)
    said = " ".join(refused.value.messages)
    assert f"{commitment.reference} was assigned to" in said and "Nina New has a role" in said
    assert Succession.objects.count() == 2


def test_an_update_by_the_successor_and_a_later_change_keep_it(cast, bodies, old):
    commitment = make.commitment(make.plan(), old)
    (row,) = register(cast, "merger", [old], [bodies.board], on=date(2026, 10, 1))
    make.update(commitment, cast.lead, bodies.board, submitted_at="2026-11-18T10:00Z")
    register(cast, "merger", [bodies.board], [bodies.other_board])
    with pytest.raises(ValidationError) as refused:
        reverse_succession(by=cast.platform, succession=row, today=TODAY)
    said = " ".join(refused.value.messages)
    assert "has an update" in said and "Reverse that first" in said
