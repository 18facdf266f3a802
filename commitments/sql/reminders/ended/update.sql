SELECT
    r.id,
    CASE
        WHEN round.id IS NULL THEN 'moved'
        WHEN standing.reported_on >= round.opens_on THEN 'reported'
        WHEN EXISTS (
            SELECT FROM commitments_round later
            WHERE later.plan_id = round.plan_id AND later.opens_on > round.opens_on
              AND later.opens_on <= %(today)s
        ) THEN 'late'
    END,
    NULL::date
FROM waiting r
JOIN commitments_commitment c ON c.id = r.commitment_id
JOIN commitments_standing standing ON standing.commitment_id = c.id
LEFT JOIN commitments_round round ON round.plan_id = c.plan_id AND round.closes_on = r.due_on
WHERE r.kind = 'update'
