"""From the invitation to the first sign-in."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from organisations.models import Invitation, Membership, Role, User
from tests import factories
from tests.conftest import Bodies, Cast
from tests.organisations.people.conftest import address, links, words

NEW = {"name": "Ines New", "email": "Ines.New@test.example", "role": "contributor"}
FRESH = "a long and different phrase"
ACCOUNT = {"name": "Ines New", "password1": FRESH, "password2": FRESH}


def link_of(mailoutbox, to: str = "ines.new@test.example") -> str:
    message = [m for m in mailoutbox if m.to == [to] and "invited" in m.subject][-1]
    return links(message.body)[0]


@pytest.fixture
def invited(cast: Cast, bodies: Bodies, signed_in, post, mailoutbox) -> str:
    """Ines has been invited by the board's programme lead; gives her link."""
    post(signed_in(cast.lead), address(bodies.board, "invite/"), **NEW)
    return link_of(mailoutbox)


def test_an_invitation_leads_to_an_account_a_role_and_a_sign_in(
    invited: str, cast: Cast, bodies: Bodies, post, mailoutbox
) -> None:
    anybody = Client()
    page = anybody.get(invited)
    assert "Join NHS West Yorkshire Integrated Care Board" in words(page)
    answer = post(anybody, invited, **ACCOUNT)
    assert answer.url.startswith("/accounts/login/?next=")
    ines = User.objects.get(email="ines.new@test.example")
    membership = Membership.objects.current().get(user=ines)
    assert (membership.organisation, membership.role) == (bodies.board, Role.CONTRIBUTOR)
    credentials = {"login": ines.email, "password": FRESH}
    assert anybody.post(answer.url, credentials).status_code == 302
    assert anybody.session["_auth_user_id"] == str(
        ines.pk
    )  # no confirmation asked: the link did it
    told = {message.subject for message in mailoutbox if message.to == [cast.lead.email]}
    assert told == {"Ines New accepted your invitation"}


def test_only_a_digest_of_the_link_is_stored(invited: str, cast: Cast) -> None:
    token = invited.strip("/").rpartition("/")[2]
    invitation = Invitation.objects.get()
    stored = [str(value) for value in vars(invitation).values()]
    stored += [
        str(value) for row in Invitation.pgh_event_model.objects.values() for value in row.values()
    ]
    assert not [value for value in stored if token in value]
    assert not hasattr(Invitation.pgh_event_model.objects.first(), "token_digest")


def test_a_link_works_once(invited: str, post) -> None:
    post(Client(), invited, **ACCOUNT)
    again = post(Client(), invited, **ACCOUNT | {"name": "Somebody Else"})
    assert again.status_code == 404 and "This link no longer works" in words(again)
    assert User.objects.filter(name="Somebody Else").count() == 0


def test_a_link_expires_after_fourteen_days(invited: str, post) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=13, hours=23)):
        assert Client().get(invited).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1)):
        assert Client().get(invited).status_code == 404
        assert post(Client(), invited, **ACCOUNT).status_code == 404


