SELECT
    r.id,
    CASE
        WHEN change.id IS NULL THEN 'removed'
        WHEN change.state <> 'asked' THEN 'decided'
    END,
    NULL::date
FROM waiting r
LEFT JOIN commitments_baselinechange change ON change.id = r.thing_id
WHERE r.kind = 'baseline'
