"""Every list page costs the same number of queries at 2 rows and at 20."""

from datetime import timedelta

import pghistory
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commitments.models import Dependency, Export, Nudge, Plan, Reminder, SavedView
from commitments.reminders import ledger, own_views, queries
from commitments.reminders.delivery import refusals
from commitments.reminders.delivery import views as delivery_views
from commitments.uploads.actions import Target, receive
from organisations.models import Role
from tests import factories as make
from tests.conftest import TODAY
from workforce_tracker import clock

ROUND = 7_000_000  # none of the others gets this key
PAGES = [
    ("home", []),
    ("commitments", []),
    ("plans", []),
    ("plan", ["OURS"]),
    ("commitment", ["OURS", "OURS-X"]),
    ("commitment_history", ["OURS", "OURS-X"]),
    ("commitment_reminders", ["OURS", "OURS-X"]),
    ("baseline_changes", ["OURS", "OURS-X"]),
    ("commitment_discussion", ["OURS", "OURS-X"]),
    ("commitment_evidence", ["OURS", "OURS-X"]),
    ("reviews", []),
    ("reviews_waiting", []),
    ("reviews_heard", []),
    ("commitment_reviews", ["OURS", "OURS-X"]),
    ("progress_add", ["OURS", "OURS-X"]),
    ("progress_table", []),
    ("rounds", ["OURS"]),
    ("round", ["OURS", ROUND]),
    ("round_owed", ["OURS", ROUND]),
    ("system_rounds", ["QWO"]),
    ("organisations", []),
    ("organisation", ["QWO"]),
    ("people", ["QWO"]),
    ("uploads", []),
    ("inbox", []),
    ("my_reminders", []),
    ("undelivered", []),
    ("commitments_export", ["xlsx"]),
    ("exports", []),
]
# Who opens a page that our programme lead may not.
OTHERS = {"undelivered": "platform"}


def grow(rows: int, cast, bodies, plan: Plan) -> None:
    """Add that many of everything that a list can show."""
    watched = plan.commitments.get(reference="OURS-X")
    for number in range(rows):
        promise = make.commitment(plan, bodies.board, bodies.council, bodies.trust, "NHS trusts")
        make.milestone(promise, baseline="2026-11-01", owner=cast.lead)
        make.update(promise, cast.lead, bodies.board, rating="amber", evidence_rating="green")
        make.milestone(watched, baseline="2026-12-01", owner=cast.lead)
        make.figure(make.measure(watched), 50, TODAY)
        late = make.milestone(watched, baseline="2027-01-01")
        above = make.milestone(promise, baseline="2027-01-01", forecast="2027-03-01")
        Dependency.objects.create(milestone=late, waits_on=above)
        Dependency.objects.create(milestone=above, waits_on=make.milestone(promise, "Far"))
        make.baseline_change(watched, cast.trust, bodies.trust, "2027-02-01", milestone=late)
        make.update(watched, cast.trust, bodies.trust)
        make.evidence(watched, cast.trust, bodies.trust)
        theirs = make.update(promise, cast.council, bodies.council)
        make.review(theirs, bodies.board)
        make.review(theirs, bodies.trust)
        make.review(theirs, bodies.lga, answered_by=cast.lga, state="disagreed")
        make.dispute(theirs)
        for update in watched.updates.filter(reviews=None):
            make.review(update, bodies.council, answered_by=cast.council_reviewer)
        said = make.comment(watched, cast.trust, mentions=[cast.lead])
        make.comment(watched, cast.council, answers=said)
        make.comment(promise, cast.trust, mentions=[cast.lead])
        other = make.plan(owner=bodies.board)
        make.commitment(other, bodies.other_board)
        make.round_(other, TODAY, TODAY)
        trust = make.organisation(f"Trust {number} of {rows}", parent=bodies.board)
        # Few commitments, as home reads so many changes and no more.
        owed = make.commitment(plan, bodies.board)
        owed.parties.create(role="lead", name=str(trust), organisation=trust)
        make.milestone(owed, baseline="2026-12-01")
        make.draft(owed, cast.lead, bodies.board)
        Nudge.objects.create(
            round_id=ROUND, organisation=trust, about="updates", by=cast.lead, on=TODAY, number=1
        )
        past = TODAY - timedelta(days=rows * 100 + number)
        make.round_(plan, past, past)
        colleague = make.person(f"Person {number} of {rows}", (Role.CONTRIBUTOR, bodies.board))
        refusals.mark(colleague, "550 no such mailbox", clock.now())
        SavedView.objects.create(user=cast.lead, name=f"View {number} of {rows}")
        Export.objects.create(
            asked_by=cast.lead, organisation=bodies.board, form="csv", state="failed",
            round_id=ROUND, body=trust,
        )  # fmt: skip
        receive(
            by=cast.lead,
            content=b"Reference,Commitment\nOURS-900,A new one\n",
            filename=f"{number}.csv",
            target=Target(plan=plan),
            today=TODAY,
        )
    ledger.plan(TODAY)
    waiting = Reminder.objects.filter(state="planned", person__memberships__role=Role.CONTRIBUTOR)
    waiting.update(state="failed", reason="451 try again later")


@pytest.fixture
def costs(cast, bodies, settings, tmp_path, today, monkeypatch):
    """`costs()` gives the queries of each page, as our programme lead."""
    settings.MEDIA_ROOT = tmp_path
    # So that a page has reminders of every kind, at twenty of each as at two.
    for views in (own_views, delivery_views):
        monkeypatch.setattr(views, "PER_PAGE", 10_000)
    monkeypatch.setattr(queries, "SHOWN_OF_PERSON", 10_000)

    def measure() -> dict[str, int]:
        counts = {}
        for name, arguments in PAGES:
            client = Client()
            client.force_login(getattr(cast, OTHERS.get(name, "lead")))
            with CaptureQueriesContext(connection) as captured:
                response = client.get(reverse(name, args=arguments))
            assert response.status_code == 200, name
            counts[name] = len(captured)
        return counts

    return measure


def test_lists_cost_the_same_at_two_rows_and_at_twenty(costs, cast, bodies):
    plan = make.plan("OURS", owner=bodies.board)
    make.commitment(plan, bodies.board, reference="OURS-X")
    make.round_(plan, TODAY, TODAY, pk=ROUND)
    with pghistory.context(user=cast.lead.pk):
        grow(2, cast, bodies, plan)
    costs()  # what is read once and kept for later requests is not the lists' doing
    few = costs()
    with pghistory.context(user=cast.lead.pk):
        grow(18, cast, bodies, plan)
    assert costs() == few
