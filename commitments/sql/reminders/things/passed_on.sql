-- Disputes that were passed on, for each person to whom.
SELECT
    'passed_on', dispute.id, c.id, c.plan_id,
    (dispute.ended_at AT TIME ZONE 'Europe/London')::date, dispute.ended_at, named.user_id,
    NULL, NULL, NULL
FROM commitments_dispute dispute
JOIN commitments_dispute_escalated_to named ON named.dispute_id = dispute.id
JOIN commitments_commitment c ON c.id = dispute.commitment_id
WHERE dispute."end" = 'escalated' AND c.state = 'active'
