-- Comments that name somebody who has not seen them.
SELECT
    'mention', mention.id, c.id, c.plan_id,
    (remark.written_at AT TIME ZONE 'Europe/London')::date, remark.written_at, mention.person_id,
    NULL, NULL, NULL
FROM commitments_mention mention
JOIN commitments_comment remark ON remark.id = mention.comment_id
JOIN commitments_commitment c ON c.id = remark.commitment_id
WHERE mention.seen_at IS NULL AND remark.removed_at IS NULL AND c.state = 'active'
