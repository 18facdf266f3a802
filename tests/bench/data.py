"""Generated registers of any size, made inside PostgreSQL. None of it is about real bodies."""

from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

PLAN_SIZE = 50
MILESTONES_EACH = 10

# In replica mode no trigger fires, so a million rows take seconds; the facts that the triggers
# would have kept are computed in one go at the end. Dates lie around the day given.
GENERATE = """
SET session_replication_role = replica;

INSERT INTO commitments_plan (code, title, publisher, owner_id, published_text, published_precision,
    link, source, visibility, red_after_days, amber_tolerance, red_tolerance, is_demonstration,
    created_at)
SELECT 'GEN' || n, 'Generated plan ' || n, 'Generated',
       boards.ids[1 + n %% cardinality(boards.ids)], '', 'none', '', '', 'public', 30, 5, 10, true,
       now()
FROM generate_series(1, %(plans)s) AS n,
     (SELECT array_agg(id ORDER BY id) AS ids FROM organisations_organisation WHERE kind = 'icb')
     AS boards;

INSERT INTO commitments_pillar (plan_id, name, theme, position)
SELECT p.id, initcap(theme), theme, position
FROM commitments_plan p,
     unnest(ARRAY['train', 'retain', 'reform']) WITH ORDINALITY AS themes (theme, position)
WHERE p.is_demonstration;

INSERT INTO commitments_commitment (plan_id, reference, plan_reference, title, description,
    pillar_id, staff_groups, target_text, target_date, target_precision, source, lead_basis,
    confidence, state, senior_responsible_owner, is_demonstration, version, moves, created_at)
SELECT p.id, p.code || '-' || lpad(n::text, 3, '0'), '',
       (ARRAY['Grow', 'Train', 'Retain', 'Support', 'Recruit'])[1 + n %% 5] || ' more ' ||
       (ARRAY['midwives', 'nurses', 'social workers', 'paramedics', 'pharmacists', 'planners',
              'dentists'])[1 + (n + p.id) %% 7] || ' in place ' || p.id %% 97,
       'A generated promise, number ' || n, pillar.id,
       ARRAY[(ARRAY['Nursing', 'Doctors', 'All'])[1 + n %% 3]], year.text, year.day,
       'financial_year', '', 'stated', 'high', 'active', '', true, 1, 0, now()
FROM commitments_plan p
CROSS JOIN generate_series(1, %(plan_size)s) AS n
JOIN commitments_pillar pillar ON pillar.plan_id = p.id AND pillar.position = 1 + n %% 3
CROSS JOIN LATERAL (
    SELECT (2026 + n %% 8) || '/' || (27 + n %% 8) AS text, make_date(2027 + n %% 8, 3, 31) AS day
) AS year
WHERE p.is_demonstration;

INSERT INTO commitments_party (commitment_id, role, name, organisation_id, side, position)
SELECT c.id, role, o.name, o.id, o.side, position
FROM commitments_commitment c
CROSS JOIN (VALUES ('lead', 0, 1), ('partner', 0, 7), ('partner', 1, 13))
    AS parts (role, position, stride)
CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM organisations_organisation) AS every
JOIN organisations_organisation o
    ON o.id = every.ids[1 + (c.id * stride) %% cardinality(every.ids)]
ON CONFLICT DO NOTHING;

INSERT INTO commitments_milestone (commitment_id, title, baseline_text, baseline_date,
    baseline_precision, forecast_text, forecast_precision, state, source, note, is_demonstration,
    version, moves, created_at)
SELECT c.id, 'Step ' || n, day::text, day, 'day', '', 'none',
       CASE WHEN day < %(today)s - 20 AND c.id %% 9 > 0 THEN 'complete' ELSE 'not_started' END,
       '', '', true, 1, 0, now()
FROM commitments_commitment c
CROSS JOIN generate_series(1, %(milestones)s) AS n
CROSS JOIN LATERAL (SELECT %(today)s::date + (c.id * 13 %% 200)::int - 300 + n * 60 AS day) AS due;

INSERT INTO commitments_measure (commitment_id, name, unit, direction, qualifier, baseline_value,
    baseline_text, baseline_precision, target_low, target_high, target_text, position, moves,
    rhythm)
SELECT id, 'Posts', 'posts', 'at_least', '', 100, '', 'none', 200, 200, '200', 0, 0, ''
FROM commitments_commitment WHERE id %% 3 = 0;

INSERT INTO commitments_figure (measure_id, kind, value, period_text, period_date,
    period_precision, source, note, is_demonstration)
SELECT m.id, kind, CASE kind WHEN 'actual' THEN 130 + m.id %% 25 ELSE 150 END, 'last month',
       %(today)s::date - 30, 'day', '', '', true
FROM commitments_measure m, (VALUES ('actual'), ('trajectory')) AS kinds (kind);

SET session_replication_role = origin;
-- Without this the planner believes that the tables it has just filled are empty.
ANALYZE;
SELECT commitments_refresh_standing(array_agg(id)) FROM commitments_commitment;
"""

POPULATE = """
SET session_replication_role = replica;

INSERT INTO organisations_user (email, name, password, is_active, is_platform_administrator,
    is_demonstration, joined_at, refused_email, refused_reason)
SELECT 'person' || n || '@generated.example', 'Person ' || n, '!', true, false, true, now(), '', ''
FROM generate_series(1, %(people)s) AS n;

-- In each organisation one programme lead for about thirty who contribute.
INSERT INTO organisations_membership (user_id, organisation_id, role, started_at)
SELECT u.id, every.ids[1 + n %% cardinality(every.ids)],
       CASE WHEN n <= cardinality(every.ids) THEN 'programme_lead' ELSE 'contributor' END, now()
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM organisations_user
      WHERE email LIKE '%%@generated.example') AS u,
     (SELECT array_agg(id ORDER BY id) AS ids FROM organisations_organisation) AS every;

UPDATE commitments_milestone m
SET owner_id = owners.ids[1 + (m.id * 7919) %% cardinality(owners.ids)]
FROM (SELECT array_agg(id ORDER BY id) AS ids FROM organisations_user
      WHERE email LIKE '%%@generated.example') AS owners
WHERE m.due_date BETWEEN %(today)s - 120 AND %(today)s + 120;

SET session_replication_role = origin;
"""


def migrate_and_load() -> None:
    """The real organisations in the database now connected to, and the static files in place."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_organisations", verbosity=0)


def generate(commitments: int, today) -> None:  # type: ignore[no-untyped-def]
    """Fill the connected database with that many commitments and ten times as many milestones."""
    parameters = {
        "plans": max(1, commitments // PLAN_SIZE),
        "plan_size": min(PLAN_SIZE, commitments),
        "milestones": MILESTONES_EACH,
        "today": today,
    }
    with connection.cursor() as cursor:
        cursor.execute(GENERATE, parameters)
        cursor.execute("VACUUM ANALYZE")


def populate(people: int, today) -> None:  # type: ignore[no-untyped-def]
    """Give the organisations people, and the milestones around a day an owner each."""
    with connection.cursor() as cursor:
        cursor.execute(POPULATE, {"people": people, "today": today})
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def using(database: str):  # type: ignore[no-untyped-def]
    """Connect the whole process to another database of the same server for a while."""
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def copy_of(template: str, name: str) -> None:
    """A new database that starts as another one is."""
    with using("postgres"), connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
