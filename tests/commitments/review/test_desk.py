"""The desk: the queue, agreeing to several, what holds up agreement, kept comments, figures."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from commitments.models import (
    Nudge,
    ProgressUpdate,
    Review,
    SectorComment,
    Snapshot,
    SnapshotRow,
)
from commitments.review.actions import ask
from tests import factories


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def look(user, name: str = "reviews", **query):
    page = browser(user).get(reverse(name), query)
    assert page.status_code == 200
    return page


def titles(page) -> list[str]:
    return [row.sides.update.commitment.title for row in page.context["rows"]]


def reported(plan, lead, *partners, by, asked_on, **fields) -> ProgressUpdate:
    """A commitment on which its lead has reported and everybody was asked."""
    title = fields.pop("title", "")
    named = {"title": title} if title else {}
    commitment = factories.commitment(plan, lead, *partners, **named)
    update = factories.update(commitment, by, lead, **fields)
    ask(update=update, by=by, today=asked_on)
    return update


# --- the queue ------------------------------------------------------------------------------------
def test_the_queue_is_ones_own_organisations_by_deadline(submitted, bodies, cast, today):
    sooner = reported(
        factories.plan(), bodies.board, bodies.council, by=cast.lead, asked_on=date(2026, 11, 16)
    )
    page = look(cast.council_reviewer)
    assert titles(page) == [sooner.commitment.title, submitted.commitment.title]
    assert "The first answer is due" in page.content.decode()


def test_a_contributor_of_a_council_reads_it_and_reviewers_answer(submitted, cast, today):
    html = look(cast.council).content.decode()
    assert submitted.commitment.title in html
    assert "reviewers of Leeds City Council answer" in html
    assert "Agree to several at once" not in html


def test_the_association_reads_every_councils_own_answer_beside(submitted, bodies, cast, today):
    row = submitted.reviews.get(organisation=bodies.council)
    factories_answer(row, cast.council_reviewer, "disagreed", reason="Not consulted on this")
    html = look(cast.lga).content.decode()
    assert "Not consulted on this" in html
    assert "1 of 1 council answered" in html


def factories_answer(row: Review, person, state: str, **words: str) -> None:
    row.state, row.answered_by, row.answered_at = state, person, row.asked_at
    row.would_change = "A meeting" if state == "disagreed" else ""
    for name, value in words.items():
        setattr(row, name, value)
    row.save()


@pytest.fixture
def two(bodies, cast, today) -> tuple[ProgressUpdate, ProgressUpdate]:
    """One in our system with our council, amber; one in the other with its council, green."""
    here = reported(
        factories.plan("OURS"),
        bodies.board,
        bodies.council,
        by=cast.lead,
        asked_on=today,
        title="Ours",
        rating="amber",
    )
    there = reported(
        factories.plan("THEIRS"),
        bodies.other_board,
        bodies.other_council,
        by=cast.other_lead,
        asked_on=today,
        title="Theirs",
    )
    return here, there


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Ours", "Theirs"]),
        ({"system": "QWO"}, ["Ours"]),
        ({"council": "E06000014"}, ["Theirs"]),
        ({"plan": "OURS"}, ["Ours"]),
        ({"rating": "green"}, ["Theirs"]),
        ({"rating": "green", "plan": "OURS"}, []),
        ({"show": "answered"}, []),
        ({"system": "nowhere"}, ["Ours", "Theirs"]),
    ],
)
def test_the_queue_is_narrowed_by_system_council_plan_and_rating(two, cast, query, found):
    assert sorted(titles(look(cast.lga, **query))) == found


def test_a_rating_that_changed_says_what_it_was(submitted, bodies, cast, today):
    later = factories.update(submitted.commitment, cast.lead, bodies.board, rating="amber")
    ask(update=later, by=cast.lead, today=today)
    assert "was green" in look(cast.lga).content.decode()


@pytest.mark.parametrize("who", ["nobody", "platform", "national", "other_lead"])
def test_whoever_is_asked_nothing_is_told_so(submitted, cast, who):
    assert "Nothing here needs an answer" in look(getattr(cast, who)).content.decode()


# --- agreeing to several --------------------------------------------------------------------------
@pytest.fixture
def plain_one(joint, bodies, cast, today) -> ProgressUpdate:
    """Unchanged, and green on both ratings."""
    factories.update(joint, cast.lead, bodies.board)
    factories.milestone(joint, baseline=date(2027, 6, 1))
    update = factories.update(joint, cast.lead, bodies.board, is_unchanged=True)
    ask(update=update, by=cast.lead, today=today)
    return update


def test_only_unchanged_and_green_ones_are_on_the_list(plain_one, two, bodies, cast):
    page = look(cast.lga, "reviews_agree")
    assert titles(page) == [plain_one.commitment.title]


def test_what_is_ticked_is_agreed_to(plain_one, bodies, cast):
    row = plain_one.reviews.get(organisation=bodies.lga)
    kept = SectorComment.objects.create(
        organisation=bodies.lga, title="Fine", text="Fine by us.", written_by=cast.lga
    )
    page = browser(cast.lga).post(
        reverse("reviews_agree"),
        {"agree": f"{row.pk}:{row.version}", "saved": kept.pk},
        follow=True,
    )
    assert "1 answer given" in page.content.decode()
    row.refresh_from_db()
    assert (row.state, row.comment) == ("commented", "Fine by us.")


def test_nothing_ticked_answers_nothing(plain_one, cast):
    page = browser(cast.lga).post(reverse("reviews_agree"), {"agree": "x"}, follow=True)
    assert "Nothing was ticked" in page.content.decode()
    assert not Review.objects.exclude(state="awaited").exists()


def test_what_changed_since_the_list_was_read_is_left_out_and_told(plain_one, bodies, cast):
    row = plain_one.reviews.get(organisation=bodies.lga)
    factories.milestone(plain_one.commitment, baseline=date(2026, 11, 1))
    page = browser(cast.lga).post(
        reverse("reviews_agree"), {"agree": f"{row.pk}:{row.version}"}, follow=True
    )
    assert "1 update changed since you read the list" in page.content.decode()


# --- what holds up agreement ----------------------------------------------------------------------
def test_a_programme_lead_sees_who_has_not_answered(submitted, bodies, cast):
    page = look(cast.lead, "reviews_waiting")
    html = page.content.decode()
    assert {one.organisation for one in page.context["silent"]} == {
        bodies.council,
        bodies.trust,
        bodies.lga,
    }
    assert "Leeds City Council has not answered" in html


def test_what_is_disputed_stands_below(submitted, bodies, cast):
    row = submitted.reviews.get(organisation=bodies.council)
    factories_answer(row, cast.council_reviewer, "disagreed", reason="No")
    factories.dispute(submitted)
    assert "1 open dispute" in look(cast.lead, "reviews_waiting").content.decode()
    assert "1 open dispute" in look(cast.lga, "reviews_waiting").content.decode()
    assert "1 open dispute" not in look(cast.other_lead, "reviews_waiting").content.decode()


@pytest.fixture
def in_round(joint, bodies, cast, today) -> ProgressUpdate:
    """Reported on in a round that our board keeps."""
    joint.plan.owner = bodies.board
    joint.plan.save()
    a_round = factories.round_(joint.plan, date(2026, 11, 2), date(2026, 11, 27))
    update = factories.update(joint, cast.lead, bodies.board, round=a_round)
    ask(update=update, by=cast.lead, today=today)
    return update


def nudge(user, body):
    return browser(user).post(reverse("reviews_nudge", args=[body.code]), follow=True)


def test_a_body_is_nudged_once_a_day(in_round, bodies, cast):
    assert "is nudged for 1 answer." in nudge(cast.lead, bodies.council).content.decode()
    assert "has been nudged today" in nudge(cast.lead, bodies.council).content.decode()
    made = Nudge.objects.get()
    assert (made.organisation, made.about, made.number) == (bodies.council, "answers", 1)
    assert "Nudged today" in look(cast.lead, "reviews_waiting").content.decode()


@pytest.mark.parametrize("who", ["council", "other_lead", "lga"])
def test_only_who_edits_a_commitment_nudges_about_it(in_round, bodies, cast, who):
    assert nudge(getattr(cast, who), bodies.trust).status_code == 403
    assert not Nudge.objects.exists()


def test_whoever_has_answered_is_not_nudged(in_round, bodies, cast):
    row = in_round.reviews.get(organisation=bodies.council)
    factories_answer(row, cast.council_reviewer, "agreed")
    assert "has answered everything" in nudge(cast.lead, bodies.council).content.decode()


# --- kept comments --------------------------------------------------------------------------------
def test_reviewers_keep_change_and_remove_comments(bodies, cast, today):
    client = browser(cast.lga)
    url = reverse("sector_comments")
    page = client.post(url, {"title": "Ask us", "text": "Ask us early."}, follow=True)
    assert "“Ask us” is kept." in page.content.decode()
    kept = SectorComment.objects.get()
    taken = client.post(url, {"title": "ask us", "text": "Again"})
    assert "There is a comment “ask us” already." in taken.content.decode()
    change = reverse("sector_comment_change", args=[kept.pk])
    client.post(change, {"title": "Ask us", "text": "Ask us first."})
    kept.refresh_from_db()
    assert kept.text == "Ask us first."
    client.post(reverse("sector_comment_remove", args=[kept.pk]))
    assert not SectorComment.objects.exists()


def test_a_comment_of_another_organisation_is_not_found(bodies, cast, today):
    kept = SectorComment.objects.create(
        organisation=bodies.council, title="Ours", text="Ours", written_by=cast.council
    )
    client = browser(cast.lga)
    assert client.get(reverse("sector_comment_change", args=[kept.pk])).status_code == 404
    assert client.post(reverse("sector_comment_remove", args=[kept.pk])).status_code == 404


# --- figures --------------------------------------------------------------------------------------
def shares(page) -> dict[str, list[tuple[int, int]]]:
    heard = page.context["heard"]
    found = {name: [(s.heard, s.total) for s in row] for name, row in heard.systems}
    return found | {"all": [(s.heard, s.total) for s in heard.overall]}


def test_heard_is_counted_live_while_a_round_is_open(in_round, bodies, cast):
    silent = factories.commitment(in_round.commitment.plan, bodies.board, bodies.council)
    assert silent.standing.is_joint
    factories.commitment(in_round.commitment.plan, bodies.board, bodies.trust)  # not joint
    assert shares(look(cast.lga, "reviews_heard"))["all"] == [(0, 2)]
    row = in_round.reviews.get(organisation=bodies.council)
    factories_answer(row, cast.council_reviewer, "agreed")
    found = shares(look(cast.lga, "reviews_heard"))
    assert found == {"all": [(1, 2)], str(bodies.board): [(1, 2)]}


def test_an_answer_of_the_nhs_alone_is_not_the_council_side(in_round, bodies, cast):
    factories_answer(in_round.reviews.get(organisation=bodies.trust), cast.lead, "agreed")
    assert shares(look(cast.lga, "reviews_heard"))["all"] == [(0, 1)]


def test_a_frozen_round_counts_as_it_was_frozen(in_round, bodies, cast):
    earlier = factories.round_(in_round.commitment.plan, date(2026, 10, 1), date(2026, 10, 20))
    snapshot = Snapshot.objects.create(round=earlier)
    SnapshotRow.objects.create(
        snapshot=snapshot,
        commitment=in_round.commitment,
        organisation=bodies.trust,
        state="agreed",
        is_joint=True,
        evidence_rating="green",
        council_side_heard=True,
    )
    page = look(cast.lga, "reviews_heard")
    assert shares(page)["all"] == [(1, 1), (0, 1)]
    assert shares(page)[str(bodies.board)] == [(1, 1), (0, 1)]
    assert "100% in October 2026, 0% in November 2026." in page.content.decode()


def test_figures_count_only_what_one_may_see(in_round, cast):
    in_round.commitment.plan.visibility = "internal"
    in_round.commitment.plan.save()
    assert shares(look(cast.other_lead, "reviews_heard"))["all"] == []


def test_years_ago_is_not_told(in_round, bodies, cast, today):
    type(in_round.round).objects.filter(pk=in_round.round_id).update(
        opens_on=today - timedelta(days=800),
        closes_on=today - timedelta(days=790),
        first_closes_on=today - timedelta(days=790),
    )
    assert shares(look(cast.lga, "reviews_heard"))["all"] == []
