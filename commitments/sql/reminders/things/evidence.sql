-- Evidence that nobody has verified, for each other party of its commitment and, where that is
-- joint, for the reviewers of the body that speaks for all councils.
SELECT
    'evidence', item.id, c.id, c.plan_id,
    (item.added_at AT TIME ZONE 'Europe/London')::date, item.added_at, NULL,
    other.body_id, other.roles, item.added_by_id
FROM commitments_evidence item
JOIN commitments_commitment c ON c.id = item.commitment_id
CROSS JOIN LATERAL (
    SELECT party.answering AS body_id, %(reporters)s::text[] || %(reviewers)s::text[] AS roles
    FROM commitments_party party
    WHERE party.commitment_id = c.id AND party.answering IS NOT NULL
    UNION
    SELECT body.id, %(reviewers)s::text[]
    FROM commitments_standing standing
    JOIN organisations_organisation body ON body.kind = ANY(%(sector)s)
    WHERE standing.commitment_id = c.id AND standing.is_joint
) AS other
WHERE item.strength IN ('document', 'self_declared') AND item.removed_at IS NULL
  AND item.scan <> 'infected' AND c.state = 'active' AND other.body_id <> item.organisation_id
