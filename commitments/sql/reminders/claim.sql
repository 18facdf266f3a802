-- Make sure that nobody else writes to a person, and lock what they are about to be told: each row
-- that still waits and that no other run has, whether what it is about has ended since it was
-- looked up, and how many messages the person has had today. Nothing where another run writes to
-- them at this moment.
WITH mine AS MATERIALIZED (
    -- The person is claimed before the rows, so that two runs cannot halve one message.
    SELECT pg_try_advisory_xact_lock(hashtextextended('reminders.send', %(person)s)) AS won
),
waiting AS MATERIALIZED (
    SELECT r.id, r.kind, r.thing_id, r.commitment_id, r.stage, r.due_on
    FROM mine
    CROSS JOIN commitments_reminder r
    WHERE mine.won AND r.id = ANY(%(rows)s)
      AND (r.state = 'planned' OR r.cause = 'access')
      AND (r.next_try_at IS NULL OR r.next_try_at <= %(now)s)
    FOR UPDATE OF r SKIP LOCKED
),
ended (id, cause, moved_to) AS (
    /* ended */
)
SELECT
    waiting.id,
    coalesce(ended.cause IS NOT NULL OR c.state <> 'active', false),
    (
        SELECT count(DISTINCT taken.sent_at)
        FROM commitments_reminder taken
        WHERE taken.person_id = %(person)s AND taken.state = 'sent'
          AND taken.sent_at >= %(midnight)s
    )
FROM waiting
LEFT JOIN ended ON ended.id = waiting.id
LEFT JOIN commitments_commitment c ON c.id = waiting.commitment_id
