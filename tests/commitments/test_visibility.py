"""The one visibility rule and the capabilities on top of it, person by person."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.models import Commitment, Party, Plan
from organisations.kinds import Kind
from organisations.models import Organisation, Role, Succession
from organisations.permissions import Capability
from tests import factories as make
from tests.conftest import TODAY

EVERYBODY = {
    "lead",
    "trust",
    "council",
    "council_reviewer",
    "lga",
    "administrator",
    "viewer",
    "other_lead",
    "region",
    "national",
    "platform",
    "nobody",
}
WEST_YORKSHIRE = {"lead", "administrator"}
ENGLAND = {"national", "platform"}


def who(cast, commitment: Commitment, capability: Capability = Capability.VIEW) -> set[str]:
    """Who of the cast holds a capability on a commitment."""
    named = Commitment.objects.filter(pk=commitment.pk)
    return {
        name
        for name, user in vars(cast).items()
        if named.allowing(user, capability, TODAY).exists()
    }


@pytest.fixture
def internal(bodies) -> Plan:
    return make.plan(visibility=Plan.Visibility.INTERNAL)


def test_public_plans_are_seen_by_all_and_by_nobody_in_particular(cast, bodies):
    commitment = make.commitment(make.plan(), bodies.trust)
    assert who(cast, commitment) == EVERYBODY
    assert Commitment.objects.visible_to(AnonymousUser(), TODAY).exists()


def test_shared_plans_need_signing_in(cast, bodies):
    commitment = make.commitment(make.plan(visibility=Plan.Visibility.SHARED), bodies.trust)
    assert who(cast, commitment) == EVERYBODY
    assert not Commitment.objects.visible_to(AnonymousUser(), TODAY).exists()


def test_internal_commitments_are_seen_by_the_parties_and_those_who_reach_them(
    cast, bodies, internal
):
    of_trust = make.commitment(internal, bodies.trust)
    assert who(cast, of_trust) == WEST_YORKSHIRE | ENGLAND | {"trust", "region"}
    of_council = make.commitment(internal, bodies.council)
    assert who(cast, of_council) == WEST_YORKSHIRE | ENGLAND | {
        "council",
        "council_reviewer",
        "lga",
        "region",
    }
    joint = make.commitment(internal, bodies.trust, bodies.council)
    assert who(cast, joint) >= {"trust", "council", "lga"}
    assert "viewer" not in who(cast, joint)


def test_a_class_of_councils_as_partner_is_seen_by_the_association(cast, bodies, internal):
    commitment = make.commitment(internal, bodies.trust)
    Party.objects.create(
        commitment=commitment, role="partner", name="councils", side="local_government"
    )
    assert "lga" in who(cast, commitment)
    assert "council" not in who(cast, commitment)


def test_the_owner_of_an_internal_plan_sees_all_of_it(cast, bodies):
    plan = make.plan(visibility=Plan.Visibility.INTERNAL, owner=bodies.board)
    commitment = make.commitment(plan, "NHS trusts")
    assert who(cast, commitment) == WEST_YORKSHIRE | ENGLAND | {"region"}


def test_drafts_are_seen_by_those_who_draft_them(cast, bodies):
    draft = make.commitment(
        make.plan(), bodies.trust, bodies.council, state="draft", draft_of=bodies.board
    )
    assert who(cast, draft) & {"council", "lga", "viewer", "nobody"} == set()
    assert who(cast, draft) >= WEST_YORKSHIRE
    assert not Commitment.objects.visible_to(AnonymousUser(), TODAY).exists()


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        (Capability.EDIT, {"lead", "platform"}),
        (Capability.REPORT, {"lead", "trust", "council"}),
        (Capability.REVIEW, {"council_reviewer", "lga"}),
        (Capability.IMPORT, {"platform"}),
    ],
)
def test_capabilities_on_a_public_joint_commitment(cast, bodies, capability, expected):
    commitment = make.commitment(make.plan(), bodies.trust, bodies.council)
    assert who(cast, commitment, capability) == expected


def test_who_runs_a_plan_edits_and_imports_into_it(cast, bodies):
    commitment = make.commitment(make.plan(owner=bodies.board), "NHS trusts")
    assert who(cast, commitment, Capability.EDIT) == {"lead", "platform"}
    assert who(cast, commitment, Capability.IMPORT) == {"lead", "administrator", "platform"}


def merged(bodies, kind=Succession.Kind.MERGER, on=date(2026, 4, 1)) -> Organisation:
    """A closed board that our board took over."""
    old = make.organisation("NHS Closed Board", Kind.ICB, closed=date(2026, 3, 31))
    Succession.objects.create(predecessor=old, successor=bodies.board, on=on, kind=kind)
    return old


def test_a_successor_inherits_reach_and_capabilities(cast, bodies, internal):
    commitment = make.commitment(internal, merged(bodies))
    assert who(cast, commitment, Capability.EDIT) == {"lead", "platform"}
    assert "administrator" in who(cast, commitment)
    assert "other_lead" not in who(cast, commitment)


def test_a_succession_ahead_of_its_day_changes_nothing(cast, bodies, internal):
    commitment = make.commitment(internal, merged(bodies, on=date(2027, 4, 1)))
    assert "lead" not in who(cast, commitment)


def test_a_split_waits_for_somebody_to_assign_it(cast, bodies, internal):
    commitment = make.commitment(internal, merged(bodies, Succession.Kind.SPLIT))
    # Who has to assign it sees it; until then neither part answers for it.
    assert {"lead", "administrator"} <= who(cast, commitment)
    assert who(cast, commitment, Capability.EDIT) == {"platform"}
    commitment.parties.update(assigned_to=bodies.board)
    assert who(cast, commitment, Capability.EDIT) == {"lead", "platform"}


def test_an_ended_membership_and_a_closed_account_give_nothing(cast, bodies, internal):
    commitment = make.commitment(internal, bodies.trust)
    cast.trust.memberships.update(ended_at="2026-01-01T00:00Z")
    cast.lead.is_active = False
    assert who(cast, commitment) & {"trust", "lead"} == set()


def test_several_memberships_add_up(cast, bodies, internal):
    both = make.person(
        "Bea Both", (Role.VIEWER, bodies.other_board), (Role.CONTRIBUTOR, bodies.trust)
    )
    commitment = make.commitment(internal, bodies.trust)
    assert Commitment.objects.allowing(both, Capability.REPORT, TODAY).get() == commitment


def test_a_grant_costs_the_same_queries_however_large_the_system(cast, bodies):
    def count() -> int:
        person = type(cast.lead).objects.get(pk=cast.lead.pk)
        with CaptureQueriesContext(connection) as queries:
            list(Commitment.objects.allowing(person, Capability.EDIT, TODAY))
        return len(queries)

    few = count()
    for number in range(20):
        make.organisation(f"Trust {number}", parent=bodies.board)
        make.commitment(make.plan(), bodies.trust)
    assert count() == few


def test_plans_are_visible_as_their_commitments_are(cast, bodies, internal):
    make.commitment(internal, bodies.trust)
    seen = {
        name
        for name, user in vars(cast).items()
        if Plan.objects.visible_to(user, TODAY).filter(pk=internal.pk).exists()
    }
    assert seen == WEST_YORKSHIRE | ENGLAND | {"trust", "region"}
