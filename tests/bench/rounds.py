"""A round with many owed updates: the page of the round (its grid), one cell of it, the freeze, and
the same page once it is frozen; then the desk of whoever answers all of it.

Two sizes are measured in turn. The plans are generated ones; one round covers them all, as one of a
whole system does.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commitments.models import Plan, Round
from organisations.models import Membership, Organisation, Role, User
from tests.bench import data
from workforce_tracker import clock

SMALL = 1_000

# All commitments go into one plan, which owes an update for each. A third is submitted, and of
# every nine one is a draft and one was sent back.
FILL = """
SET session_replication_role = replica;
UPDATE commitments_commitment SET plan_id = %(plan)s, pillar_id = NULL;

INSERT INTO commitments_progressupdate (commitment_id, round_id, organisation_id, author_id, rating,
    confidence, narrative, risks, reason, path_to_green, difference_reason, next_steps,
    evidence_rating, state, joint_state, number, is_unchanged, is_late, submitted_at,
    settled_reason, settled_by_id, settled_at, is_demonstration)
SELECT c.id, %(round)s, p.organisation_id, %(person)s, 'green', 'high', 'Generated', '', '', '', '',
       '', 'no_evidence', CASE WHEN c.id %% 9 = 1 THEN 'returned' ELSE 'submitted' END,
       CASE WHEN c.id %% 9 = 0 THEN 'agreed' WHEN c.id %% 9 = 3 THEN 'disputed' ELSE '' END,
       1, false, false, now(), CASE WHEN c.id %% 9 = 1 THEN 'Generated' ELSE '' END,
       CASE WHEN c.id %% 9 = 1 THEN %(person)s END, CASE WHEN c.id %% 9 = 1 THEN now() END, true
FROM commitments_commitment c
JOIN commitments_party p ON p.commitment_id = c.id AND p.role = 'lead'
WHERE c.id %% 3 = 0 OR c.id %% 9 = 1;

INSERT INTO commitments_updatedraft (commitment_id, organisation_id, author_id, boxes, version,
    saved_at)
SELECT c.id, p.organisation_id, %(person)s, '{}', 1, now()
FROM commitments_commitment c
JOIN commitments_party p ON p.commitment_id = c.id AND p.role = 'lead'
WHERE c.id %% 9 = 2;
SET session_replication_role = origin;
SELECT commitments_refresh_standing(array_agg(id)) FROM commitments_commitment;
"""

# Every commitment is joint and reported on, and every update is asked about: the Local Government
# Association has not answered any, and of every three one council disagrees.
ASK = """
SET session_replication_role = replica;
INSERT INTO commitments_progressupdate (commitment_id, organisation_id, author_id, rating,
    confidence, narrative, risks, reason, path_to_green, difference_reason, next_steps,
    evidence_rating, state, joint_state, number, is_unchanged, is_late, submitted_at,
    settled_reason, is_demonstration)
SELECT c.id, p.organisation_id, %(person)s, 'green', 'high', 'Generated', '', '', '', '', '',
       'no_evidence', 'submitted', '', 1, false, false, now(), '', true
FROM commitments_commitment c
JOIN commitments_party p ON p.commitment_id = c.id AND p.role = 'lead'
WHERE NOT EXISTS (SELECT FROM commitments_progressupdate u
                  WHERE u.commitment_id = c.id AND u.state = 'submitted');

INSERT INTO commitments_review (update_id, organisation_id, for_sector, state, comment, reason,
    would_change, asked_at, due_on, is_late, dropped_reason, is_demonstration, version,
    answered_by_id, answered_at)
SELECT u.id, o.id, o.code = 'NAT-LGA', CASE WHEN o.code = 'NAT-LGA' THEN 'awaited'
            WHEN u.id %% 3 = 0 THEN 'disagreed' ELSE 'agreed' END,
       '', 'Generated', 'Generated', now(), current_date + (u.id %% 10)::integer, false, '', true,
       1, CASE WHEN o.code <> 'NAT-LGA' THEN %(person)s END,
       CASE WHEN o.code <> 'NAT-LGA' THEN now() END
FROM commitments_progressupdate u
JOIN organisations_organisation o ON o.code IN ('NAT-LGA', 'E08000035')
WHERE u.state = 'submitted';

INSERT INTO commitments_dispute (commitment_id, update_id, opened_at, "end", note, differ_note,
    is_demonstration)
SELECT u.commitment_id, u.id, now(), '', '', '', true
FROM commitments_progressupdate u WHERE u.state = 'submitted' AND u.id %% 3 = 0;
SET session_replication_role = origin;
UPDATE commitments_progressupdate SET joint_state = CASE WHEN id %% 3 = 0 THEN 'disputed'
    ELSE 'awaited' END WHERE state = 'submitted';
