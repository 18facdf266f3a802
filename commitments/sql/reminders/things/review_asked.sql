-- Answers to a joint review that are awaited; counted from the day they were asked for.
SELECT
    'review_asked', review.id, c.id, c.plan_id,
    (review.asked_at AT TIME ZONE 'Europe/London')::date, review.asked_at, NULL,
    review.organisation_id, %(reviewers)s::text[], said.author_id
FROM commitments_review review
JOIN commitments_progressupdate said ON said.id = review.update_id
JOIN commitments_commitment c ON c.id = said.commitment_id
WHERE review.state = 'awaited' AND said.state = 'submitted' AND c.state = 'active'
