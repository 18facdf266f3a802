SELECT
    r.id,
    CASE
        WHEN said.id IS NULL THEN 'removed'
        WHEN said.state <> 'returned' THEN 'resent'
        WHEN (said.settled_at AT TIME ZONE 'Europe/London')::date <> r.due_on THEN 'moved'
    END,
    NULL::date
FROM waiting r
LEFT JOIN commitments_progressupdate said ON said.id = r.thing_id
WHERE r.kind = 'returned'
