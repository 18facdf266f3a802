-- Withhold what waits in the ledger and is no longer owed, and say why.
WITH step AS (
    SELECT *
    FROM unnest(
        %(due_on)s::date[], %(stage)s::text[], %(label)s::text[], %(send_on)s::date[],
        %(is_current)s::boolean[], %(known_only)s::boolean[]
    ) AS step (due_on, stage, label, send_on, is_current, known_only)
    WHERE is_current
),
verdict AS (
    SELECT
        r.id,
        CASE
            WHEN milestone.id IS NULL THEN 'removed'
            WHEN milestone.state = 'complete' THEN 'complete'
            WHEN milestone.state = 'cancelled' THEN 'cancelled'
            WHEN c.state <> 'active' THEN 'commitment'
            WHEN milestone.due_date IS DISTINCT FROM r.due_on THEN 'moved'
            WHEN step.stage IS NULL THEN 'late'
            WHEN owed.person_id IS NULL THEN 'person'
            ELSE 'overtaken'
        END AS cause,
        step.label,
        milestone.due_date
    FROM commitments_reminder r
    JOIN commitments_commitment c ON c.id = r.commitment_id
    LEFT JOIN commitments_milestone milestone ON milestone.id = r.thing_id
    LEFT JOIN step ON step.due_on = r.due_on
    LEFT JOIN reminder_owed owed
        ON owed.person_id = r.person_id AND owed.milestone_id = r.thing_id
       AND owed.due_on = r.due_on
    WHERE r.kind = 'milestone' AND (r.state = 'planned' OR r.cause = 'access')
      AND r.send_on <= %(today)s
      AND owed.stage IS DISTINCT FROM r.stage
)
UPDATE commitments_reminder r
SET state = 'withheld',
    cause = verdict.cause,
    reason = CASE
        WHEN verdict.cause = 'overtaken' THEN %(overtaken)s || verdict.label
        WHEN verdict.cause = 'moved' AND verdict.due_date IS NOT NULL
            THEN (%(words)s::jsonb ->> 'moved') || to_char(verdict.due_date, '" to "FMDD FMMonth YYYY')
        ELSE %(words)s::jsonb ->> verdict.cause
    END
FROM verdict
-- The state is asked again here: another run may have sent the row while this one waited for it.
WHERE r.id = verdict.id AND (r.state = 'planned' OR r.cause = 'access')
