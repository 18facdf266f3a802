-- Changes of a promise that wait; counted from the day they were asked for. Never decided by the
-- person who asked.
SELECT
    'baseline', change.id, c.id, c.plan_id,
    (change.asked_at AT TIME ZONE 'Europe/London')::date, change.asked_at, NULL,
    NULL, '{programme_lead}'::text[], change.asked_by_id
FROM commitments_baselinechange change
JOIN commitments_commitment c ON c.id = change.commitment_id
WHERE change.state = 'asked' AND c.state = 'active'
