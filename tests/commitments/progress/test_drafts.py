"""Drafts: kept by themselves, seen by one organisation, and nothing typed is lost."""

import json

import pytest

from commitments.models import UpdateDraft
from organisations.models import Role
from tests import factories as make
from tests.conftest import day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ADDRESS = "/commitments/JFP/JFP-001/update/"
DRAFT = f"{ADDRESS}draft/"


@pytest.fixture
def colleague(bodies):
    return make.person("Tess Trust", (Role.CONTRIBUTOR, bodies.trust))


def keep(client, words: str, version: int = 0, *, by_itself: bool = False, **boxes):
    headers = {"HX-Request": "true"} if by_itself else {}
    sent = {"narrative": words, "draft_version": version, "seen": 0} | boxes
    return client.post(DRAFT, sent, headers=headers)


def test_what_is_typed_comes_back(promise, cast, sign_in):
    client = sign_in(cast.trust)
    step = make.milestone(promise, "Agree", day(20))
    boxes = {f"m{step.pk}_forecast": "31/02", "rating": "red"}
    assert keep(client, "Half of", **boxes | {f"m{step.pk}_version": 1}).status_code == 302
    page = client.get(ADDRESS).content.decode()
    assert "Half of" in page and 'value="31/02"' in page and "Draft of Tariq Trust" in page
    assert not promise.updates.exists()


def test_the_page_keeps_it_by_itself_and_says_so(promise, cast, sign_in):
    client = sign_in(cast.trust)
    said = keep(client, "Half", by_itself=True).content.decode()
    assert "Draft kept on 19 November 2026, 10am" in said.replace(":00am", "am")
    assert "<html" not in said and 'name="draft_version" value="1"' in said
    said = keep(client, "Half of the", 1, by_itself=True).content.decode()
    assert 'name="draft_version" value="2"' in said
    assert UpdateDraft.objects.get().boxes["narrative"] == ["Half of the"]


def test_nobody_outside_sees_a_draft(promise, cast, sign_in):
    keep(sign_in(cast.trust), "A secret half")
    for name in ("council", "lead", "viewer", "platform", "national"):
        client = sign_in(getattr(cast, name))
        for address in ("/", "/commitments/JFP/JFP-001/", ADDRESS, "/plans/JFP/",
                        "/commitments/JFP/JFP-001/history/", "/plans/JFP/history.csv"):  # fmt: skip
            response = client.get(address)
            content = b"".join(response) if response.streaming else response.content
            assert b"secret half" not in content, (name, address)


def test_only_who_reports_keeps_a_draft(promise, cast, sign_in):
    for name in ("viewer", "other_lead", "council_reviewer"):
        assert keep(sign_in(getattr(cast, name)), "Words").status_code == 403
    assert not UpdateDraft.objects.exists()


def test_the_second_of_two_is_told_who_was_first(promise, cast, colleague, sign_in):
    keep(sign_in(cast.trust), "Tariq's words", by_itself=True)
    client = sign_in(colleague)
    said = keep(client, "Tess's words", by_itself=True).content.decode()
    assert "Tariq Trust saved this draft" in said and "Go on with mine" in said
    assert UpdateDraft.objects.get().boxes["narrative"] == ["Tariq's words"]
    # Without JavaScript the same, with what was typed still in its box.
    page = keep(client, "Tess's words").content.decode()
    assert "Tariq Trust saved this draft" in page and "Tess&#x27;s words" in page


def test_whoever_goes_on_with_their_own_loses_nothing_of_the_others(
    promise, cast, colleague, sign_in
):
    keep(sign_in(cast.trust), "Tariq's words")
    client = sign_in(colleague)
    keep(client, "Tess's words", take_over=1)
    draft = UpdateDraft.objects.get()
    assert (draft.boxes["narrative"], draft.author) == (["Tess's words"], colleague)
    page = client.get(ADDRESS).content.decode()
    assert "What Tariq Trust had written" in page and "Tariq&#x27;s words" in page
    # Typing on keeps it there.
    keep(client, "Tess's words, more", draft.version, by_itself=True)
    assert "Tariq's words" in json.dumps(UpdateDraft.objects.get().boxes)


def test_whoever_goes_on_with_theirs_loses_nothing_of_their_own(promise, cast, colleague, sign_in):
    keep(sign_in(cast.trust), "Tariq's words")
    client = sign_in(colleague)
    keep(client, "Tess's words", load_theirs=1)
    assert UpdateDraft.objects.get().boxes["narrative"] == ["Tariq's words"]
    page = client.get(ADDRESS).content.decode()
    assert "What Tess Trust had written" in page and "Tess&#x27;s words" in page


def test_a_third_save_asks_again(promise, cast, colleague, sign_in):
    keep(sign_in(cast.trust), "One")
    keep(sign_in(cast.trust), "Two", 1)
    said = keep(sign_in(colleague), "Mine", take_over=1).content.decode()
    assert "Tariq Trust saved this draft" in said
    assert UpdateDraft.objects.get().boxes["narrative"] == ["Two"]


def test_submitting_ends_the_draft(promise, cast, sign_in):
    client = sign_in(cast.trust)
    keep(client, "Half")
    boxes = {"rating": "green", "confidence": "high", "narrative": "All", "draft_version": 1}
    assert client.post(ADDRESS, boxes).status_code == 302
    assert not UpdateDraft.objects.exists()
    # A save that was under way when the update was sent leaves nothing behind.
    assert "has been sent" in keep(client, "All", 1, by_itself=True).content.decode()
    assert not UpdateDraft.objects.exists()


def test_a_draft_that_a_colleague_saved_since_stays(promise, cast, colleague, sign_in):
    keep(sign_in(colleague), "Tess's words")
    keep(sign_in(colleague), "Tess's words, more", 1)
    boxes = {"rating": "green", "confidence": "high", "narrative": "All", "draft_version": 1}
    assert sign_in(cast.trust).post(ADDRESS, boxes).status_code == 302
    assert UpdateDraft.objects.get().author == colleague


def test_a_draft_is_thrown_away_only_as_it_was_seen(promise, cast, colleague, sign_in):
    client = sign_in(cast.trust)
    keep(client, "Half")
    keep(sign_in(colleague), "Half and more", 1)
    client = sign_in(cast.trust)
    client.post(f"{DRAFT}discard/", {"draft_version": 1})
    assert UpdateDraft.objects.exists()
    client.post(f"{DRAFT}discard/", {"draft_version": 2})
    assert not UpdateDraft.objects.exists()


def test_the_round_closes_while_a_draft_is_open(plan, promise, cast, sign_in):
    round_ = make.round_(plan, day(-9), day(0), name="Round 3")
    client = sign_in(cast.trust)
    keep(client, "Half")
    type(round_).objects.filter(pk=round_.pk).update(closes_on=day(-1), first_closes_on=day(-1))
    page = client.get(ADDRESS).content.decode()
    assert "Half" in page and "will be marked late" in page
    boxes = {"rating": "green", "confidence": "high", "narrative": "All", "draft_version": 1}
    response = client.post(ADDRESS, boxes, follow=True).content.decode()
    assert "It is marked late: “Round 3” closed on 18 November 2026." in response
    assert promise.updates.get().is_late
