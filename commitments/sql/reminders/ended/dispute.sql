SELECT
    r.id,
    CASE
        WHEN dispute.id IS NULL THEN 'removed'
        WHEN dispute."end" <> '' THEN 'over'
    END,
    NULL::date
FROM waiting r
LEFT JOIN commitments_dispute dispute ON dispute.id = r.thing_id
WHERE r.kind = 'dispute'
