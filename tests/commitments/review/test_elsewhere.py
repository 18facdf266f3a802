"""What other pages tell of joint reviews: home, the history, a planned merger."""

from datetime import date

from django.test import Client
from django.urls import reverse

from commitments.history import changes
from commitments.models import ProgressUpdate, Review
from commitments.review.actions import answer
from organisations.models import Succession
from organisations.succession.effects import effects_of
from organisations.succession.queries import Reorganisation
from tests import factories


def home(user) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("home")).content.decode()


def test_home_says_how_many_answers_are_awaited_from_oneself(submitted, bodies, cast):
    html = " ".join(home(cast.council_reviewer).split())
    assert f"<strong>1 answer</strong> awaited from {bodies.council}" in html


def test_home_says_who_has_not_answered(submitted, bodies, cast):
    html = home(cast.lead)
    assert "has not answered on" in html
    assert "Nudge" not in html  # it belongs to no round


def test_home_offers_a_nudge_and_comes_back(submitted, bodies, cast, today):
    a_round = factories.round_(submitted.commitment.plan, date(2026, 11, 2), date(2026, 11, 27))
    ProgressUpdate.objects.filter(pk=submitted.pk).update(round=a_round)
    address = reverse("reviews_nudge", args=[bodies.council.code])
    assert address in home(cast.lead)
    client = Client()
    client.force_login(cast.lead)
    assert client.post(address, {"back": "home"})["Location"] == reverse("home")
    assert "Nudged today" in home(cast.lead)


def test_the_history_tells_who_was_asked_and_what_they_answered(submitted, bodies, cast, today):
    factories.time_passes(Review)
    row = submitted.reviews.get(organisation=bodies.council)
    answer(
        by=cast.council_reviewer,
        review=row,
        base_version=row.version,
        answer="disagree",
        reason="Not consulted",
        would_change="A meeting",
        today=today,
    )
    told = changes([submitted.commitment_id])
    lines = {item.what for entry in told for item in entry.items}
    assert {
        "Asked for an answer to the progress update",
        "Answer to the progress update: disagrees",
        "Dispute opened",
    } <= lines
    values = {(d.label, d.after) for entry in told for d in entry.details}
    assert ("Why they disagree", "Not consulted") in values


def test_a_planned_merger_says_whose_answers_are_awaited(submitted, bodies, cast, today):
    change = Reorganisation(
        Succession.Kind.MERGER, date(2027, 4, 1), (bodies.council,), (bodies.other_council,)
    )
    effect = next(
        found
        for found in effects_of(change, cast.platform, today)
        if found.heading == "Answers awaited in joint reviews"
    )
    assert effect.number == 1
    assert str(bodies.other_council) in effect.words
