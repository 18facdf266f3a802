"""The reviews of one commitment: what each side says, one's own answer, how disputes end."""

import pgtrigger
import pytest
from django.test import Client
from django.urls import reverse

from commitments.models import Dispute, Plan, Review, SectorComment
from commitments.progress.actions import return_update
from commitments.review.actions import ask
from organisations.models import Role
from tests import factories


def page_of(commitment) -> str:
    return reverse("commitment_reviews", args=[commitment.plan.code, commitment.reference])


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(review: Review, answer: str, **words: str) -> dict[str, str]:
    boxes = {"version": str(review.version), "answer": answer, **words}
    return {f"r{review.pk}-{name}": value for name, value in boxes.items()}


def send(user, review: Review, answer: str, follow: bool = True, **words: str):
    commitment = review.update.commitment
    url = reverse("review_answer", args=[commitment.plan.code, commitment.reference, review.pk])
    extra = {"next": "1"} if words.pop("next", "") else {}
    return browser(user).post(url, said(review, answer, **words) | extra, follow=follow)


@pytest.fixture
def councils(submitted, bodies) -> Review:
    """The answer that our council is asked for."""
    return submitted.reviews.get(organisation=bodies.council)


def test_each_side_stands_beside_the_others(submitted, bodies, cast, today):
    html = browser(cast.trust).get(page_of(submitted.commitment)).content.decode()
    for body in (bodies.board, bodies.council, bodies.trust, bodies.lga):
        assert body.name in html
    assert html.count('class="app-verdict"') == 3
    assert "0 of 3 have answered; 3 still may" in html


@pytest.mark.parametrize(
    ("who", "forms"), [("council_reviewer", 1), ("lga", 1), ("council", 0), ("lead", 0)]
)
def test_only_reviewers_of_those_who_are_asked_get_a_form(submitted, cast, today, who, forms):
    page = browser(getattr(cast, who)).get(page_of(submitted.commitment))
    assert len(page.context["forms"]) == forms


def test_a_reviewer_answers(councils, cast, bodies, today):
    page = send(cast.council_reviewer, councils, "comment", comment="Well done")
    assert f"{bodies.council} agrees, with a comment." in page.content.decode()
    councils.refresh_from_db()
    assert (councils.state, councils.comment) == ("commented", "Well done")


def test_what_is_missing_is_said_at_its_box(councils, cast, today):
    page = send(cast.council_reviewer, councils, "disagree", reason="Not consulted")
    html = page.content.decode()
    assert "Say what would change your mind." in html
    assert "Not consulted" in html
    councils.refresh_from_db()
    assert councils.state == "awaited"


def test_nobody_sends_the_answer_of_another_organisation(councils, cast, today):
    assert send(cast.lga, councils, "agree").status_code == 403
    councils.refresh_from_db()
    assert councils.state == "awaited"


def test_an_answer_belongs_to_its_commitment(councils, bodies, cast, today):
    other = factories.commitment(councils.update.commitment.plan, bodies.board, bodies.council)
    url = reverse("review_answer", args=[other.plan.code, other.reference, councils.pk])
    assert browser(cast.council_reviewer).post(url).status_code == 404


def test_the_second_reviewer_is_told_what_the_first_said(councils, cast, second_reviewer, today):
    stale = Review.objects.select_related("update__commitment__plan").get(pk=councils.pk)
    send(cast.council_reviewer, councils, "comment", comment="Well done")
    page = send(second_reviewer, stale, "disagree", reason="No", would_change="Yes")
    html = page.content.decode()
    assert f"{cast.council_reviewer} answered for" in html
    assert "Well done" in html
    councils.refresh_from_db()
    assert councils.state == "commented"
    form = page.context["form"]
    again = send(second_reviewer, form.review, "disagree", reason="No", would_change="Yes")
    assert again.status_code == 200
    councils.refresh_from_db()
    assert (councils.state, councils.answered_by) == ("disagreed", second_reviewer)


def test_a_kept_comment_goes_before_what_is_written(councils, bodies, cast, today):
    kept = SectorComment.objects.create(
        organisation=bodies.council, title="Ask", text="Ask us early.", written_by=cast.lead
    )
    send(cast.council_reviewer, councils, "comment", saved=str(kept.pk), comment="Here too.")
    councils.refresh_from_db()
    assert councils.comment == "Ask us early.\n\nHere too."


def test_next_goes_on_to_the_next_answer_awaited(councils, bodies, cast, today):
    second = factories.commitment(councils.update.commitment.plan, bodies.board, bodies.council)
    ask(update=factories.update(second, cast.lead, bodies.board), by=cast.lead, today=today)
    page = send(cast.council_reviewer, councils, "agree", follow=False, next="1")
    assert page["Location"] == page_of(second)
    other = Review.objects.get(update__commitment=second, organisation=bodies.council)
    last = send(cast.council_reviewer, other, "agree", follow=False, next="1")
    assert last["Location"] == reverse("reviews")


def test_what_changed_since_the_update_before_is_told(submitted, bodies, cast, today):
    later = factories.update(submitted.commitment, cast.lead, bodies.board, rating="amber")
    ask(update=later, by=cast.lead, today=today)
    page = browser(cast.lga).get(page_of(submitted.commitment))
    assert page.context["glance"].before == submitted
    assert "What changed since the update before" in page.content.decode()


def test_answers_to_earlier_updates_stay_to_be_read(councils, bodies, cast, today):
    send(cast.council_reviewer, councils, "comment", comment="The first time")
    later = factories.update(councils.update.commitment, cast.lead, bodies.board)
    ask(update=later, by=cast.lead, today=today)
    html = browser(cast.lga).get(page_of(later.commitment)).content.decode()
    assert "The first time" in html
    assert "Earlier updates" in html


