"""Changing roles, leaving, ending, switching off: and what is handed over before."""

import pytest
from django.test import Client

from commitments.models import Milestone
from organisations.models import Membership, Role, User
from tests import factories
from tests.conftest import Bodies, Cast
from tests.organisations.people.conftest import address, words


def role_of(person: User) -> Membership:
    return person.memberships.get(ended_at=None)


@pytest.fixture
def worker(bodies: Bodies) -> User:
    """A contributor of the board who owns two milestones, one of them done."""
    person = factories.person("Wim Worker", (Role.CONTRIBUTOR, bodies.board))
    commitment = factories.commitment(factories.plan("LTWP"), bodies.board)
    factories.milestone(commitment, "Plan agreed", owner=person)
    factories.milestone(
        commitment, "Money found", owner=person, state="complete", organisation=bodies.board
    )
    return person


def test_a_role_is_changed_and_the_person_is_told(
    cast: Cast, bodies: Bodies, worker: User, signed_in, post, mailoutbox
) -> None:
    page = address(bodies.board, f"{role_of(worker).pk}/")
    post(signed_in(cast.lead), page, role="reviewer")
    assert role_of(worker).role == "reviewer"
    assert mailoutbox[-1].to == [worker.email] and "Lena Lead changed" in mailoutbox[-1].body
    events = Membership.pgh_event_model.objects.filter(user=worker).order_by("pgh_id")
    assert [event.role for event in events] == ["contributor", "reviewer"]
    assert events.last().pgh_context.metadata["user"] == cast.lead.pk


def test_a_programme_lead_neither_makes_nor_unmakes_administrators(
    cast: Cast, bodies: Bodies, worker: User, signed_in, post
) -> None:
    lead = signed_in(cast.lead)
    post(lead, address(bodies.board, f"{role_of(worker).pk}/"), role="administrator")
    assert role_of(worker).role == "contributor"
    theirs = role_of(cast.administrator).pk
    for rest in ("", "end/", "switch-off/", "second-factor/"):
        page = address(bodies.board, f"{theirs}/{rest}")
        assert post(lead, page, role="viewer").status_code == 403
    assert role_of(cast.administrator).role == "administrator"
    post(
        signed_in(cast.administrator),
        address(bodies.board, f"{role_of(worker).pk}/"),
        role="administrator",
    )
    assert role_of(worker).role == "administrator"


