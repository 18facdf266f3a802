SELECT
    r.id,
    CASE
        WHEN upload.id IS NULL THEN 'removed'
        WHEN upload.state NOT IN (
            'waiting', 'checking', 'columns', 'people', 'checked', 'faulty'
        ) THEN 'settled'
    END,
    NULL::date
FROM waiting r
LEFT JOIN commitments_upload upload ON upload.id = r.thing_id
WHERE r.kind = 'upload'
