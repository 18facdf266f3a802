-- How each commitment stands: facts for commitments.ratings, none of which depends on today's date.
-- One function computes the facts for a set of commitments; triggers call it for whatever a
-- statement touched, so bulk SQL keeps them right as well.

ALTER TABLE commitments_standing
    ADD FOREIGN KEY (commitment_id) REFERENCES commitments_commitment ON DELETE CASCADE,
    ADD FOREIGN KEY (next_milestone_id) REFERENCES commitments_milestone ON DELETE SET NULL,
    ADD FOREIGN KEY (latest_update_id) REFERENCES commitments_progressupdate ON DELETE SET NULL;

-- Each measure with its latest actual, and how far short (per cent) that is of what was expected by
-- then. Expected: the trajectory's last value up to that period; once the commitment's target date
-- is reached, the target. Without either there is nothing to fall short of.
CREATE VIEW commitments_measure_standing AS
SELECT m.id AS measure_id,
       m.commitment_id,
       latest.value AS actual,
       latest.period_date AS actual_date,
       expected.low AS expected_low,
       expected.high AS expected_high,
       CASE m.direction
           WHEN 'at_least' THEN latest.value >= m.target_low
           WHEN 'at_most' THEN latest.value <= m.target_high
           ELSE latest.value BETWEEN m.target_low AND m.target_high
       END AS at_target,
       100 * CASE
           WHEN m.direction <> 'at_most' AND latest.value < expected.low
               THEN (expected.low - latest.value) / nullif(abs(expected.low), 0)
           WHEN m.direction <> 'at_least' AND latest.value > expected.high
               THEN (latest.value - expected.high) / nullif(abs(expected.high), 0)
           WHEN expected.low IS NOT NULL THEN 0
       END AS shortfall,
       coalesce(m.amber_tolerance, p.amber_tolerance) AS amber_tolerance,
       coalesce(m.red_tolerance, p.red_tolerance) AS red_tolerance
FROM commitments_measure m
JOIN commitments_commitment c ON c.id = m.commitment_id
JOIN commitments_plan p ON p.id = c.plan_id
LEFT JOIN LATERAL (
    SELECT f.value, f.period_date
    FROM commitments_figure f
    WHERE f.measure_id = m.id AND f.kind = 'actual'
    ORDER BY f.period_date DESC
    LIMIT 1
) latest ON true
LEFT JOIN LATERAL (
    SELECT m.target_low AS low, m.target_high AS high, 0 AS choice
    WHERE latest.period_date >= c.target_date AND m.target_low IS NOT NULL
    UNION ALL
    (SELECT f.value, f.value, 1
     FROM commitments_figure f
     WHERE f.measure_id = m.id AND f.kind = 'trajectory' AND f.period_date <= latest.period_date
     ORDER BY f.period_date DESC
     LIMIT 1)
    ORDER BY choice
    LIMIT 1
) expected ON true;

-- One trigger function for all tables. Its argument is an expression over a changed row that gives
-- the commitment's id; TG_OP tells which transition tables exist. Who writes several tables of many
-- commitments in one transaction may ask for it to be left, and refresh them once at the end
-- (commitments/register/actions/standing.py, the only place).
CREATE FUNCTION commitments_standing_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    rows_changed text := 'SELECT * FROM changed';
BEGIN
    IF current_setting('commitments.standing', true) = 'later' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        rows_changed := '(SELECT * FROM changed EXCEPT SELECT * FROM was) UNION ALL '
                        '(SELECT * FROM was EXCEPT SELECT * FROM changed)';
    END IF;
    EXECUTE format('SELECT array_agg(DISTINCT %s) FROM (%s) AS row', TG_ARGV[0], rows_changed)
    INTO ids;
    IF ids IS NOT NULL THEN
        PERFORM commitments_refresh_standing(ids);
    END IF;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    source record;
BEGIN
    FOR source IN
        SELECT * FROM (VALUES
            ('commitments_commitment', 'row.id'),
            ('commitments_milestone', 'row.commitment_id'),
            ('commitments_measure', 'row.commitment_id'),
            ('commitments_progressupdate', 'row.commitment_id'),
            ('commitments_party', 'row.commitment_id'),
            ('commitments_figure',
             '(SELECT commitment_id FROM commitments_measure WHERE id = row.measure_id)')
        ) AS sources (table_name, commitment_of)
    LOOP
        EXECUTE format(
            'CREATE TRIGGER standing_after_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS '
            'changed FOR EACH STATEMENT EXECUTE FUNCTION commitments_standing_changed(%L)',
            source.table_name, source.commitment_of);
        EXECUTE format(
            'CREATE TRIGGER standing_after_update AFTER UPDATE ON %I REFERENCING NEW TABLE AS '
            'changed OLD TABLE AS was FOR EACH STATEMENT '
            'EXECUTE FUNCTION commitments_standing_changed(%L)',
            source.table_name, source.commitment_of);
        IF source.table_name <> 'commitments_commitment' THEN
            EXECUTE format(
                'CREATE TRIGGER standing_after_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS '
                'changed FOR EACH STATEMENT EXECUTE FUNCTION commitments_standing_changed(%L)',
                source.table_name, source.commitment_of);
        END IF;
    END LOOP;
END
$$;

-- A plan's tolerances decide which measures are amber or red.
CREATE FUNCTION commitments_plan_tolerances_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM commitments_refresh_standing(array_agg(id))
    FROM commitments_commitment WHERE plan_id = NEW.id HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER standing_after_tolerances
AFTER UPDATE OF amber_tolerance, red_tolerance ON commitments_plan
FOR EACH ROW WHEN (OLD.amber_tolerance <> NEW.amber_tolerance
                   OR OLD.red_tolerance <> NEW.red_tolerance)
EXECUTE FUNCTION commitments_plan_tolerances_changed();

-- A party's side is its organisation's; only a class of bodies ("councils") has one of its own.
CREATE FUNCTION commitments_party_side() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.organisation_id IS NOT NULL THEN
        SELECT side INTO NEW.side FROM organisations_organisation WHERE id = NEW.organisation_id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER party_side BEFORE INSERT OR UPDATE ON commitments_party
FOR EACH ROW EXECUTE FUNCTION commitments_party_side();

CREATE FUNCTION commitments_organisation_kind_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE commitments_party SET side = NEW.side WHERE organisation_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER party_side_of_organisation AFTER UPDATE OF kind ON organisations_organisation
FOR EACH ROW WHEN (OLD.kind <> NEW.kind)
EXECUTE FUNCTION commitments_organisation_kind_changed();
