-- Withhold what waits in the ledger and is no longer owed, or is no longer to be mailed, and say why.
WITH step AS (
    SELECT *
    FROM unnest(%(ladder)s::int[], %(due_on)s::date[], %(stage)s::text[])
        AS step (ladder, due_on, stage)
),
ladder AS (
    SELECT *
    FROM unnest(%(ladder_plan)s::bigint[], %(ladder_kind)s::text[], %(ladder_number)s::int[])
        AS ladder (plan_id, kind, number)
),
waiting AS (
    SELECT
        r.id, r.kind, r.thing_id, r.commitment_id, r.stage, r.due_on,
        owed.person_id AS owed_to, owed.stage AS owed_stage, owed.label, owed.hold
    FROM commitments_reminder r
    LEFT JOIN reminder_owed owed
        ON owed.person_id = r.person_id AND owed.kind = r.kind AND owed.thing_id = r.thing_id
       AND owed.due_on = r.due_on
    WHERE (r.state = 'planned' OR r.cause = 'access')
      AND r.send_on <= %(today)s
      AND r.kind = ANY(%(kinds)s::text[])
      AND (owed.stage IS DISTINCT FROM r.stage OR owed.hold <> '')
),
ended (id, cause, moved_to) AS (
    -- What has become of the things, one statement a kind: a cause, or none where nothing has.
    /* ended */
),
verdict AS (
    SELECT
        r.id,
        CASE
            WHEN c.state <> 'active' AND coalesce(ended.cause, 'moved') = 'moved' THEN 'commitment'
            WHEN ended.cause IS NOT NULL THEN ended.cause
            WHEN r.due_on < %(earliest)s THEN 'late'
            WHEN step.stage IS NULL THEN 'overtaken'
            WHEN r.owed_to IS NULL THEN 'person'
            WHEN r.owed_stage = r.stage THEN r.hold
            ELSE 'overtaken'
        END AS cause,
        r.label,
        ended.moved_to,
        step.stage IS NULL AS is_dropped
    FROM waiting r
    LEFT JOIN ended ON ended.id = r.id
    LEFT JOIN commitments_commitment c ON c.id = r.commitment_id
    -- Whether it is still on the ladder of its plan.
    LEFT JOIN ladder usual ON usual.kind = r.kind AND usual.plan_id IS NULL
    LEFT JOIN ladder own ON own.kind = r.kind AND own.plan_id = c.plan_id
    LEFT JOIN step ON step.ladder = coalesce(own.number, usual.number)
        AND step.due_on = r.due_on AND step.stage = r.stage
)
UPDATE commitments_reminder r
SET state = 'withheld',
    cause = verdict.cause,
    reason = CASE
        WHEN verdict.cause = 'overtaken' AND verdict.is_dropped THEN %(dropped)s
        WHEN verdict.cause = 'overtaken' THEN %(overtaken)s || verdict.label
        WHEN verdict.cause = 'moved' AND verdict.moved_to IS NOT NULL
            THEN (%(words)s::jsonb ->> 'moved') || to_char(verdict.moved_to, '" to "FMDD FMMonth YYYY')
        ELSE %(words)s::jsonb ->> verdict.cause
    END
FROM verdict
-- The state is asked again here: another run may have sent the row while this one waited for it.
WHERE r.id = verdict.id AND (r.state = 'planned' OR r.cause = 'access')
