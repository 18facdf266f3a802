-- Active commitments on which nobody has reported since the latest round of their plan opened.
SELECT
    'update', c.id, c.id, c.plan_id,
    latest.closes_on,
    greatest(c.created_at, latest.opens_on::timestamp AT TIME ZONE 'Europe/London'), NULL,
    NULL, %(reporters)s::text[], NULL
FROM (
    SELECT DISTINCT ON (plan_id) plan_id, opens_on, closes_on
    FROM commitments_round
    WHERE opens_on <= %(today)s
    ORDER BY plan_id, opens_on DESC
) latest
JOIN commitments_commitment c ON c.plan_id = latest.plan_id
JOIN commitments_standing standing ON standing.commitment_id = c.id
WHERE c.state = 'active'
  AND (standing.reported_on IS NULL OR standing.reported_on < latest.opens_on)
