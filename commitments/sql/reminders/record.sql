-- Write what is owed and not yet in the ledger. With it, as overtaken, the earlier stages that the
-- thing has been through without anybody being told (nothing ran on those days), and what lies before
-- a stage that was sent: a ladder that is changed reminds nobody again of what they know.
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
served AS (
    SELECT fresh.person_id, fresh.kind, fresh.thing_id, fresh.due_on, max(r.sent_at) AS sent_at
    FROM fresh
    JOIN commitments_reminder r
        ON r.person_id = fresh.person_id AND r.kind = fresh.kind AND r.thing_id = fresh.thing_id
       AND r.due_on = fresh.due_on AND r.send_on >= fresh.send_on
    WHERE r.state = 'sent' AND NOT fresh.is_escalation
    GROUP BY fresh.person_id, fresh.kind, fresh.thing_id, fresh.due_on
),
written AS (
    INSERT INTO commitments_reminder (
        person_id, kind, thing_id, commitment_id, through_id, standing_in_for_id, stage, due_on,
        send_on, state, cause, reason, attempts, message_id, planned_at, in_inbox
    )
    SELECT
        fresh.person_id, fresh.kind, fresh.thing_id, fresh.commitment_id, fresh.through_id,
        fresh.standing_in_for_id, step.stage, step.due_on, step.send_on,
        CASE
            WHEN step.is_current AND fresh.hold = '' AND served.sent_at IS NULL THEN 'planned'
            ELSE 'withheld'
        END,
        CASE
            WHEN step.is_current AND served.sent_at IS NULL THEN fresh.hold
            ELSE 'overtaken'
        END,
        CASE
            WHEN served.sent_at IS NOT NULL THEN %(overtaken)s || to_char(
                served.sent_at AT TIME ZONE 'Europe/London', '"sent on "FMDD FMMonth YYYY'
            )
            WHEN NOT step.is_current THEN %(overtaken)s || fresh.label
            WHEN fresh.hold = '' THEN ''
            ELSE %(words)s::jsonb ->> fresh.hold
        END,
        0, gen_random_uuid(), %(now)s, fresh.in_inbox
    FROM fresh
    JOIN step ON step.ladder = fresh.ladder
        AND step.due_on = fresh.due_on AND step.is_escalation = fresh.is_escalation
    LEFT JOIN served ON served.person_id = fresh.person_id AND served.kind = fresh.kind
        AND served.thing_id = fresh.thing_id AND served.due_on = fresh.due_on
    WHERE step.is_current
       OR fresh.standing_in_for_id IS NULL
      AND step.send_on >= (fresh.since AT TIME ZONE 'Europe/London')::date
    ON CONFLICT (person_id, kind, thing_id, stage, due_on) DO NOTHING
    RETURNING state
)
SELECT
    count(*) FILTER (WHERE state = 'planned'), count(*) FILTER (WHERE state = 'withheld')
FROM written