def test_an_internal_plans_reviews_are_not_found_by_others(submitted, cast, bodies, today):
    Plan.objects.filter(pk=submitted.commitment.plan_id).update(visibility="internal")
    assert browser(cast.other_lead).get(page_of(submitted.commitment)).status_code == 404
    assert browser(cast.trust).get(page_of(submitted.commitment)).status_code == 200


@pytest.fixture
def by_a_colleague(councils, bodies) -> Review:
    """The same, where somebody else than the programme lead wrote the update: who wrote it cannot
    send it back."""
    colleague = factories.person("Cam Colleague", (Role.CONTRIBUTOR, bodies.board))
    with pgtrigger.ignore("commitments.ProgressUpdate:update_said_is_said"):
        type(councils.update).objects.filter(pk=councils.update_id).update(
            author=colleague, narrative="Between us."
        )
    councils.refresh_from_db()
    return councils


def test_what_was_sent_back_is_not_told_and_its_answers_are(by_a_colleague, cast, today):
    councils = by_a_colleague
    send(cast.council_reviewer, councils, "comment", comment="We had said yes")
    update = councils.update
    return_update(by=cast.lead, update=update, reason="Too thin", today=today)
    html = browser(cast.lga).get(page_of(update.commitment)).content.decode()
    assert "We had said yes" in html
    assert "What it said is not told any more." in html
    assert update.narrative not in html


def test_what_was_sent_back_before_anybody_answered_is_not_listed(by_a_colleague, cast, today):
    councils = by_a_colleague
    return_update(by=cast.lead, update=councils.update, reason="Too thin", today=today)
    html = browser(cast.lga).get(page_of(councils.update.commitment)).content.decode()
    assert councils.update.narrative not in html
    assert "Earlier updates" not in html


# --- disputes -------------------------------------------------------------------------------------
@pytest.fixture
def dispute(councils, cast, today) -> Dispute:
    send(cast.council_reviewer, councils, "disagree", reason="Not asked", would_change="A meeting")
    return Dispute.objects.get()


def post(user, name: str, dispute: Dispute, **data):
    commitment = dispute.commitment
    url = reverse(name, args=[commitment.plan.code, commitment.reference, dispute.pk])
    return browser(user).post(url, data, follow=True)


def test_both_sides_agree_to_differ_on_the_page(dispute, cast, today):
    page = post(cast.lead, "dispute_differ", dispute, note="Both views stand")
    assert "It takes a yes from every side" in page.content.decode()
    assert (
        "Both views stand"
        in browser(cast.council_reviewer).get(page_of(dispute.commitment)).content.decode()
    )
    page = post(cast.council_reviewer, "dispute_differ", dispute)
    assert "Both sides agree to differ" in page.content.decode()
    assert "Disputes that have ended" in page.content.decode()


def test_without_words_there_is_nothing_to_agree_to(dispute, cast, today):
    page = post(cast.lead, "dispute_differ", dispute)
    assert "Write how both views stand beside each other." in page.content.decode()


def test_a_dispute_is_passed_on_to_people_of_a_list(dispute, cast, bodies, today):
    commitment = dispute.commitment
    url = reverse("dispute_escalate", args=[commitment.plan.code, commitment.reference, dispute.pk])
    form = browser(cast.lead).get(url).content.decode()
    assert "Leigh Association" in form
    assert "Otis Other" not in form
    page = post(cast.lead, "dispute_escalate", dispute, to=[cast.lga.pk], note="Who leads?")
    html = page.content.decode()
    assert "Passed on to Leigh Association" in html
    assert "Who leads?" in html


def test_somebody_named_who_is_not_on_the_list_is_refused(dispute, cast, today):
    page = post(cast.lead, "dispute_escalate", dispute, to=[cast.other_lead.pk], note="x")
    dispute.refresh_from_db()
    assert dispute.end == ""
    assert page.context["form"].errors["to"]


@pytest.mark.parametrize("who", ["trust", "lga", "council", "national"])
def test_others_see_the_dispute_and_have_no_say(dispute, cast, today, who):
    html = browser(getattr(cast, who)).get(page_of(dispute.commitment)).content.decode()
    assert "Disputed since" in html
    assert "Propose to agree" not in html
    assert post(getattr(cast, who), "dispute_differ", dispute, note="x").status_code == 403


def test_the_commitments_page_shows_each_verdict_beside_the_rating(dispute, cast, bodies, today):
    html = browser(cast.lead).get(dispute.commitment.get_absolute_url()).content.decode()
    assert "What the partners say" in html
    assert "Not asked" in html
    assert "Disputed" in html


def test_the_list_finds_what_is_disputed(dispute, cast, bodies, today):
    agreed = factories.commitment(dispute.commitment.plan, bodies.board, bodies.council)
    html = browser(cast.lead).get(reverse("commitments"), {"joint_state": "disputed"}).content
    assert dispute.commitment.title in html.decode()
    assert agreed.title not in html.decode()


def test_the_public_page_tells_nothing_of_it(dispute, client):
    html = client.get(dispute.commitment.get_absolute_url()).content.decode()
    assert "Not asked" not in html
    assert client.get(page_of(dispute.commitment)).status_code == 302


def test_somebody_of_two_organisations_may_answer_for_each(submitted, bodies, today):
    both = factories.person("Bo", (Role.REVIEWER, bodies.council), (Role.REVIEWER, bodies.trust))
    assert len(browser(both).get(page_of(submitted.commitment)).context["forms"]) == 2
