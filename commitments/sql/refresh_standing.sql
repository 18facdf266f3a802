-- What commitments stand at, worked out of everything that hangs on them.
CREATE OR REPLACE VIEW commitments_facts AS
SELECT c.id AS commitment_id,
       m.total AS milestones,
       m.complete AS milestones_complete,
       m.dated AS milestones_dated,
       m.earliest_due,
       m.latest_due,
       m.slipped,
       m.next AS next_milestone_id,
       measure.total AS measures,
       measure.with_actuals AS measures_with_actuals,
       measure.at_target AS measures_at_target,
       measure.amber AS measures_amber,
       measure.red AS measures_red,
       latest.id AS latest_update_id,
       coalesce(latest.rating, '') AS declared_rating,
       (latest.submitted_at AT TIME ZONE 'Europe/London')::date AS reported_on,
       coalesce(latest.joint_state, '') AS joint_state,
       party.nhs AND party.local_government AS is_joint,
       party.assigned AS is_assigned
FROM commitments_commitment c
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state <> 'cancelled') AS total,
           count(*) FILTER (WHERE state = 'complete') AS complete,
           count(*) FILTER (WHERE state <> 'cancelled'
                            AND (due_date IS NOT NULL OR actual_on IS NOT NULL)) AS dated,
           min(due_date) FILTER (WHERE state IN ('not_started', 'in_progress')) AS earliest_due,
           max(due_date) FILTER (WHERE state IN ('not_started', 'in_progress')) AS latest_due,
           coalesce(bool_or(forecast_date > baseline_date)
                    FILTER (WHERE state IN ('not_started', 'in_progress')), false) AS slipped,
           (array_agg(id ORDER BY due_date NULLS LAST, id)
            FILTER (WHERE state IN ('not_started', 'in_progress')))[1] AS next
    FROM commitments_milestone WHERE commitment_id = c.id
) m
CROSS JOIN LATERAL (
    SELECT count(*) AS total,
           count(actual) AS with_actuals,
           count(*) FILTER (WHERE at_target) AS at_target,
           count(*) FILTER (WHERE shortfall > amber_tolerance
                            AND shortfall <= red_tolerance) AS amber,
           count(*) FILTER (WHERE shortfall > red_tolerance) AS red
    FROM commitments_measure_standing WHERE commitment_id = c.id
) measure
LEFT JOIN LATERAL (
    SELECT id, rating, submitted_at, joint_state FROM commitments_progressupdate
    WHERE commitment_id = c.id AND state = 'submitted' ORDER BY submitted_at DESC, id DESC LIMIT 1
) latest ON true
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(side = 'nhs'), false) AS nhs,
           coalesce(bool_or(side = 'local_government'), false) AS local_government,
           coalesce(bool_or(role = 'lead' AND answering IS NOT NULL), false) AS assigned
    FROM commitments_party WHERE commitment_id = c.id
) party;

-- The same, kept for a set of commitments.
CREATE OR REPLACE FUNCTION commitments_refresh_standing(ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- Locked first and in order: the statement after this one then reads what a concurrent
    -- transaction on the same commitment has just committed, and cannot overwrite it with less.
    PERFORM 1 FROM commitments_standing WHERE commitment_id = ANY (ids)
    ORDER BY commitment_id FOR UPDATE;

    INSERT INTO commitments_standing (
        commitment_id, milestones, milestones_complete, milestones_dated, earliest_due, latest_due,
        slipped, next_milestone_id, measures, measures_with_actuals, measures_at_target,
        measures_amber, measures_red, latest_update_id, declared_rating, reported_on, joint_state,
        is_joint, is_assigned
    )
    SELECT
        commitment_id, milestones, milestones_complete, milestones_dated, earliest_due, latest_due,
        slipped, next_milestone_id, measures, measures_with_actuals, measures_at_target,
        measures_amber, measures_red, latest_update_id, declared_rating, reported_on, joint_state,
        is_joint, is_assigned
    FROM commitments_facts
    WHERE commitment_id = ANY (ids)
    ORDER BY commitment_id
    ON CONFLICT (commitment_id) DO UPDATE SET
        milestones = excluded.milestones,
        milestones_complete = excluded.milestones_complete,
        milestones_dated = excluded.milestones_dated,
        earliest_due = excluded.earliest_due,
        latest_due = excluded.latest_due,
        slipped = excluded.slipped,
        next_milestone_id = excluded.next_milestone_id,
        measures = excluded.measures,
        measures_with_actuals = excluded.measures_with_actuals,
        measures_at_target = excluded.measures_at_target,
        measures_amber = excluded.measures_amber,
        measures_red = excluded.measures_red,
        latest_update_id = excluded.latest_update_id,
        declared_rating = excluded.declared_rating,
        reported_on = excluded.reported_on,
        joint_state = excluded.joint_state,
        is_joint = excluded.is_joint,
        is_assigned = excluded.is_assigned;
END
$$;
