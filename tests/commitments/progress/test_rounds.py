"""Rounds: opened for a plan or a system, extended, covered, nudged, frozen and reopened."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from commitments.coverage import State, grid, owing
from commitments.models import Commitment, Nudge, Round, Snapshot, SnapshotRow, UpdateDraft
from commitments.owed import owed_updates
from commitments.progress.actions import (
    close_rounds,
    extend_round,
    freeze,
    nudge,
    post_update,
    reopen_round,
    return_update,
)
from commitments.progress.tasks import close_rounds as close_task
from commitments.register.actions import next_dates, open_round, open_system_rounds
from organisations.models import Succession
from tests import factories as make
from tests.commitments.progress.conftest import SAID
from tests.conftest import TODAY, day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def say(person, commitment, body, **said):
    return post_update(
        by=person, commitment=commitment, organisation=body, today=TODAY, **(SAID | said)
    )


def states(round_, person, today=TODAY) -> dict[str, dict[str, int]]:
    """The grid as {code: {state: number}}, zeros left out."""
    lines = grid([round_], Commitment.objects.visible_to(person, today), today)
    return {
        line.organisation.code: {state.value: n for state, n in line.cells if n} for line in lines
    }


# --- days -----------------------------------------------------------------------------------------
def test_the_next_days_follow_the_cadence_in_working_days(plan):
    last = make.round_(plan, date(2026, 9, 1), date(2026, 9, 15))
    quarterly = next_dates(last, "quarterly", TODAY)
    assert (quarterly.opens_on, quarterly.closes_on) == (date(2026, 12, 1), date(2026, 12, 15))
    assert quarterly.answers_due_on == date(2026, 12, 22)
    # Nothing in the past, and not over Christmas either.
    late = next_dates(last, "monthly", date(2026, 12, 19))
    assert (late.opens_on, late.closes_on) == (date(2026, 12, 21), date(2027, 1, 7))


def test_the_form_suggests_the_days_and_takes_the_cadence(plan, cast, sign_in):
    make.round_(plan, date(2026, 9, 1), date(2026, 9, 15), cadence="quarterly")
    client = sign_in(cast.lead)
    page = client.get("/plans/JFP/rounds/add/").content.decode()
    assert 'value="01/12/2026"' in page and 'value="15/12/2026"' in page
    boxes = {
        "name": "Winter", "cadence": "quarterly", "opens_on": "01/12/2026",
        "closes_on": "15/12/2026", "answers_due_on": "",
    }  # fmt: skip
    assert client.post("/plans/JFP/rounds/add/", boxes).status_code == 302
    assert plan.rounds.get(name="Winter").answers_due_on == date(2026, 12, 22)


def test_a_day_that_does_not_exist_is_told(plan, cast, sign_in):
    boxes = {"name": "Winter", "cadence": "ad_hoc", "opens_on": "01/02/2027",
             "closes_on": "31/02/2027"}  # fmt: skip
    page = sign_in(cast.lead).post("/plans/JFP/rounds/add/", boxes).content.decode()
    assert "31/02/2027" in page and "is not a date" in page
    assert not plan.rounds.exists()


# --- a whole system -------------------------------------------------------------------------------
def opened(cast, bodies, **days):
    wanted = {"opens_on": TODAY, "closes_on": day(14)} | days
    return open_system_rounds(
        by=cast.lead, board=bodies.board, name="Autumn", today=TODAY, **wanted
    )


def test_a_system_gets_one_round_in_each_of_its_plans(plan, bodies, cast):
    trust_plan = make.plan("TRUST", owner=bodies.trust)
    far = make.plan("FAR", owner=bodies.other_board)
    make.plan("EMPTY", owner=bodies.board)
    for each in (plan, trust_plan, far):
        make.commitment(each, bodies.trust)
    made = opened(cast, bodies)
    assert {row.plan for row in made} == {plan, trust_plan}
    assert {row.system for row in made} == {bodies.board}


def test_a_system_gets_all_its_rounds_or_none(plan, bodies, cast):
    trust_plan = make.plan("TRUST", owner=bodies.trust)
    for each in (plan, trust_plan):
        make.commitment(each, bodies.trust)
    make.round_(trust_plan, day(3), day(5), name="Own round")
    with pytest.raises(ValidationError) as refused:
        opened(cast, bodies)
    assert any("TRUST" in text and "Own round" in text for text in refused.value.messages)
    assert "No round was opened." in refused.value.messages
    assert Round.objects.count() == 1


def test_only_who_edits_in_the_system_opens_its_rounds(plan, bodies, cast, sign_in):
    make.commitment(plan, bodies.trust)
    for name in ("trust", "viewer", "other_lead", "council"):
        with pytest.raises(PermissionDenied):
            open_system_rounds(
                by=getattr(cast, name), board=bodies.board, name="A", opens_on=TODAY,
                closes_on=day(9), today=TODAY,
            )  # fmt: skip
    client = sign_in(cast.lead)
    boxes = {"name": "Autumn", "cadence": "monthly", "opens_on": "19/11/2026",
             "closes_on": "27/11/2026"}  # fmt: skip
    address = "/organisations/QWO/rounds/"
    page = client.post(f"{address}add/", boxes, follow=True).content.decode()
    assert "takes updates in 1 plan until Friday 27 November 2026" in page
    assert "Leeds Community Healthcare NHS Trust" in client.get(address).content.decode()
    assert client.get("/organisations/RY6/rounds/").status_code == 404


# --- more time ------------------------------------------------------------------------------------
def test_an_extension_needs_a_reason_and_moves_the_answers(plan, round_, cast, bodies):
    update = say(cast.trust, make.commitment(plan, bodies.trust, bodies.council), bodies.trust)
    with pytest.raises(ValidationError, match="Say why"):
        extend_round(by=cast.lead, round=round_, closes_on=day(14), reason=" ", today=TODAY)
    done = extend_round(
        by=cast.lead, round=round_, closes_on=day(14), reason="Flu in two trusts", today=TODAY
    )
    assert (done.first_closes_on, done.closes_on) == (day(9), day(14))
    assert done.answers_due_on > round_.answers_due_on
    assert {row.due_on for row in update.reviews.all()} == {done.answers_due_on}


def test_a_closed_round_keeps_its_dates(plan, cast):
    closed = make.round_(plan, day(-20), day(-1), name="Round 2")
    with pytest.raises(ValidationError, match="a closed round keeps its dates"):
        extend_round(by=cast.lead, round=closed, closes_on=day(9), reason="Late", today=TODAY)


def test_a_round_is_not_shortened_nor_laid_over_the_next(plan, round_, cast):
    make.round_(plan, day(12), day(20), name="Round 4")
    for closes_on, told in ((day(5), "Give a later day"), (day(13), "Round 4")):
        with pytest.raises(ValidationError, match=told):
            extend_round(by=cast.lead, round=round_, closes_on=closes_on, reason="A", today=TODAY)
    with pytest.raises(PermissionDenied):
        extend_round(by=cast.trust, round=round_, closes_on=day(10), reason="A", today=TODAY)


# --- who owes what --------------------------------------------------------------------------------
def test_the_grid_counts_every_state(plan, round_, cast, bodies):
    made = [make.commitment(plan, bodies.trust, bodies.council) for _ in range(6)]
    UpdateDraft.objects.create(commitment=made[1], organisation=bodies.trust, author=cast.trust)
    back = say(cast.trust, made[2], bodies.trust)
    return_update(by=cast.lead, update=back, reason="Which?", today=TODAY)
    for promise, joint in ((made[3], ""), (made[4], "agreed"), (made[5], "disputed")):
        update = say(cast.trust, promise, bodies.trust)
        type(update).objects.filter(pk=update.pk).update(joint_state=joint)
    make.commitment(plan, bodies.board)
    make.commitment(plan, "NHS trusts")
    make.commitment(plan, bodies.trust, state="withdrawn")
    assert states(round_, cast.lead) == {
        "RY6": {
            "not_started": 1, "draft": 1, "returned": 1, "submitted": 1, "agreed": 1, "disputed": 1
        },
        "QWO": {"not_started": 1},
    }  # fmt: skip


def test_what_is_owed_is_the_same_to_the_grid_and_to_the_people_who_owe(plan, round_, cast, bodies):
    made = [make.commitment(plan, bodies.trust) for _ in range(4)]
    say(cast.trust, made[0], bodies.trust)
    rows = owing([round_.pk], Commitment.objects.all(), TODAY)
    listed = {row.commitment_id for row in rows if row.state in ("not_started", "draft")}
    assert listed == {row.pk for row in owed_updates(cast.trust, [bodies.trust.pk], TODAY)}


def test_after_the_close_what_did_not_come_is_late(plan, cast, bodies):
    round_ = make.round_(plan, day(-20), day(-2))
    first, second = (make.commitment(plan, bodies.trust) for _ in range(2))
    say(cast.trust, first, bodies.trust)
    assert states(round_, cast.lead) == {"RY6": {"submitted": 1, "late": 1}}
    rows = {row.commitment_id: row for row in owing([round_.pk], Commitment.objects.all(), TODAY)}
    assert rows[first.pk].came_late and not rows[second.pk].came_late


def test_after_a_merger_the_successor_owes(plan, round_, cast, bodies):
    make.commitment(plan, bodies.other_trust)
    bodies.other_trust.closed = day(-1)
    bodies.other_trust.save()
    Succession.objects.create(
        predecessor=bodies.other_trust, successor=bodies.trust, on=TODAY, kind="merger"
    )
    assert states(round_, cast.lead) == {"RY6": {"not_started": 1}}


def test_the_grid_counts_only_what_one_may_see(bodies, cast, sign_in):
    secret = make.plan("SEC", owner=bodies.board, visibility="internal")
    round_ = make.round_(secret, day(-5), day(9))
    make.commitment(secret, bodies.trust, title="The trust's own")
    make.commitment(secret, bodies.board, title="The board's own")
    assert states(round_, cast.trust) == {"RY6": {"not_started": 1}}
    address = f"/plans/SEC/rounds/{round_.pk}/"
    assert "The board" not in sign_in(cast.trust).get(f"{address}owed/").content.decode()
    assert sign_in(cast.viewer).get(address).status_code == 404
    assert sign_in(cast.lead).get(address.replace("SEC", "NONE")).status_code == 404


def test_each_cell_leads_to_its_commitments(plan, round_, cast, bodies, sign_in):
    make.commitment(plan, bodies.trust, title="Still owed")
    say(cast.trust, make.commitment(plan, bodies.trust, title="Given"), bodies.trust)
    client = sign_in(cast.viewer)
    address = f"/plans/JFP/rounds/{round_.pk}/"
    page = client.get(address).content.decode()
    assert "1 of 2 owed" in page
    cell = f"{address}owed/?organisation=RY6&amp;state=not_started"
    assert cell in page
    listed = client.get(cell.replace("&amp;", "&")).content.decode()
    assert "Still owed" in listed and "Given" not in listed
    assert client.get(f"{address}owed/?state=nonsense").status_code == 404
    assert client.get(f"{address}owed/?organisation=XXX").status_code == 404


# --- nudges ---------------------------------------------------------------------------------------
def test_an_organisation_is_nudged_once_a_day(plan, round_, cast, bodies, sign_in):
    make.commitment(plan, bodies.trust)
    client = sign_in(cast.lead)
    address = f"/plans/JFP/rounds/{round_.pk}/"
    first = client.post(f"{address}nudge/", {"organisation": "RY6"}, follow=True).content.decode()
    assert "Nudged: Leeds Community Healthcare NHS Trust." in first
    assert "Today by Lena Lead" in first
    again = client.post(f"{address}nudge/", {"organisation": "RY6"}, follow=True).content.decode()
    assert "They have been nudged today" in again
    assert Nudge.objects.get().number == 1
    nudge(by=cast.lead, round=round_, today=day(1))
    assert Nudge.objects.count() == 2


def test_all_who_owe_are_nudged_and_nobody_else(plan, round_, cast, bodies):
    make.commitment(plan, bodies.trust)
    make.commitment(plan, bodies.board)
    say(cast.council, make.commitment(plan, bodies.council), bodies.council)
    nudge(by=cast.lead, round=round_, organisations=[bodies.board], today=TODAY)
    made = nudge(by=cast.lead, round=round_, today=TODAY)
    assert [row.organisation for row in made] == [bodies.trust]
    with pytest.raises(ValidationError, match="Nobody owes"):
        nudge(by=cast.lead, round=round_, organisations=[bodies.council], today=TODAY)


def test_who_does_not_keep_the_plan_nudges_nobody(plan, round_, cast, bodies, sign_in):
    make.commitment(plan, bodies.trust)
    for name in ("trust", "other_lead", "viewer", "council"):
        with pytest.raises(PermissionDenied):
            nudge(by=getattr(cast, name), round=round_, today=TODAY)
    page = sign_in(cast.trust).get(f"/plans/JFP/rounds/{round_.pk}/").content.decode()
    assert "Nudge all" not in page


# --- frozen ---------------------------------------------------------------------------------------
@pytest.fixture
def over(plan, cast, bodies):
    """A round whose answers were due yesterday: one update given, one disputed, one never came."""
    made = make.round_(plan, day(-20), day(-10), answers_due_on=day(-1), name="Round 2")
    promises = [make.commitment(plan, bodies.trust, bodies.council) for _ in range(3)]
    for promise in promises[:2]:
        update = make.update(promise, cast.trust, bodies.trust, round=made)
        update.reviews.create(
            organisation=bodies.council, due_on=day(-1), state="agreed",
            answered_by=cast.council_reviewer, answered_at=update.submitted_at,
        )  # fmt: skip
    type(update).objects.filter(pk=update.pk).update(joint_state="disputed")
    return made


def test_the_close_keeps_what_stood(over, cast, bodies):
    assert close_rounds(TODAY).frozen == 1
    snapshot = Snapshot.objects.get()
    assert snapshot.counts == {"submitted": 1, "disputed": 1, "late": 1}
    row = snapshot.rows.get(state="disputed")
    assert (row.organisation, row.declared_rating, row.is_joint) == (bodies.trust, "green", True)
    assert (row.asked, row.heard, row.council_side_heard) == (1, 1, True)
    assert snapshot.rows.get(state="late").is_late


def test_the_close_is_safe_to_repeat_and_to_be_days_late(over, plan):
    make.round_(plan, day(-40), day(-30), answers_due_on=day(-25))
    make.round_(plan, day(0), day(5))
    assert close_task() == {"frozen": 2, "faults": []}
    assert close_task() == {"frozen": 0, "faults": []}
    assert Snapshot.objects.count() == 2


def test_a_round_with_answers_still_due_stays_open(plan):
    make.round_(plan, day(-20), day(-10), answers_due_on=TODAY)
    assert close_rounds(TODAY).frozen == 0
    assert close_rounds(day(1)).frozen == 1


def test_the_page_of_a_frozen_round_shows_what_stood(over, plan, cast, bodies, sign_in):
    close_rounds(TODAY)
    make.commitment(plan, bodies.trust)
    assert states(over, cast.viewer) == {"RY6": {"submitted": 1, "disputed": 1, "late": 1}}
    client = sign_in(cast.viewer)
    page = client.get(f"/plans/JFP/rounds/{over.pk}/").content.decode()
    assert "Frozen" in page and "what you see is what stood then" in page
    listed = client.get(f"/plans/JFP/rounds/{over.pk}/owed/?state=late").content.decode()
    assert listed.count("app-table__title") == 1


def test_a_snapshot_row_cannot_be_changed(over):
    close_rounds(TODAY)
    with pytest.raises(Exception, match="Cannot update"):
        SnapshotRow.objects.update(state=State.AGREED)


def test_a_round_is_reopened_with_a_reason_that_stays(over, cast, bodies, sign_in):
    close_rounds(TODAY)
    for reason, until, told in ((" ", day(5), "Say why"), ("A", day(-1), "has passed")):
        with pytest.raises(ValidationError, match=told):
            reopen_round(by=cast.lead, round=over, reason=reason, answers_due_on=until, today=TODAY)
    with pytest.raises(PermissionDenied):
        reopen_round(by=cast.trust, round=over, reason="A", answers_due_on=day(5), today=TODAY)
    client = sign_in(cast.lead)
    address = f"/plans/JFP/rounds/{over.pk}/"
    boxes = {"answers_due_on": "24/11/2026", "reason": "The council's answer was lost"}
    page = client.post(f"{address}reopen/", boxes, follow=True).content.decode()
    assert "Reopened" in page and "by Lena Lead: The council&#x27;s answer was lost" in page
    late = Commitment.objects.filter(updates=None).get()
    assert say(cast.trust, late, bodies.trust).round == over
    assert close_rounds(TODAY).frozen == 0
    assert close_rounds(day(6)).frozen == 1
    first, second = Snapshot.objects.order_by("pk")
    assert first.counts["late"] == 1 and "late" not in second.counts
    assert second.rows.get(commitment=late).is_late


def test_what_is_not_frozen_need_not_be_reopened(round_, cast):
    with pytest.raises(ValidationError, match="not frozen"):
        reopen_round(by=cast.lead, round=round_, reason="A", answers_due_on=day(5), today=TODAY)


def test_a_fault_in_one_round_does_not_stop_the_others(over, plan):
    other = make.round_(plan, day(-40), day(-30), answers_due_on=day(-25))
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE commitments_snapshot ADD CONSTRAINT no_room CHECK (round_id <> {over.pk})"
        )
    done = close_rounds(TODAY)
    assert done.frozen == 1 and "Round 2" in done.faults[0]
    assert other.snapshots.exists() and not over.snapshots.exists()


def test_the_same_round_again_is_the_one_that_stands(plan, cast):
    days = {"opens_on": TODAY, "closes_on": day(9)}
    first = open_round(by=cast.lead, plan=plan, name="Autumn", today=TODAY, **days)
    assert open_round(by=cast.lead, plan=plan, name="Autumn ", today=TODAY, **days) == first


def test_freezing_twice_takes_one_snapshot(over):
    assert freeze(round=over, today=TODAY) is not None
    assert freeze(round=over, today=TODAY) is None
