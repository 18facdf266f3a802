-- Open milestones with a date of active commitments.
SELECT
    'milestone' AS kind, milestone.id AS thing_id, c.id AS commitment_id, c.plan_id,
    milestone.due_date AS due_on, milestone.created_at AS since, milestone.owner_id,
    milestone.organisation_id, %(reporters)s::text[] AS roles, NULL::bigint AS but_not_id
FROM commitments_milestone milestone
JOIN commitments_commitment c ON c.id = milestone.commitment_id
WHERE milestone.state IN ('not_started', 'in_progress') AND c.state = 'active'