SELECT commitments_refresh_standing(array_agg(id)) FROM commitments_commitment;
UPDATE commitments_standing SET is_joint = true;
"""


def run(rounds: int, large: int) -> None:
    """Print one row a page, and what the freeze takes."""
    settings.ALLOWED_HOSTS = ["testserver"]
    usual = connection.settings_dict["NAME"]
    data.migrate_and_load()
    user = User.objects.create_user("bench@test.example", name="Bench")
    board = Organisation.objects.get(code="QWO")
    Membership.objects.create(user=user, organisation=board, role=Role.PROGRAMME_LEAD)
    sizes = {"rounds_small": SMALL, "rounds_large": large}
    connection.close()
    for name, size in sizes.items():
        data.copy_of(str(usual), name)
        with data.using(name):
            data.generate(size, clock.today())
            _fill(user, board, clock.today())
    print(f"A round with {SMALL:,} and {large:,} updates owed, median of {rounds}\n")
    head = ("page", f"{SMALL:,}", f"{large:,}", "ratio", "queries", "queries")
    print("{:<22}{:>12}{:>12}{:>8}{:>9}{:>9}".format(*head))
    _pages(sizes, rounds, {"round": "", "cell": "owed/?state=not_started"})
    _freeze(sizes)
    _pages(sizes, rounds, {"frozen round": "", "frozen cell": "owed/?state=not_started"})
    print(f"\nThe desk with {SMALL:,} and {large:,} answers awaited\n")
    for name in sizes:
        with data.using(name):
            _ask(user)
    desk = {
        "desk": "/reviews/",
        "desk, one system": "/reviews/?system=QWO&rating=green",
        "what holds up": "/reviews/waiting/",
        "council side heard": "/reviews/heard/",
    }
    _timed(sizes, rounds, {title: partial(str, address) for title, address in desk.items()})


def _fill(user: User, board: Organisation, today: date) -> None:
    plan = Plan.objects.filter(code__startswith="GEN").order_by("pk").first()
    assert plan is not None
    Plan.objects.filter(pk=plan.pk).update(owner=board)
    # References are unique in a plan only; those of the generated plans begin with its code.
    made = Round.objects.create(
        plan=plan,
        name="Bench",
        opens_on=today - timedelta(days=5),
        closes_on=today + timedelta(days=5),
        first_closes_on=today + timedelta(days=5),
        answers_due_on=today + timedelta(days=10),
    )
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"plan": plan.pk, "round": made.pk, "person": user.pk})
        cursor.execute("VACUUM ANALYZE")


# Other pages that read a whole round (the desk of the association, say) are one line here.
def _ask(user: User) -> None:
    """Make the person a reviewer of the Local Government Association, with everything to answer."""
    association = Organisation.objects.get(code="NAT-LGA")
    Membership.objects.filter(user=user).delete()
    Membership.objects.create(user=user, organisation=association, role=Role.REVIEWER)
    with connection.cursor() as cursor:
        cursor.execute(ASK, {"person": user.pk})
        cursor.execute("VACUUM ANALYZE")


def _pages(sizes: dict[str, int], rounds: int, pages: dict[str, str]) -> None:
    """The pages of the round by title, each the rest of its address."""

    def address(rest: str) -> str:
        made = Round.objects.select_related("plan").get()
        return f"/plans/{made.plan.code}/rounds/{made.pk}/{rest}"

    _timed(sizes, rounds, {title: partial(address, rest) for title, rest in pages.items()})


def _timed(sizes: dict[str, int], rounds: int, pages: dict[str, Callable[[], str]]) -> None:
    for title, address in pages.items():
        taken, queries = {}, {}
        for name in sizes:
            with data.using(name):
                client = Client()
                client.force_login(User.objects.get())
                fetch = partial(client.get, address())
                response = fetch()
                assert response.status_code == 200, response.status_code
                with CaptureQueriesContext(connection) as captured:
                    fetch()
                queries[name] = len(captured)
                taken[name] = _median(fetch, rounds)
        small, large = sizes
        print(
            f"{title:<22}{taken[small]:>10.1f}ms{taken[large]:>10.1f}ms"
            f"{taken[large] / taken[small]:>8.2f}{queries[small]:>9}{queries[large]:>9}"
        )


def _freeze(sizes: dict[str, int]) -> None:
    from commitments.progress.actions import freeze

    taken, queries = [], []
    for name in sizes:
        with data.using(name):
            made = Round.objects.select_related("plan").get()
            with CaptureQueriesContext(connection) as captured:
                start = time.perf_counter()
                freeze(round=made, today=clock.today())
                taken.append((time.perf_counter() - start) * 1000)
            queries.append(len(captured))
    small, large = taken
    print(
        f"{'freeze':<22}{small:>10.1f}ms{large:>10.1f}ms{large / small:>8.2f}"
        f"{queries[0]:>9}{queries[1]:>9}"
    )


def _median(what: Callable[[], object], rounds: int) -> float:
    what()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        what()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
