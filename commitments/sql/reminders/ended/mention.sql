SELECT
    r.id,
    CASE
        WHEN mention.id IS NULL THEN 'removed'
        WHEN mention.seen_at IS NOT NULL OR remark.removed_at IS NOT NULL THEN 'seen'
    END,
    NULL::date
FROM waiting r
LEFT JOIN commitments_mention mention ON mention.id = r.thing_id
LEFT JOIN commitments_comment remark ON remark.id = mention.comment_id
WHERE r.kind = 'mention'
