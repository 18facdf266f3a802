-- Evidence that nobody has verified, for each other party of its commitment.
SELECT DISTINCT
    'evidence', item.id, c.id, c.plan_id,
    (item.added_at AT TIME ZONE 'Europe/London')::date, item.added_at, NULL::bigint,
    party.answering, %(reporters)s::text[] || %(reviewers)s::text[], item.added_by_id
FROM commitments_evidence item
JOIN commitments_commitment c ON c.id = item.commitment_id
JOIN commitments_party party ON party.commitment_id = c.id AND party.answering IS NOT NULL
    AND party.answering <> item.organisation_id
WHERE item.strength IN ('document', 'self_declared') AND item.removed_at IS NULL
  AND item.scan <> 'infected' AND c.state = 'active'
