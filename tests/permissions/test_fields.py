"""A form takes what it offered to the person who sends it, and nothing else that they add."""

import pytest
from django.urls import reverse

from commitments.models import Commitment, Milestone, Plan
from organisations.models import Membership, User
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

# Everything that a curious person might add to any form of the product.
EXTRA = {
    "id": "1", "pk": "1", "plan": "1", "plan_id": "1", "reference": "ZZZ-1", "lead": "1",
    "state": "withdrawn", "draft_of": "", "is_demonstration": "on",
    "senior_responsible_owner": "Me",
    "target": "2099", "title": "Changed", "description": "Changed", "baseline": "2099",
    "owner": "1", "organisation": "1", "author": "1", "is_platform_administrator": "on",
    "is_active": "", "email": "me@test.example", "user": "1", "visibility": "public",
    "evidence_rating": "green", "submitted_at": "2020-01-01", "round": "1", "version_of": "9",
}  # fmt: skip


def boxes(page) -> dict[str, str]:
    """The boxes of a page's form as they stand."""
    form = page.context["form"]
    return {box.html_name: str(box.value()) for box in form if box.value() not in (None, "")}


def sneak(client, address: str, **said: str):
    """Fill in the form at an address, and add to it all that it does not offer."""
    page = client.get(address)
    offered = set(page.context["form"].fields)
    added = {name: value for name, value in EXTRA.items() if name not in offered}
    return client.post(address, added | boxes(page) | said)


def row(one) -> dict[str, object]:
    """Every column of a row as the database has it now."""
    return type(one).objects.filter(pk=one.pk).values().get()


def changed(one, before: dict[str, object]) -> set[str]:
    return {name for name, value in row(one).items() if value != before[name]}


@pytest.fixture
def promise(bodies):
    plan = make.plan("JFP", owner=bodies.board, visibility=Plan.Visibility.SHARED)
    return make.commitment(plan, bodies.trust, bodies.council, reference="JFP-1", title="Passport")


def test_a_contributor_moves_a_milestone_and_nothing_else_of_it(promise, cast, sign_in):
    step = make.milestone(promise, "Plan agreed", "30/09/2026")
    before, whole = row(step), row(promise)
    address = reverse("milestone_change", args=["JFP", "JFP-1", step.pk])
    offered = set(sign_in(cast.trust).get(address).context["form"].fields)
    assert not offered & {"title", "baseline", "owner", "organisation"}
    done = sneak(sign_in(cast.trust), address, forecast="9 November 2026")
    assert done.status_code == 302
    moved = {"forecast_text", "forecast_date", "forecast_precision", "due_date", "version"}
    assert changed(step, before) == moved
    assert changed(promise, whole) == set()


def test_an_update_is_in_ones_own_name_whatever_is_added(promise, cast, bodies, sign_in):
    step = make.milestone(promise, "Plan agreed", "30/11/2026")
    whole, stepped = row(promise), row(step)
    said = {"rating": "green", "confidence": "high", "narrative": "All signed."}
    added = {"author": str(cast.lead.pk), "organisation": str(bodies.council.pk)}
    address = reverse("progress_add", args=["JFP", "JFP-1"])
    assert sneak(sign_in(cast.trust), address, **said, **added).status_code == 302
    update = promise.updates.get()
    assert (update.author, update.organisation) == (cast.trust, bodies.trust)
    assert (update.evidence_rating, update.submitted_at.year) != ("green", 2020)
    assert not update.is_demonstration
    assert changed(promise, whole) == set()
    assert changed(step, stepped) == set()


def test_a_change_of_a_commitment_keeps_its_plan_reference_and_marks(promise, cast, sign_in):
    before, plan = row(promise), row(promise.plan)
    address = reverse("commitment_change", args=["JFP", "JFP-1"])
    page = sign_in(cast.lead).get(address)
    hidden = {"plan", "plan_id", "is_demonstration", "id", "lead_basis_of"}
    assert not set(page.context["form"].fields) & hidden
    other = make.plan("OTHER")
    extra = {"plan": str(other.pk), "plan_id": str(other.pk), "is_demonstration": "on"}
    sneak(sign_in(cast.lead), address, title="Passport for all", **extra)
    promise.refresh_from_db()
    assert promise.title == "Passport for all"
    untouched = {"plan_id", "is_demonstration", "id", "created_at"}
    assert not changed(promise, before) & untouched
    assert changed(promise.plan, plan) == set()


@pytest.mark.parametrize("role", ["administrator", "owner", "", "programme_lead,administrator"])
def test_a_programme_lead_makes_nobody_administrator(bodies, cast, sign_in, role):
    member = make.person("Mia Member", ("viewer", bodies.board))
    membership = member.memberships.get()
    before, account = row(membership), row(member)
    address = reverse("people_member", args=["QWO", membership.pk])
    client = sign_in(cast.lead)
    assert client.post(address, EXTRA | {"role": role}).status_code == 200
    assert changed(membership, before) == set()
    assert changed(member, account) == set()


def test_nobody_raises_their_own_role_or_makes_themselves_a_platform_administrator(
    bodies, cast, sign_in
):
    mine = cast.lead.memberships.get()
    address = reverse("people_member", args=["QWO", mine.pk])
    sign_in(cast.lead).post(address, EXTRA | {"role": "administrator"})
    assert row(mine)["role"] == "programme_lead"
    for person in (cast.lead, cast.administrator):
        sign_in(person).post(reverse("people_invite", args=["QWO"]), EXTRA | {
            "name": "New", "email": "new@test.example", "role": "viewer",
        })  # fmt: skip
    assert not User.objects.filter(is_platform_administrator=True).exclude(pk=cast.platform.pk)
    assert Membership.objects.filter(user=cast.lead).count() == 1


def test_another_commitments_rows_cannot_be_named_in_an_address(promise, bodies, cast, sign_in):
    hidden = make.commitment(
        make.plan("INT", owner=bodies.other_board, visibility="internal"), bodies.other_trust
    )
    step, measure = make.milestone(hidden, "Secret step"), make.measure(hidden)
    client = sign_in(cast.lead)
    before = Milestone.objects.values().get(pk=step.pk)
    for name, pk in (
        ("milestone_change", step.pk), ("milestone_complete", step.pk), ("figure_add", measure.pk),
    ):  # fmt: skip
        address = reverse(name, args=["JFP", "JFP-1", pk])
        answer = client.post(address, {"value": "5", "period": "2026", "kind": "actual"})
        assert answer.status_code == 404
    assert Milestone.objects.values().get(pk=step.pk) == before
    assert Commitment.objects.filter(measures__figures__isnull=False).count() == 0
