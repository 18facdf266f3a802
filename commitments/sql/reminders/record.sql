-- Write what is owed and not yet in the ledger. With it, as overtaken, the earlier stages that the
-- milestone has been through without anybody being told (nothing ran on those days).
WITH step AS (
    SELECT *
    FROM unnest(
        %(due_on)s::date[], %(stage)s::text[], %(label)s::text[], %(send_on)s::date[],
        %(is_current)s::boolean[], %(known_only)s::boolean[]
    ) AS step (due_on, stage, label, send_on, is_current, known_only)
),
fresh AS (
    SELECT owed.*, current_step.label
    FROM reminder_owed owed
    JOIN step current_step ON current_step.due_on = owed.due_on AND current_step.is_current
    WHERE NOT EXISTS (
        SELECT FROM commitments_reminder r
        WHERE r.person_id = owed.person_id AND r.kind = 'milestone'
          AND r.thing_id = owed.milestone_id AND r.stage = owed.stage AND r.due_on = owed.due_on
    )
),
written AS (
    INSERT INTO commitments_reminder (
        person_id, kind, thing_id, commitment_id, through_id, stage, due_on, send_on,
        state, cause, reason, attempts, message_id, planned_at
    )
    SELECT
        fresh.person_id, 'milestone', fresh.milestone_id, fresh.commitment_id, fresh.through_id,
        step.stage, step.due_on, step.send_on,
        CASE WHEN step.is_current THEN 'planned' ELSE 'withheld' END,
        CASE WHEN step.is_current THEN '' ELSE 'overtaken' END,
        CASE WHEN step.is_current THEN '' ELSE %(overtaken)s || fresh.label END,
        0, gen_random_uuid(), %(now)s
    FROM fresh
    JOIN step ON step.due_on = fresh.due_on
    WHERE step.is_current
       OR step.send_on >= (fresh.created_at AT TIME ZONE 'Europe/London')::date
    ON CONFLICT (person_id, kind, thing_id, stage, due_on) DO NOTHING
    RETURNING state
)
SELECT
    count(*) FILTER (WHERE state = 'planned'), count(*) FILTER (WHERE state = 'withheld')
FROM written