def test_sending_again_makes_a_new_link_and_the_old_one_stops(
    invited: str, cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    pk = Invitation.objects.get().pk
    post(signed_in(cast.lead), address(bodies.board, f"invitations/{pk}/resend/"))
    assert link_of(mailoutbox) != invited
    assert Client().get(invited).status_code == 404
    assert Client().get(link_of(mailoutbox)).status_code == 200


def test_an_invitation_taken_back_no_longer_works_and_the_person_is_told(
    invited: str, cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    pk = Invitation.objects.get().pk
    post(signed_in(cast.lead), address(bodies.board, f"invitations/{pk}/revoke/"))
    assert Client().get(invited).status_code == 404
    assert "was taken back" in mailoutbox[-1].subject and mailoutbox[-1].to == [
        "ines.new@test.example"
    ]
    assert "Nobody is invited at the moment" in words(
        signed_in(cast.lead).get(address(bodies.board))
    )


def test_a_waiting_invitation_is_shown_to_those_who_look_after_people_only(
    invited: str, cast: Cast, bodies: Bodies, signed_in
) -> None:
    assert "ines.new@test.example" in words(signed_in(cast.lead).get(address(bodies.board)))
    contributor = factories.person("Carl Colleague", (Role.CONTRIBUTOR, bodies.board))
    page = words(signed_in(contributor).get(address(bodies.board)))
    assert "Lena Lead" in page and "ines.new@test.example" not in page
    assert "Invited" not in page and "Second factor" not in page
    assert signed_in(contributor).get(address(bodies.board, "former/")).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_the_answer_is_the_same_whether_the_address_has_an_account_elsewhere(
    cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    client = signed_in(cast.lead)
    said = []
    for email in (cast.other_lead.email, "unknown.one@test.example"):
        answer = post(client, address(bodies.board, "invite/"), **NEW | {"email": email})
        page = words(client.get(answer.url))
        link = link_of(mailoutbox, email)
        inside = words(Client().get(link))
        result = post(Client(), link, **ACCOUNT)
        said.append((page.replace(email, "…"), inside, result.status_code, "login" in result.url))
    first, second = said
    assert first[1:] == second[1:]
    assert "An invitation is on its way to …" in first[0] and "on its way to …" in second[0]
    # Whoever has an account keeps its password, and joins by signing in.
    cast.other_lead.refresh_from_db()
    assert cast.other_lead.check_password(factories.PASSWORD)
    assert cast.other_lead.name == "Otis Other"
    assert not cast.other_lead.memberships.filter(organisation=bodies.board).exists()


def test_somebody_with_an_account_accepts_by_signing_in_with_that_address(
    cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    post(
        signed_in(cast.lead), address(bodies.board, "invite/"), **NEW | {"email": cast.viewer.email}
    )
    link = link_of(mailoutbox, cast.viewer.email)
    stranger = signed_in(cast.other_lead)
    assert "This invitation went to another address" in words(stranger.get(link))
    post(stranger, link)
    assert not cast.other_lead.memberships.filter(organisation=bodies.board).exists()
    client = signed_in(cast.viewer)
    assert bodies.board.name in words(client.get("/account/"))
    post(client, link)
    roles = cast.viewer.memberships.filter(ended_at=None).values_list("organisation", "role")
    assert set(roles) == {(bodies.other_board.pk, "viewer"), (bodies.board.pk, "contributor")}
    assert "Acting for" in words(client.get("/account/"))


def test_an_invitation_can_be_accepted_on_the_account_page_by_its_address_only(
    cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    post(
        signed_in(cast.lead), address(bodies.board, "invite/"), **NEW | {"email": cast.viewer.email}
    )
    pk = Invitation.objects.get().pk
    accept = f"/account/invitations/{pk}/accept/"
    assert post(signed_in(cast.other_lead), accept).status_code == 404
    post(signed_in(cast.viewer), accept)
    assert cast.viewer.memberships.filter(organisation=bodies.board, ended_at=None).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"password1": "short", "password2": "short"},
        {"password2": "another long phrase"},
        {"name": ""},
        {"password1": "passwordpassword", "password2": "passwordpassword2"},
    ],
)
def test_a_weak_or_mistyped_password_makes_no_account(invited: str, post, wrong) -> None:
    page = post(Client(), invited, **ACCOUNT | wrong)
    assert page.status_code == 200 and "There is a problem" in words(page)
    assert not User.objects.filter(email="ines.new@test.example").exists()


def test_inviting_a_member_or_the_same_person_twice_says_so(
    invited: str, cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    client = signed_in(cast.lead)
    twice = post(client, address(bodies.board, "invite/"), **NEW)
    assert "ines.new@test.example has been invited already" in words(twice).replace(
        "Ines.New@", "ines.new@"
    )
    member = NEW | {"email": cast.administrator.email, "role": "viewer"}
    assert post(client, address(bodies.board, "invite/"), **member).status_code == 302
    same = NEW | {"email": cast.lead.email, "role": "programme_lead"}
    assert "is already a programme lead here" in words(
        post(client, address(bodies.board, "invite/"), **same)
    )


def test_the_database_keeps_one_open_invitation_an_address(invited: str, bodies: Bodies) -> None:
    twin = Invitation.objects.get()
    twin.pk, twin.token_digest, twin.email = None, "0" * 64, "INES.NEW@test.example"
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_nobody_gives_a_role_above_what_they_manage(
    cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    lead, administrator = signed_in(cast.lead), signed_in(cast.administrator)
    assert "Administrator" not in words(lead.get(address(bodies.board, "invite/")))
    page = post(lead, address(bodies.board, "invite/"), **NEW | {"role": "administrator"})
    assert page.status_code == 200 and not Invitation.objects.exists()
    post(administrator, address(bodies.board, "invite/"), **NEW | {"role": "administrator"})
    assert Invitation.objects.get().role == "administrator"
    # Nor does somebody send again or take back what they could not give.
    pk = Invitation.objects.get().pk
    for what in ("resend", "revoke"):
        assert post(lead, address(bodies.board, f"invitations/{pk}/{what}/")).status_code == 403


def test_people_are_managed_where_one_manages(cast: Cast, bodies: Bodies, signed_in, post) -> None:
    for person, status in (
        (cast.lead, 404),  # not of the trust, although it is in the system
        (cast.trust, 403),  # of the trust, but a contributor
        (cast.other_lead, 404),
        (cast.national, 404),
        (cast.nobody, 404),
        (cast.platform, 200),
    ):
        client = signed_in(person)
        assert client.get(address(bodies.trust, "invite/")).status_code == status
        if status != 200:
            assert post(client, address(bodies.trust, "invite/"), **NEW).status_code == status
    assert not Invitation.objects.exists()


def test_a_closed_organisation_takes_nobody_in(cast: Cast, bodies: Bodies, signed_in, post) -> None:
    bodies.board.closed = timezone.localdate() - timedelta(days=1)
    bodies.board.save()
    page = post(signed_in(cast.lead), address(bodies.board, "invite/"), **NEW)
    assert "has closed: nobody can be invited into it" in words(page)


@pytest.mark.django_db(transaction=True)
def test_when_the_mail_server_is_down_the_invitation_waits_and_says_so(
    cast: Cast, bodies: Bodies, signed_in, post, settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    client = signed_in(cast.lead)
    answer = post(client, address(bodies.board, "invite/"), **NEW)
    page = words(client.get(answer.url))
    assert "The mail server did not take the message" in page and "not sent" in page


def test_every_step_is_in_the_history_with_who_did_it(
    invited: str, cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    post(Client(), invited, **ACCOUNT)
    ines = User.objects.get(email="ines.new@test.example")
    events = Invitation.pgh_event_model.objects.order_by("pgh_id")
    assert events.first().pgh_context.metadata["user"] == cast.lead.pk
    assert [event.accepted_by_id for event in events][-1] == ines.pk
    assert Membership.pgh_event_model.objects.filter(user=ines, role="contributor").exists()
