"""The frame of every page, seen through the pages that need no rows."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisations.models import Membership, Role
from tests.conftest import Bodies, Cast
from workforce_tracker.pages import SECTIONS

ENTRANCES = [
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
]


@pytest.fixture
def anybody(db: None) -> Client:
    return Client()


@pytest.mark.parametrize("name", ENTRANCES)
def test_every_page_on_the_way_in_stands_in_our_frame(anybody: Client, name: str) -> None:
    html = anybody.get(reverse(name)).content.decode()
    assert html.count("<h1") == 1
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.S)
    assert heading and f"<title>{heading[1].strip()} - Workforce Tracker</title>" in html
    assert '<a class="nhsuk-skip-link" href="#maincontent"' in html
    assert 'id="maincontent"' in html
    assert not re.search(r"please|invalid", html, re.I)


@pytest.mark.parametrize(
    "name", ["account_logout", "account_email", "account_change_password", "account_reauthenticate"]
)
def test_every_page_of_ones_own_account_stands_in_our_frame(cast: Cast, sign_in, name: str) -> None:
    html = sign_in(cast.lead).get(reverse(name)).content.decode()
    assert html.count("<h1") == 1
    assert "Lena Lead" in html
    assert 'class="nhsuk-button' in html
    assert not re.search(r"please|invalid|placeholder=\"(?!Search)", html, re.I)


def test_a_forgotten_password_is_replaced_through_the_emailed_link(
    cast: Cast, anybody: Client, mailoutbox
) -> None:
    anybody.post(reverse("account_reset_password"), {"email": cast.lead.email})
    (message,) = mailoutbox
    assert message.subject == "Choose a new password for the Workforce Tracker"
    assert "example.com" not in message.body and "Please" not in message.body
    link = re.search(r"https?://\S+/accounts/password/reset/key/\S+", message.body)
    assert link
    form = anybody.get(link[0], follow=True)
    assert "Choose a new password" in form.content.decode()
    fresh = "a long and different phrase"
    done = anybody.post(
        form.request["PATH_INFO"], {"password1": fresh, "password2": fresh}, follow=True
    )
    assert "Your password is changed" in done.content.decode()
    cast.lead.refresh_from_db()
    assert cast.lead.check_password(fresh)


def test_an_address_without_an_account_is_told_so_by_email_only(
    anybody: Client, mailoutbox
) -> None:
    answer = anybody.post(
        reverse("account_reset_password"), {"email": "nobody@test.example"}, follow=True
    )
    assert "Look in your email" in answer.content.decode()
    (message,) = mailoutbox
    assert message.subject == "No Workforce Tracker account with this address"
    assert "sign up" not in message.body.lower()


def test_a_used_up_link_says_what_to_do(anybody: Client) -> None:
    address = reverse("account_reset_password_from_key", args=["1", "used-up"])
    html = anybody.get(address).content.decode()
    assert "This link no longer works" in html
    assert reverse("account_reset_password") in html


def test_a_sign_in_that_fails_says_so_in_the_title_and_in_a_summary(anybody: Client) -> None:
    answer = anybody.post(reverse("account_login"), {"login": "me", "password": ""})
    html = answer.content.decode()
    assert "<title>Error: Sign in - Workforce Tracker</title>" in html
    assert "There is a problem" in html
    assert 'href="#id_password"' in html and 'id="id_password"' in html
    assert "“me” is not an email address." in html


def test_a_wrong_password_is_answered_without_blame_or_hint(cast: Cast, anybody: Client) -> None:
    said = []
    for email in (cast.lead.email, "nobody@test.example"):
        wrong = {"login": email, "password": "not this one"}
        html = anybody.post(reverse("account_login"), wrong).content.decode()
        said += re.findall(r"<li>([^<]+)</li>", html)
    assert (
        said
        == ["No account has this email address and password. Check both, or reset your password."]
        * 2
    )


def test_too_many_tries_say_how_long_to_wait(cast: Cast, anybody: Client) -> None:
    wrong = {"login": cast.lead.email, "password": "not this one"}
    html = ""
    for _ in range(11):
        html = anybody.post(reverse("account_login"), wrong).content.decode()
    assert "Wait five minutes" in html


def test_the_policy_lets_only_our_own_files_in(anybody: Client) -> None:
    policy = anybody.get(reverse("account_login")).headers["Content-Security-Policy"]
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["default-src"] == "'none'"
    assert allowed["script-src"] == "'self'"
    assert allowed["style-src"] == "'self'"
    assert "unsafe" not in policy and "http" not in policy


def test_an_unknown_address_is_a_page_of_ours(anybody: Client) -> None:
    answer = anybody.get("/no/such/page/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_a_page_that_was_open_too_long_says_what_to_do(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("account_login"), {})
    assert answer.status_code == 403
    assert "This page was open for too long" in answer.content.decode()


def test_the_header_names_the_person_and_whom_they_act_for(cast: Cast, sign_in) -> None:
    html = sign_in(cast.lead).get("/no/such/page/").content.decode()
    assert "Lena Lead" in html
    assert "NHS West Yorkshire Integrated Care Board" in html
    assert "programme lead" in html
    assert reverse("account_logout") in html


def test_every_section_is_in_the_navigation_and_the_search_box_finds_commitments(
    cast: Cast, sign_in
) -> None:
    html = sign_in(cast.lead).get("/no/such/page/").content.decode()
    for label, name in SECTIONS:
        assert f'href="{reverse(name)}">{label}</a>' in html
    assert len(SECTIONS) <= 6
    assert f'action="{reverse("commitments")}" method="get"' in html


def test_the_section_of_a_page_is_marked_in_the_navigation(cast: Cast, sign_in) -> None:
    html = sign_in(cast.lead).get(reverse("plans")).content.decode()
    assert f'href="{reverse("plans")}" aria-current="true"' in html
    assert html.count('aria-current="true"') == 1


def test_somebody_of_one_organisation_has_nothing_to_switch(cast: Cast, sign_in) -> None:
    html = sign_in(cast.lead).get("/no/such/page/").content.decode()
    assert reverse("switch_organisation") not in html


def test_somebody_of_two_organisations_can_switch(cast: Cast, bodies: Bodies, sign_in) -> None:
    Membership.objects.create(user=cast.lead, organisation=bodies.council, role=Role.VIEWER)
    html = sign_in(cast.lead).get("/no/such/page/").content.decode()
    assert reverse("switch_organisation") in html
    assert f'name="organisation" value="{bodies.council.pk}"' in html


def test_uploads_are_in_the_navigation_only_of_those_who_may_import(cast: Cast, sign_in) -> None:
    link = f'href="{reverse("uploads")}"'
    assert link in sign_in(cast.lead).get("/no/such/page/").content.decode()
    assert link in sign_in(cast.platform).get("/no/such/page/").content.decode()
    assert link not in sign_in(cast.viewer).get("/no/such/page/").content.decode()
    assert link not in sign_in(cast.nobody).get("/no/such/page/").content.decode()


def test_the_frame_costs_no_more_for_somebody_of_many_organisations(
    cast: Cast, bodies: Bodies, client: Client
) -> None:
    def count() -> int:
        client.force_login(cast.lead)
        with CaptureQueriesContext(connection) as queries:
            client.get("/no/such/page/")
        return len(queries)

    before = count()
    for body in (bodies.council, bodies.trust, bodies.other_board):
        Membership.objects.create(user=cast.lead, organisation=body, role=Role.VIEWER)
    assert count() == before


def test_the_demonstration_band_is_only_on_an_embedded_database(anybody: Client, settings) -> None:
    settings.EMBEDDED = True
    assert "is made up" in anybody.get(reverse("account_login")).content.decode()
    settings.EMBEDDED = False
    assert "is made up" not in anybody.get(reverse("account_login")).content.decode()
