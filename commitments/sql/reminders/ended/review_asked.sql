SELECT
    r.id,
    CASE
        WHEN review.id IS NULL THEN 'removed'
        WHEN review.state <> 'awaited' OR said.state <> 'submitted' THEN 'answered'
    END,
    NULL::date
FROM waiting r
LEFT JOIN commitments_review review ON review.id = r.thing_id
LEFT JOIN commitments_progressupdate said ON said.id = review.update_id
WHERE r.kind = 'review_asked'
