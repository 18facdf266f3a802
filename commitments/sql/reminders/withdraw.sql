-- Withhold what waits in the ledger and is no longer owed, or is no longer to be mailed, and say why.
WITH verdict AS (
    SELECT
        r.id,
        CASE
            WHEN r.kind = 'milestone' AND milestone.id IS NULL THEN 'removed'
            WHEN r.kind = 'upload' AND upload.id IS NULL THEN 'removed'
            WHEN milestone.state = 'complete' THEN 'complete'
            WHEN milestone.state = 'cancelled' THEN 'cancelled'
            WHEN upload.state <> 'checked' THEN 'settled'
            WHEN c.state <> 'active' THEN 'commitment'
            WHEN r.kind = 'milestone' AND milestone.due_date IS DISTINCT FROM r.due_on THEN 'moved'
            WHEN r.kind = 'update' AND round.id IS NULL THEN 'moved'
            WHEN r.kind = 'update' AND standing.reported_on >= round.opens_on THEN 'reported'
            WHEN r.due_on < %(earliest)s THEN 'late'
            WHEN r.kind = 'update' AND EXISTS (
                SELECT FROM commitments_round later
                WHERE later.plan_id = c.plan_id AND later.opens_on > round.opens_on
                  AND later.opens_on <= %(today)s
            ) THEN 'late'
            WHEN owed.person_id IS NULL THEN 'person'
            WHEN owed.stage = r.stage THEN owed.hold
            ELSE 'overtaken'
        END AS cause,
        owed.label,
        milestone.due_date
    FROM commitments_reminder r
    LEFT JOIN commitments_commitment c ON c.id = r.commitment_id
    LEFT JOIN commitments_milestone milestone
        ON r.kind = 'milestone' AND milestone.id = r.thing_id
    LEFT JOIN commitments_standing standing
        ON r.kind = 'update' AND standing.commitment_id = r.thing_id
    LEFT JOIN commitments_round round
        ON r.kind = 'update' AND round.plan_id = c.plan_id AND round.closes_on = r.due_on
    LEFT JOIN commitments_upload upload ON r.kind = 'upload' AND upload.id = r.thing_id
    LEFT JOIN reminder_owed owed
        ON owed.person_id = r.person_id AND owed.kind = r.kind AND owed.thing_id = r.thing_id
       AND owed.due_on = r.due_on
    WHERE (r.state = 'planned' OR r.cause = 'access')
      AND r.send_on <= %(today)s
      AND (owed.stage IS DISTINCT FROM r.stage OR owed.hold <> '')
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