def test_a_membership_of_another_organisation_cannot_be_reached_through_ones_own(
    cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    foreign = role_of(cast.other_lead).pk
    for rest in ("", "end/", "switch-off/", "second-factor/"):
        page = address(bodies.board, f"{foreign}/{rest}")
        assert post(signed_in(cast.lead), page, role="viewer").status_code == 404


def test_open_milestones_are_listed_and_handed_over_before_a_role_ends(
    cast: Cast, bodies: Bodies, worker: User, signed_in, post, mailoutbox
) -> None:
    lead = signed_in(cast.lead)
    page = address(bodies.board, f"{role_of(worker).pk}/end/")
    shown = words(lead.get(page))
    assert "1 open milestone to hand over" in shown and "Plan agreed" in shown
    assert "Money found" not in shown
    assert "Choose an answer" in words(post(lead, page))  # not decided: nothing happens
    assert role_of(worker)
    post(lead, page, to=str(cast.administrator.pk))
    assert not worker.memberships.filter(ended_at=None).exists()
    assert Milestone.objects.get(title="Plan agreed").owner == cast.administrator
    assert Milestone.objects.get(title="Money found").owner == worker
    told = {message.to[0]: message for message in mailoutbox}
    assert "1 milestone of Wim Worker" in told[cast.administrator.email].subject
    assert "no longer a contributor" in told[worker.email].subject


def test_milestones_may_be_left_without_an_owner_but_only_when_somebody_says_so(
    cast: Cast, bodies: Bodies, worker: User, signed_in, post
) -> None:
    page = address(bodies.board, f"{role_of(worker).pk}/end/")
    stranger = str(cast.other_lead.pk)
    assert post(signed_in(cast.lead), page, to=stranger).status_code == 200
    post(signed_in(cast.lead), page, to="nobody")
    assert Milestone.objects.get(title="Plan agreed").owner is None


def test_with_another_role_or_organisation_the_duties_there_stay(
    cast: Cast, bodies: Bodies, worker: User, signed_in, post
) -> None:
    Membership.objects.create(user=worker, organisation=bodies.trust, role=Role.CONTRIBUTOR)
    at_trust = factories.commitment(factories.plan(), bodies.trust)
    factories.milestone(at_trust, "At the trust", owner=worker, organisation=bodies.trust)
    second = Membership.objects.create(user=worker, organisation=bodies.board, role=Role.VIEWER)
    lead = signed_in(cast.lead)
    assert "nothing to hand over" in words(lead.get(address(bodies.board, f"{second.pk}/end/")))
    post(lead, address(bodies.board, f"{second.pk}/end/"))
    last = worker.memberships.get(ended_at=None, organisation=bodies.board)
    page = address(bodies.board, f"{last.pk}/end/")
    assert "At the trust" not in words(lead.get(page))
    post(lead, page, to=str(cast.lead.pk))
    assert Milestone.objects.get(title="At the trust").owner == worker
    assert Milestone.objects.get(title="Plan agreed").owner == cast.lead


def test_leaving_is_told_to_those_who_look_after_people(
    cast: Cast, worker: User, signed_in, post, mailoutbox
) -> None:
    page = f"/account/memberships/{role_of(worker).pk}/leave/"
    assert post(signed_in(cast.lead), page).status_code == 404
    client = signed_in(worker)
    assert page in client.get("/account/").content.decode()
    post(client, page, to=str(cast.lead.pk))
    assert not worker.memberships.filter(ended_at=None).exists()
    left = [m.to[0] for m in mailoutbox if "has left" in m.subject]
    assert set(left) == {cast.lead.email, cast.administrator.email}
    assert "You belong to no organisation" in words(client.get("/account/"))


def test_the_last_who_looks_after_people_stays_until_there_is_another(
    cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    lead, mine = signed_in(cast.other_lead), role_of(cast.other_lead)
    leave = f"/account/memberships/{mine.pk}/leave/"
    assert "You are the last" in words(post(lead, leave))
    lower = post(lead, address(bodies.other_board, f"{mine.pk}/"), role="viewer")
    assert "You are the last" in words(lower)
    assert role_of(cast.other_lead).role == "programme_lead"
    factories.person("Sue Successor", (Role.PROGRAMME_LEAD, bodies.other_board))
    post(lead, leave)
    assert not cast.other_lead.memberships.filter(ended_at=None).exists()


def test_two_roles_of_one_person_are_no_successor_when_the_account_goes(
    cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    both = role_of(cast.other_lead)
    Membership.objects.create(
        user=cast.other_lead, organisation=bodies.other_board, role=Role.ADMINISTRATOR
    )
    helper = factories.person("Hal", (Role.ADMINISTRATOR, bodies.other_board))
    page = address(bodies.other_board, f"{both.pk}/switch-off/")
    post(signed_in(helper), page)
    cast.other_lead.refresh_from_db()
    assert not cast.other_lead.is_active  # Hal stays
    # Hal now is the last: neither of his two roles counts for the other.
    Membership.objects.create(user=helper, organisation=bodies.other_board, role="programme_lead")
    for membership in helper.memberships.filter(ended_at=None):
        leave = f"/account/memberships/{membership.pk}/leave/"
        last = words(post(signed_in(helper), leave))
    assert "You are the last" in last


def test_a_platform_administrator_may_end_the_last_role(
    cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    page = address(bodies.other_board, f"{role_of(cast.other_lead).pk}/end/")
    post(signed_in(cast.platform), page)
    assert not cast.other_lead.memberships.filter(ended_at=None).exists()


def test_an_account_that_is_switched_off_keeps_its_name_and_nothing_else(
    cast: Cast, bodies: Bodies, worker: User, signed_in, post, mailoutbox
) -> None:
    theirs = Client()
    credentials = {"login": worker.email, "password": factories.PASSWORD}
    theirs.post("/accounts/login/", credentials)
    assert theirs.get("/account/").status_code == 200
    lead = signed_in(cast.lead)
    page = address(bodies.board, f"{role_of(worker).pk}/switch-off/")
    assert "Plan agreed" in words(lead.get(page))
    post(lead, page, to=str(cast.lead.pk))
    assert theirs.get("/account/").status_code == 302  # signed out at once
    answer = Client().post("/accounts/login/", credentials, follow=True)
    assert "_auth_user_id" not in answer.client.session
    assert Milestone.objects.get(title="Plan agreed").owner == cast.lead
    before = address(bodies.board, "former/")
    assert before in lead.get(address(bodies.board)).content.decode()
    assert "Wim Worker account switched off Contributor" in words(lead.get(before))
    assert "Wim Worker" not in words(lead.get(address(bodies.board)))
    assert any("switched off" in m.subject and m.to == [worker.email] for m in mailoutbox)


def test_only_who_could_end_every_role_switches_an_account_off(
    cast: Cast, bodies: Bodies, worker: User, signed_in, post
) -> None:
    Membership.objects.create(user=worker, organisation=bodies.trust, role=Role.VIEWER)
    mine = worker.memberships.get(organisation=bodies.board)
    page = address(bodies.board, f"{mine.pk}/switch-off/")
    assert post(signed_in(cast.lead), page, to="nobody").status_code == 403
    post(signed_in(cast.platform), page, to="nobody")
    worker.refresh_from_db()
    assert not worker.is_active and not worker.memberships.filter(ended_at=None).exists()


def test_a_new_invitation_starts_an_account_again_with_one_role_only(
    cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    cast.platform.is_active = False
    Membership.objects.create(user=cast.platform, organisation=bodies.board, role="administrator")
    User.objects.filter(pk=cast.platform.pk).update(is_active=True)
    other = factories.person("Other Platform", is_platform_administrator=True)
    page = address(bodies.board, f"{role_of(cast.platform).pk}/switch-off/")
    post(signed_in(other), page)
    draft = {"name": "Pat Again", "email": cast.platform.email, "role": "viewer"}
    post(signed_in(cast.lead), address(bodies.board, "invite/"), **draft)
    token = next(line for line in mailoutbox[-1].body.split() if "/invitations/" in line)
    path = token[token.index("/invitations/") :]
    phrase = "a long and different phrase"
    post(Client(), path, name="Pat Again", password1=phrase, password2=phrase)
    again = User.objects.get(pk=cast.platform.pk)
    assert again.is_active and not again.is_platform_administrator
    assert [m.role for m in again.memberships.filter(ended_at=None)] == ["viewer"]


def test_the_list_of_people_costs_the_same_for_many_as_for_few(
    cast: Cast, bodies: Bodies, signed_in, django_assert_max_num_queries
) -> None:
    client = signed_in(cast.lead)
    client.get(address(bodies.board))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(address(bodies.board))
    for number in range(30):
        factories.person(f"Person {number}", (Role.VIEWER, bodies.board))
    with django_assert_max_num_queries(len(few)):
        page = client.get(address(bodies.board))
    assert "Person 29" in words(page)
