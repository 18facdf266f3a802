-- Which rows of the ledger are about what has ended or moved since they were planned.
WITH waiting AS (
    SELECT id, kind, thing_id, commitment_id, stage, due_on
    FROM commitments_reminder
    WHERE id = ANY(%(rows)s)
),
ended (id, cause, moved_to) AS (
    /* ended */
)
SELECT ended.id
FROM ended
JOIN waiting r ON r.id = ended.id
LEFT JOIN commitments_commitment c ON c.id = r.commitment_id
WHERE ended.cause IS NOT NULL OR c.state <> 'active'
