SELECT
    r.id,
    CASE
        WHEN milestone.id IS NULL THEN 'removed'
        WHEN milestone.state IN ('complete', 'cancelled') THEN milestone.state
        WHEN milestone.due_date IS DISTINCT FROM r.due_on THEN 'moved'
    END,
    milestone.due_date
FROM waiting r
LEFT JOIN commitments_milestone milestone ON milestone.id = r.thing_id
WHERE r.kind = 'milestone'
