-- Open disputes, for those who lead the programme where the update came from.
SELECT
    'dispute', dispute.id, c.id, c.plan_id,
    (dispute.opened_at AT TIME ZONE 'Europe/London')::date, dispute.opened_at, NULL,
    said.organisation_id, '{programme_lead}'::text[], NULL
FROM commitments_dispute dispute
JOIN commitments_progressupdate said ON said.id = dispute.update_id
JOIN commitments_commitment c ON c.id = dispute.commitment_id
WHERE dispute."end" = '' AND c.state = 'active'
