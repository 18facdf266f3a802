SELECT
    r.id,
    CASE
        WHEN item.id IS NULL THEN 'removed'
        WHEN item.strength NOT IN ('document', 'self_declared') OR item.removed_at IS NOT NULL
          OR item.scan = 'infected' THEN 'verified'
    END,
    NULL::date
FROM waiting r
LEFT JOIN commitments_evidence item ON item.id = r.thing_id
WHERE r.kind = 'evidence'
