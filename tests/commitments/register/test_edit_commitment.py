"""Adding and changing a commitment through its pages."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from commitments.models import Commitment, Measure, Party, Plan
from commitments.register.actions import (
    CommitmentDraft,
    MeasureDraft,
    PartyDraft,
    save_commitments,
)
from organisations.models import User
from tests import factories
from tests.conftest import TODAY, Bodies, Cast
from tests.factories import fuzzy


@pytest.fixture
def plan(bodies: Bodies) -> Plan:
    return factories.plan("JFP", owner=bodies.board)


@pytest.fixture
def passport(plan: Plan, bodies: Bodies) -> Commitment:
    draft = CommitmentDraft(
        "JFP-001",
        {"title": "Passport", "description": "One for all", "target": fuzzy("2027/28")},
        pillar="Train",
        parties=[
            PartyDraft("lead", "Our trust", bodies.trust),
            PartyDraft("partner", "Leeds Academy (partnership)"),
        ],
        measures=[
            MeasureDraft(
                "Passports", "people", qualifier="minimum", target_low=Decimal(1300),
                target_text="1300 people (minimum)", baseline_value=Decimal(10),
                baseline=fuzzy("2022"),
            )
        ],
    )  # fmt: skip
    save_commitments(by=None, plan=plan, drafts=[draft], today=TODAY)
    return Commitment.objects.get()


def page_of(commitment: Commitment) -> str:
    return reverse("commitment_change", args=[commitment.plan.code, commitment.reference])


def boxes(response) -> dict[str, str]:
    """What a browser would send of a form as it is shown."""
    forms = [response.context["form"], *response.context.get("measures", [])]
    found = {}
    for form in forms:
        for box in form:
            value = box.value()
            if value not in (None, "", False):
                found[box.html_name] = str(value)
    return found


def typed(commitment: Commitment, client: Client, **changes: str) -> dict[str, str]:
    return boxes(client.get(page_of(commitment))) | changes


def choosing(response, choice: str) -> dict[str, str]:
    """What a browser would send of the page that asks, with one choice for all."""
    html = response.content.decode()
    data = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html))
    fields = re.findall(r'type="radio" name="([^"]+)"', html)
    return data | ({name: choice for name in fields} if choice else {})


def time_passes() -> None:
    factories.time_passes(Commitment, Party, Measure)


# --- adding ---------------------------------------------------------------------------------------
def test_a_programme_lead_adds_a_commitment(
    plan: Plan, cast: Cast, bodies: Bodies, sign_in, today: date
) -> None:
    client = sign_in(cast.lead)
    which = client.get(reverse("commitment_add"))
    assert f"{reverse('commitment_add')}?plan=JFP" in which.content.decode()
    url = f"{reverse('commitment_add')}?plan=JFP"
    assert boxes(client.get(url))["reference"] == "JFP-001"

    data = {
        "reference": "JFP-001",
        "title": "One hub",
        "pillar": "Reform",
        "target": "31/03/2027",
        "leads": "QWO\nNHS trusts",
        "partners": "Leeds City Council; City of York Council",
        "staff_groups": "Nurses; Midwives",
        "measure-new-name": "Hubs",
        "measure-new-target": "at least 5 hubs",
        "measure-new-direction": "at_least",
    }
    response = client.post(url, data, follow=True)

    made = Commitment.objects.get()
    assert response.redirect_chain[-1][0] == made.get_absolute_url()
    assert made.title == "One hub" and made.target_date == date(2027, 3, 31)
    assert made.pillar and made.pillar.name == "Reform"
    assert made.staff_groups == ["Nurses", "Midwives"]
    assert [(p.role, p.name, p.organisation, p.side) for p in made.parties.all()] == [
        ("lead", "NHS West Yorkshire Integrated Care Board", bodies.board, "nhs"),
        ("lead", "NHS trusts", None, "nhs"),
        ("partner", "Leeds City Council", bodies.council, "local_government"),
        ("partner", "City of York Council", bodies.other_council, "local_government"),
    ]
    measure = made.measures.get()
    assert (measure.target_low, measure.qualifier, measure.unit) == (5, "minimum", "hubs")
    assert made.events.get().pgh_context.metadata["user"] == cast.lead.pk  # type: ignore[attr-defined]

    client.post(url, data)
    assert Commitment.objects.count() == 1  # a double click adds nothing


def test_a_reference_that_is_taken_is_said_beside_its_box(
    plan: Plan, passport: Commitment, cast: Cast, sign_in
) -> None:
    url = f"{reverse('commitment_add')}?plan=JFP"
    response = sign_in(cast.lead).post(url, {"reference": "jfp-001", "title": "Hub"})
    assert response.status_code == 200
    assert "Use another reference" in str(response.context["form"].errors["reference"])
    assert Commitment.objects.count() == 1


def test_what_is_wrong_is_said_in_words_and_nothing_typed_is_lost(
    plan: Plan, cast: Cast, sign_in
) -> None:
    data = {
        "reference": "A/1",
        "target": "31/02/2027",
        "leads": "Leeds City Councl",
        "measure-new-target": "5",
        "measure-new-baseline_value": "five",
    }
    response = sign_in(cast.lead).post(f"{reverse('commitment_add')}?plan=JFP", data)
    html = response.content.decode()
    for words in (
        "has a / in it",
        "Fill in “Title”",
        "&quot;31/02/2027&quot; is not a date",
        "is not in the register of organisations. Closest: Leeds City Council (E08000035)",
        "Say what is counted",
        "&quot;five&quot; is not one number",
    ):
        assert words in html, words
    assert 'value="31/02/2027"' in html and "Leeds City Councl</textarea>" in html
    assert not Commitment.objects.exists()


def test_a_name_that_is_in_no_register_is_kept_where_a_person_says_so(
    plan: Plan, cast: Cast, sign_in
) -> None:
    data = {"reference": "A1", "title": "Hub", "leads": "Leeds Academy", "keep_names": "on"}
    sign_in(cast.lead).post(f"{reverse('commitment_add')}?plan=JFP", data)
    party = Party.objects.get()
    assert (party.name, party.organisation, party.side) == ("Leeds Academy", None, "other")


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("trust", 403), ("other_lead", 403)])
def test_others_may_not_add_to_a_plan(
    plan: Plan, cast: Cast, sign_in, who: str, status: int
) -> None:
    url = f"{reverse('commitment_add')}?plan=JFP"
    assert sign_in(getattr(cast, who)).post(url, {"title": "X"}).status_code == status


def test_a_lead_without_a_plan_is_told_what_to_do_next(cast: Cast, sign_in) -> None:
    html = sign_in(cast.other_lead).get(reverse("commitment_add")).content.decode()
    assert "keeps no plan here yet" in html and reverse("upload_add") in html


# --- changing -------------------------------------------------------------------------------------
def test_saving_a_page_as_it_is_changes_nothing(passport: Commitment, cast: Cast, sign_in) -> None:
    client = sign_in(cast.lead)
    response = client.post(page_of(passport), typed(passport, client), follow=True)
    passport.refresh_from_db()
    assert passport.version == 1
    assert "nothing to change" in response.content.decode()


def test_what_is_typed_is_saved_and_what_is_not_stays(
    passport: Commitment, cast: Cast, bodies: Bodies, sign_in
) -> None:
    client = sign_in(cast.lead)
    key = f"measure-{passport.measures.get().pk}"
    data = typed(
        passport,
        client,
        title="Staff passport",
        leads="Our trust\nE08000035",
        **{f"{key}-target": "over 1,300"},
    )
    response = client.post(page_of(passport), data)
    assert response.status_code == 302
    passport.refresh_from_db()
    assert (passport.title, passport.description) == ("Staff passport", "One for all")
    # The academy is in no register: it stood as text already, so nobody is asked again.
    assert [(p.name, p.organisation) for p in passport.parties.all()] == [
        ("Our trust", bodies.trust),
        ("Leeds City Council", bodies.council),
        ("Leeds Academy (partnership)", None),
    ]
    measure = passport.measures.get()
    assert (measure.target_low, measure.qualifier) == (1300, "more_than")
    assert measure.baseline_value == 10


def test_the_same_sent_twice_is_saved_once(passport: Commitment, cast: Cast, sign_in) -> None:
    client = sign_in(cast.lead)
    data = typed(passport, client, title="Staff passport")
    for _ in range(2):
        assert client.post(page_of(passport), data).status_code == 302
        time_passes()
    passport.refresh_from_db()
    assert passport.version == 2


def change_as(person: User, commitment: Commitment, **changes: str) -> None:
    client = Client()
    client.force_login(person)
    time_passes()
    assert client.post(page_of(commitment), typed(commitment, client, **changes)).status_code == 302


def test_edits_that_do_not_meet_are_merged_and_told(
    passport: Commitment, cast: Cast, sign_in
) -> None:
    client = sign_in(cast.lead)
    data = typed(passport, client, description="For everybody")
    change_as(cast.platform, passport, title="Staff passport", leads="QWO")

    response = client.post(page_of(passport), data, follow=True)

    passport.refresh_from_db()
    assert (passport.title, passport.description) == ("Staff passport", "For everybody")
    assert passport.parties.filter(organisation__code="QWO").exists()
    html = response.content.decode()
    assert (
        "Somebody else changed this meanwhile, and it is kept: Title, now “Staff passport”" in html
    )


@pytest.mark.parametrize(
    ("choice", "title"), [("mine", "Work passport"), ("theirs", "Staff passport")]
)
def test_edits_that_meet_are_asked_about_and_nothing_is_lost(
    passport: Commitment, cast: Cast, sign_in, choice: str, title: str
) -> None:
    client = sign_in(cast.lead)
    data = typed(passport, client, title="Work passport", description="For <everybody>")
    change_as(cast.platform, passport, title="Staff passport")

    asked = client.post(page_of(passport), data)

    html = asked.content.decode()
    assert asked.status_code == 200
    assert "Pat Platform changed the same" in html
    for words in ("Passport", "Pat Platform: Staff passport", "Yours: Work passport"):
        assert words in html
    passport.refresh_from_db()
    assert passport.description == "One for all"

    unanswered = client.post(page_of(passport), choosing(asked, "") | data)
    assert "Choose which to keep for “Title”" in unanswered.content.decode()

    settled = choosing(asked, choice)
    settled["description"] = data["description"]  # as the browser reads &lt;
    assert client.post(page_of(passport), settled).status_code == 302
    passport.refresh_from_db()
    assert (passport.title, passport.description) == (title, "For <everybody>")


def test_what_one_may_not_see_is_not_there_and_readers_may_not_change(
    cast: Cast, bodies: Bodies, sign_in, passport: Commitment
) -> None:
    hidden = factories.commitment(
        factories.plan("INT", owner=bodies.other_board, visibility="internal"), bodies.other_trust
    )
    client = sign_in(cast.lead)
    assert client.get(page_of(hidden)).status_code == 404
    assert client.post(page_of(hidden), {"title": "X"}).status_code == 404
    for who in (cast.viewer, cast.trust, cast.lga):
        assert sign_in(who).post(page_of(passport), {"title": "X"}).status_code == 403
    passport.refresh_from_db()
    assert passport.title == "Passport"
