-- Make sure that nobody else writes to a person, and lock what they are about to be told: each row
-- that still waits and that no other run has, whether that is over (what it is about has ended, or the
-- person has left, gone away or unsubscribed, since it was looked up or planned), and how many
-- messages the person has had today. Nothing where another run writes to them at this moment.
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
    coalesce(ended.cause IS NOT NULL OR c.state <> 'active', false)
        OR NOT person.is_here
        OR waiting.stage <> 'escalation' AND (
            coalesce(choices.away_until >= %(today)s, false)
            OR waiting.kind = ANY(coalesce(choices.no_email, '{}'))
        ),
    (
        SELECT count(DISTINCT taken.sent_at)
        FROM commitments_reminder taken
        WHERE taken.person_id = %(person)s AND taken.state = 'sent'
          AND taken.sent_at >= %(midnight)s
    )
FROM waiting
CROSS JOIN (
    SELECT is_active AND EXISTS (
        SELECT FROM organisations_membership
        WHERE user_id = %(person)s AND ended_at IS NULL
    ) AS is_here
    FROM organisations_user
    WHERE id = %(person)s
) person
LEFT JOIN commitments_reminderchoices choices ON choices.person_id = %(person)s
LEFT JOIN ended ON ended.id = waiting.id
LEFT JOIN commitments_commitment c ON c.id = waiting.commitment_id
