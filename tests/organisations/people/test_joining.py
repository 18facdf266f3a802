"""Asking to join: hints from one's address, the request, and the answer."""

import pytest
from django.test import Client

from organisations.models import Invitation, JoinRequest, Role
from organisations.people.domains import organisations_like
from tests import factories
from tests.conftest import Bodies, Cast
from tests.organisations.people.conftest import address, links, words

REASON = "I follow the workforce plan there."


@pytest.fixture
def leeds(bodies: Bodies):
    """Somebody of the council with an address of its own domain."""
    return factories.person(
        "Lou Leeds", (Role.CONTRIBUTOR, bodies.council), email="lou@leeds.example"
    )


def ask(client: Client, post, **answers: str):
    return post(client, "/people/join/", **{"reason": REASON} | answers)


def test_organisations_are_suggested_by_the_domain_of_their_people(leeds, bodies: Bodies) -> None:
    assert organisations_like("new.person@leeds.example") == [bodies.council]
    assert organisations_like("new.person@LEEDS.example") == [bodies.council]
    assert organisations_like("new.person@notleeds.example") == []


@pytest.mark.parametrize("domain", ["gmail.com", "outlook.com", "nhs.net"])
def test_public_and_shared_mail_domains_suggest_nothing(bodies: Bodies, domain: str) -> None:
    factories.person("Gail", (Role.VIEWER, bodies.council), email=f"gail@{domain}")
    assert organisations_like(f"somebody@{domain}") == []


def test_a_domain_of_many_bodies_and_of_former_people_suggests_nothing(leeds, bodies) -> None:
    for number, body in enumerate(
        [bodies.trust, bodies.board, bodies.lga, bodies.england, bodies.region]
    ):
        factories.person(f"P{number}", (Role.VIEWER, body), email=f"p{number}@leeds.example")
    assert organisations_like("x@leeds.example") == []
    gone = factories.person("Gone", (Role.VIEWER, bodies.trust), email="gone@trust.example")
    gone.is_active = False
    gone.save()
    assert organisations_like("x@trust.example") == []


def test_somebody_signed_in_asks_and_is_taken_in(
    cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    client = signed_in(cast.nobody)
    assert ask(client, post, organisation="west yorkshire icb").status_code in (200, 302)
    request = JoinRequest.objects.get()
    assert (request.person, request.organisation) == (cast.nobody, bodies.board)
    told = {message.to[0] for message in mailoutbox}
    assert told == {cast.lead.email, cast.administrator.email}
    assert words(client.get("/account/")).count("asked") >= 1
    page = address(bodies.board, f"requests/{request.pk}/")
    assert page in [found for message in mailoutbox for found in links(message.body)]
    post(signed_in(cast.lead), page, decision="approve", role="viewer")
    assert cast.nobody.memberships.get(ended_at=None).role == "viewer"
    assert mailoutbox[-1].to == [cast.nobody.email] and "You now belong" in mailoutbox[-1].subject


def test_a_refusal_needs_a_reason_and_tells_it(
    cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    ask(signed_in(cast.nobody), post, organisation="QWO")
    page = address(bodies.board, f"requests/{JoinRequest.objects.get().pk}/")
    lead = signed_in(cast.lead)
    assert "Say why not" in words(post(lead, page, decision="refuse"))
    assert "Choose the role" in words(post(lead, page, decision="approve"))
    post(lead, page, decision="refuse", answer="We do not know you.")
    assert "We do not know you." in mailoutbox[-1].body
    assert not cast.nobody.memberships.exists()
    assert "We do not know you." in words(lead.get(page))  # decided: shown, not asked again
    assert post(lead, page, decision="approve", role="viewer").status_code == 200
    assert not cast.nobody.memberships.exists()


def test_a_request_is_answered_by_those_who_look_after_its_people(
    cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    ask(signed_in(cast.nobody), post, organisation="RY6")
    page = address(bodies.trust, f"requests/{JoinRequest.objects.get().pk}/")
    for person, status in ((cast.trust, 403), (cast.lead, 404), (cast.nobody, 404)):
        answer = post(signed_in(person), page, decision="approve", role="viewer")
        assert answer.status_code == status
    lead = factories.person("Tess", (Role.PROGRAMME_LEAD, bodies.trust))
    post(signed_in(lead), page, decision="approve", role="administrator")  # above what she gives
    assert not cast.nobody.memberships.exists()


def test_where_nobody_looks_after_people_the_platform_is_told(
    cast: Cast, signed_in, post, mailoutbox
) -> None:
    ask(signed_in(cast.nobody), post, organisation="RY6")
    assert [message.to for message in mailoutbox] == [[cast.platform.email]]


def test_asking_twice_or_where_one_belongs_says_so(cast: Cast, signed_in, post) -> None:
    client = signed_in(cast.trust)
    ask(client, post, organisation="QWO")
    assert "You have asked" in words(ask(client, post, organisation="QWO"))
    assert "You belong to" in words(ask(client, post, organisation="RY6"))
    assert "No organisation is called “Nowhere”" in words(ask(client, post, organisation="Nowhere"))


def test_a_request_can_be_taken_back_by_who_made_it_only(
    cast: Cast, signed_in, post, mailoutbox
) -> None:
    ask(signed_in(cast.nobody), post, organisation="QWO")
    withdraw = f"/account/requests/{JoinRequest.objects.get().pk}/withdraw/"
    assert post(signed_in(cast.viewer), withdraw).status_code == 404
    post(signed_in(cast.nobody), withdraw)
    assert JoinRequest.objects.get().state == "withdrawn"
    assert "no longer asks" in mailoutbox[-1].subject


def test_without_an_account_the_address_comes_first_and_yes_means_an_invitation(
    leeds, cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    anybody = Client()
    assert "Look in your email" in words(post(anybody, "/people/join/", email="new@leeds.example"))
    (link,) = links(mailoutbox[-1].body)
    form = anybody.get(link)
    assert "Leeds City Council" in words(form)
    assert "Leeds City Council" not in words(anybody.get("/people/join/"))
    answers = {"name": "Nia New", "like": bodies.council.pk, "reason": REASON}
    post(anybody, link, **answers)
    request = JoinRequest.objects.get()
    assert request.person is None and request.email == "new@leeds.example"
    lead = factories.person("Cass", (Role.PROGRAMME_LEAD, bodies.council))
    post(
        signed_in(lead),
        address(bodies.council, f"requests/{request.pk}/"),
        decision="approve",
        role="contributor",
    )
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role) == ("new@leeds.example", "contributor")
    assert mailoutbox[-1].to == ["new@leeds.example"]


def test_the_page_says_the_same_whether_the_address_has_an_account(
    cast: Cast, post, mailoutbox
) -> None:
    pages = [
        words(post(Client(), "/people/join/", email=email))
        for email in (cast.lead.email, "unknown@test.example")
    ]
    assert pages[0] == pages[1]
    known, unknown = mailoutbox
    assert known.subject == unknown.subject
    assert links(known.body) == ["/people/join/"]
    assert links(unknown.body)[0].startswith("/people/join/")


def test_a_link_that_was_tampered_with_opens_nothing(db) -> None:
    page = Client().get("/people/join/abc:def:ghi/")
    assert page.status_code == 404 and "This link no longer works" in words(page)


def test_one_mailbox_is_not_flooded(db, post, mailoutbox) -> None:
    answers = [post(Client(), "/people/join/", email="x@test.example") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert len(mailoutbox) == 3
