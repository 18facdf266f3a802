-- Updates that were sent back and not given again: their author's, else (the author has left) of
-- those who report where they came from.
SELECT
    'returned', said.id, c.id, c.plan_id,
    (said.settled_at AT TIME ZONE 'Europe/London')::date, said.settled_at, said.author_id,
    said.organisation_id, %(reporters)s::text[], said.settled_by_id
FROM commitments_progressupdate said
JOIN commitments_commitment c ON c.id = said.commitment_id
WHERE said.state = 'returned' AND c.state = 'active'
