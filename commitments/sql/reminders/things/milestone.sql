-- Open milestones with a date of active commitments.
SELECT
    'milestone', milestone.id, c.id, c.plan_id,
    milestone.due_date, milestone.created_at, milestone.owner_id,
    milestone.organisation_id, %(reporters)s::text[], NULL
FROM commitments_milestone milestone
JOIN commitments_commitment c ON c.id = milestone.commitment_id
WHERE milestone.state IN ('not_started', 'in_progress') AND c.state = 'active'
