SELECT
    r.id,
    CASE
        WHEN planned.id IS NULL THEN 'removed'
        WHEN EXISTS (
            SELECT FROM commitments_figure actual
            WHERE actual.measure_id = planned.measure_id AND actual.kind = 'actual'
              AND actual.period_date >= planned.period_date
        ) THEN 'figure'
        WHEN planned.period_date <> r.due_on THEN 'moved'
    END,
    planned.period_date
FROM waiting r
LEFT JOIN commitments_figure planned ON planned.id = r.thing_id
WHERE r.kind = 'actual'
