-- Write what is owed and not yet in the ledger. With it, as overtaken, the earlier stages that the
-- thing has been through without anybody being told (nothing ran on those days).
WITH step AS (
    SELECT *
    FROM unnest(
        %(ladder)s::int[], %(due_on)s::date[], %(stage)s::text[],
        %(send_on)s::date[], %(is_current)s::boolean[], %(is_escalation)s::boolean[]
    ) AS step (ladder, due_on, stage, send_on, is_current, is_escalation)
),
fresh AS (
    SELECT * FROM reminder_owed WHERE row_id IS NULL
),
written AS (
    INSERT INTO commitments_reminder (
        person_id, kind, thing_id, commitment_id, through_id, standing_in_for_id, stage, due_on,
        send_on, state, cause, reason, attempts, message_id, planned_at, in_inbox
    )
    SELECT
        fresh.person_id, fresh.kind, fresh.thing_id, fresh.commitment_id, fresh.through_id,
        fresh.standing_in_for_id, step.stage, step.due_on, step.send_on,
        CASE WHEN step.is_current AND fresh.hold = '' THEN 'planned' ELSE 'withheld' END,
        CASE WHEN step.is_current THEN fresh.hold ELSE 'overtaken' END,
        CASE
            WHEN NOT step.is_current THEN %(overtaken)s || fresh.label
            WHEN fresh.hold = '' THEN ''
            ELSE %(words)s::jsonb ->> fresh.hold
        END,
        0, gen_random_uuid(), %(now)s, fresh.in_inbox
    FROM fresh
    JOIN step ON step.ladder = fresh.ladder
        AND step.due_on = fresh.due_on AND step.is_escalation = fresh.is_escalation
    WHERE step.is_current
       OR fresh.standing_in_for_id IS NULL
      AND step.send_on >= (fresh.since AT TIME ZONE 'Europe/London')::date
    ON CONFLICT (person_id, kind, thing_id, stage, due_on) DO NOTHING
    RETURNING state
)
SELECT
    count(*) FILTER (WHERE state = 'planned'), count(*) FILTER (WHERE state = 'withheld')
FROM written
