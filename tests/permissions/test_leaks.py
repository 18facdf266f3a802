"""What a person may not see is in nothing that they read: lists, counts, choices, news, mail."""

import json
from datetime import timedelta

import pghistory
import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from commitments.models import Commitment, Plan, SavedView
from commitments.reminders import sending
from tests import factories as make
from tests.conftest import TODAY
from workforce_tracker import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def hidden(bodies):
    """An internal commitment of our trust, with things that lists could count and suggest."""
    plan = make.plan(
        "HUSH", title="Hushed plan", owner=bodies.board, visibility=Plan.Visibility.INTERNAL
    )
    made = make.commitment(
        plan, bodies.trust, reference="HUSH-1", title="Zebra wing", description="Zebra",
        pillar=make.pillar(plan, "Hushed heading", "retain"), staff_groups=["Zebra keepers"],
        target="2027",
    )  # fmt: skip
    make.milestone(made, "Zebra fence", "2026-01-31")
    return made


@pytest.fixture
def open_one(bodies):
    return make.commitment(make.plan("OPEN"), bodies.trust, reference="OPEN-1", title="Open wing")


WORDS = ("HUSH", "Hush", "Zebra", "zebra fence")
PLACES = (
    "/commitments/?show=all",
    "/commitments/?q=zebra",
    "/commitments/?q=HUSH-1",
    "/commitments/?q=zebar+wing",
    "/commitments/?plan=HUSH",
    "/commitments/?heading=Hushed+heading",
    "/commitments/?staff_group=Zebra+keepers",
    "/commitments/?organisation=RY6",
    "/commitments/?overdue=yes",
    "/plans/",
    "/organisations/RY6/",
    "/organisations/QWO/",
    "/",
)


@pytest.mark.parametrize("place", PLACES)
def test_no_page_of_a_stranger_tells_of_it(hidden, open_one, cast, sign_in, place):
    client = sign_in(cast.viewer)
    client.get("/")
    with pghistory.context(user=cast.lead.pk):
        Commitment.objects.filter(pk=hidden.pk).update(title="Zebra wing, moved")
    page = client.get(place, follow=True).content.decode()
    typed = place.partition("?")[2].replace("+", " ")
    told = [word for word in WORDS if word in page and word not in typed]
    assert told == []


def test_the_same_places_tell_who_may_see_it(hidden, open_one, cast, sign_in):
    client = sign_in(cast.lead)
    told = [p for p in PLACES if "Zebra wing" in client.get(p, follow=True).content.decode()]
    assert {"/commitments/?show=all", "/commitments/?q=zebra", "/organisations/RY6/"} <= set(told)


def test_counts_are_of_what_one_sees(hidden, open_one, cast, sign_in):
    def counts(person):
        client = sign_in(person)
        organisation = client.get("/organisations/RY6/").context["leads"].count
        listed = client.get("/commitments/?show=all").context["listing"].keys
        plans = {row.plan.code: row.counts.total for row in client.get("/plans/").context["rows"]}
        return organisation, len(listed), plans

    assert counts(cast.viewer) == (1, 1, {"OPEN": 1})
    assert counts(cast.lead) == (2, 2, {"HUSH": 1, "OPEN": 1})


def test_a_plan_that_one_reaches_by_one_commitment_counts_only_that(bodies, hidden, cast, sign_in):
    ours = make.commitment(hidden.plan, bodies.other_trust, reference="HUSH-2", title="Shared wing")
    page = sign_in(cast.viewer).get("/plans/HUSH/")
    assert page.context["overall"].total == 1
    said = page.content.decode()
    assert ours.title in said or "1 commitment" in said
    assert "Zebra" not in said


def test_drafts_count_nowhere_but_at_home(bodies, cast, sign_in):
    make.commitment(
        make.plan("OPEN"), bodies.trust, reference="OPEN-9", title="Zebra draft", state="draft",
        draft_of=bodies.trust,
    )  # fmt: skip
    for person, seen in ((cast.trust, True), (cast.lead, True), (cast.viewer, False),
                         (cast.lga, False), (cast.council, False)):  # fmt: skip
        said = sign_in(person).get("/commitments/?show=all&state=draft").content.decode()
        assert ("Zebra draft" in said) == seen, person
        total = sign_in(person).get("/plans/OPEN/").context["overall"].total
        assert total == (1 if seen else 0), person


def test_a_saved_view_shows_what_its_reader_may_see(hidden, open_one, cast, sign_in):
    SavedView.objects.create(user=cast.viewer, name="Hidden ones", query="plan=HUSH")
    page = sign_in(cast.viewer).get("/commitments/?plan=HUSH")
    assert page.context["listing"].rows == []
    assert "Hushed plan" not in page.content.decode()
    other = SavedView.objects.create(user=cast.lead, name="Zebra view", query="plan=HUSH")
    assert "Zebra view" not in sign_in(cast.viewer).get("/commitments/?show=all").content.decode()
    assert SavedView.objects.filter(pk=other.pk).exists()


def test_news_at_home_is_of_what_one_sees(hidden, open_one, cast, sign_in):
    for person in (cast.viewer, cast.lead):
        person.home_seen_at = clock.now() - timedelta(days=1)
        person.save()
    with pghistory.context(user=cast.trust.pk):
        Commitment.objects.update(description="Moved on")
    told = {
        person: [
            news.entry.commitment.reference
            for news in sign_in(person).get("/").context["changes"].news
        ]
        for person in (cast.viewer, cast.lead)
    }
    assert "HUSH-1" not in told[cast.viewer]
    assert "HUSH-1" in told[cast.lead]


def test_a_message_tells_nothing_that_its_reader_may_not_see(hidden, bodies, cast):
    late = make.milestone(hidden, "Zebra gate", forecast=TODAY - timedelta(days=3))
    late.owner = cast.viewer  # set by an import, before they moved to another system
    late.save()
    sending.run(TODAY)
    told = {to: message.body for message in mail.outbox for to in message.to}
    assert not [to for to in told if cast.viewer.email in to]
    assert all("Zebra" not in body for to, body in told.items() if "vera" in to.lower())


def test_the_command_line_sees_what_its_person_sees(hidden, cast, tmp_path, settings, capsys):
    settings.MEDIA_ROOT = tmp_path / "media"
    file = tmp_path / "actions.csv"
    file.write_text("Reference,Commitment,Lead organisation\nHUSH-1,Mine now,NHS trusts\n")
    before = Commitment.objects.values().get(pk=hidden.pk)

    def run(person, plan):
        with open(tmp_path / "said", "w") as said:
            call_command("import_commitments", str(file), "--json", plan=plan, email=person.email,
                         stdout=said)  # fmt: skip

    answers = {}
    for person in (cast.viewer, cast.other_lead, cast.nobody, cast.trust, cast.lga):
        for plan in ("HUSH", "NONE"):
            with pytest.raises(CommandError) as refusal:
                run(person, plan)
            answers[person, plan] = str(refusal.value)
            said = (tmp_path / "said").read_text()
            assert "Zebra" not in said + str(refusal.value)
            assert json.loads(said.strip().splitlines()[-1])["changed"] == 0
    for person in (cast.viewer, cast.other_lead, cast.nobody):
        hush, none = answers[person, "HUSH"], answers[person, "NONE"]
        assert hush.replace("HUSH", "NONE") == none  # unknown and forbidden are one
    assert "may not import" in answers[cast.trust, "HUSH"]
    assert Commitment.objects.values().get(pk=hidden.pk) == before
