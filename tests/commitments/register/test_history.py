"""The history of a commitment: who, when, before and after, by whatever route it was changed."""

from datetime import date, timedelta

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.history import changes
from commitments.models import Commitment, Figure, Milestone, Party, ProgressUpdate
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def commitment(bodies):
    return make.commitment(
        make.plan("LTWP"), bodies.board, bodies.council, reference="LTWP-002", title="15,000 places"
    )


def by(person):
    """Changes inside belong to this person, as the middleware arranges for a request."""
    return pghistory.context(user=person.pk)


def lines(entries):
    return [
        (entry.who, item.what, [(d.label, d.before, d.after) for d in item.details])
        for entry in entries
        for item in entry.items
    ]


def test_a_moved_forecast_reads_before_and_after(commitment, cast):
    milestone = make.milestone(commitment, "Regional plan agreed", forecast="30 September 2026")
    milestone.forecast = make.fuzzy("9 November 2026")
    with by(cast.lead):
        milestone.save()
    assert (
        "Lena Lead",
        "Milestone “Regional plan agreed” changed",
        [("Now expected", "30 September 2026", "9 November 2026")],
    ) in lines(changes([commitment.pk]))


def test_bulk_sql_is_in_the_history_too(commitment):
    make.milestone(commitment, "Plan agreed")
    make.milestone(commitment, "Plan signed")
    with pghistory.context(origin="command"), connection.cursor() as cursor:
        cursor.execute("UPDATE commitments_milestone SET state = 'in_progress'")
    entry = next(e for e in changes([commitment.pk]) if e.how == "by a command")
    assert lines([entry]) == [
        ("The product", f"Milestone “{title}” changed", [("State", "Not started", "In progress")])
        for title in ("Plan agreed", "Plan signed")
    ]


def test_names_are_given_for_what_a_row_points_to(commitment, bodies, cast):
    party = commitment.parties.get(role="lead")
    with by(cast.platform):
        party.assigned_to = bodies.trust
        party.save()
    assert (
        "Pat Platform",
        "Lead “NHS West Yorkshire Integrated Care Board” changed",
        [("Assigned to", "", "Leeds Community Healthcare NHS Trust")],
    ) in lines(changes([commitment.pk]))


def test_figures_are_told_with_their_measure_and_unit_even_after_it_is_gone(commitment, cast):
    measure = make.measure(commitment, name="Places", unit="places")
    figure = make.figure(measure, 8000, date(2026, 3, 31))
    with by(cast.lead):
        Figure.objects.filter(pk=figure.pk).update(value=8200)
    measure.delete()
    found = lines(changes([commitment.pk]))
    what = "Actual for 31 March 2026 of “Places”"
    assert ("Lena Lead", f"{what} changed", [("Value", "8,000 places", "8,200 places")]) in found
    assert any(line[1] == f"{what} removed" for line in found)


def test_changes_made_together_are_one_entry(commitment, cast):
    with by(cast.lead):
        Commitment.objects.update(title="10,000 places")
        make.milestone(commitment, "Plan agreed")
    entry = next(e for e in changes([commitment.pk]) if e.who == "Lena Lead")
    assert [item.what for item in entry.items] == [
        "Commitment changed",
        "Milestone “Plan agreed” added",
    ]
    assert entry.what == "Commitment changed, and 1 more change"


def test_what_nobody_reads_is_no_entry(commitment, cast):
    with by(cast.lead):
        commitment.save()  # counts the version up, and changes nothing else
    assert [entry.who for entry in changes([commitment.pk])] == ["The product"]


def test_a_deleted_milestone_and_the_update_are_told(commitment, bodies, cast):
    milestone = make.milestone(commitment, "Plan agreed")
    with by(cast.lead):
        make.update(commitment, cast.lead, bodies.board, rating="amber", evidence_rating="amber")
        Milestone.objects.filter(pk=milestone.pk).delete()
    told = [line[1] for line in lines(changes([commitment.pk])) if line[0] == "Lena Lead"]
    assert told == ["Milestone “Plan agreed” removed", "Progress reported: amber"]


def test_only_the_commitments_asked_for_and_since_when(commitment, bodies, cast):
    other = make.commitment(commitment.plan, bodies.trust)
    with by(cast.lead):
        make.milestone(other, "Elsewhere")
    assert "Elsewhere" not in str(lines(changes([commitment.pk])))
    assert "Elsewhere" in str(lines(changes(Commitment.objects.filter(pk=other.pk))))
    latest = changes([other.pk])[0].when
    assert changes([other.pk], since=latest + timedelta(days=1)) == []


def test_the_page_shows_who_and_what_and_pages_through(commitment, bodies, cast, sign_in):
    for number in range(25):
        with by(cast.lead):
            make.milestone(commitment, f"Step {number}")
        make.time_passes(Commitment, Milestone, Party)
    page = sign_in(cast.viewer).get("/commitments/LTWP/LTWP-002/history/").content.decode()
    assert "Lena Lead" in page and "Step 24" in page and "1 to 20 of 26" in page
    second = sign_in(cast.viewer).get("/commitments/ltwp/ltwp-002/history/?page=2")
    assert "The product" in second.content.decode()


def test_the_history_of_what_one_may_not_see_is_not_found(bodies, cast, sign_in):
    hidden = make.commitment(
        make.plan("INT", visibility="internal", owner=bodies.board), bodies.board
    )
    address = f"/commitments/INT/{hidden.reference}/history/"
    assert sign_in(cast.viewer).get(address).status_code == 404
    assert sign_in(cast.lead).get(address).status_code == 200


def test_queries_do_not_grow_with_the_number_of_changes(commitment, bodies, cast, sign_in):
    def fill():
        with by(cast.lead):
            step = make.milestone(commitment, owner=cast.trust, organisation=bodies.trust)
            Milestone.objects.filter(pk=step.pk).update(state="in_progress")
            measure = make.measure(commitment)
            make.figure(measure, 5, date(2026, 3, 31))
            update = make.update(commitment, cast.lead, bodies.board)
            ProgressUpdate.objects.filter(pk=update.pk).update(is_late=True)

    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            changes([commitment.pk])
        return len(queries)

    fill()
    first = count()
    for _ in range(5):
        fill()
    assert count() == first
