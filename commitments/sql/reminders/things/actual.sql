-- Planned figures of periods for which, or for later ones, no actual has been given; counted from
-- the last day of the period.
SELECT
    'actual', planned.id, c.id, c.plan_id,
    planned.period_date, c.created_at, NULL,
    NULL, %(reporters)s::text[], NULL
FROM commitments_figure planned
JOIN commitments_measure measure ON measure.id = planned.measure_id
JOIN commitments_commitment c ON c.id = measure.commitment_id
WHERE planned.kind = 'trajectory' AND c.state = 'active' AND NOT EXISTS (
    SELECT FROM commitments_figure actual
    WHERE actual.measure_id = planned.measure_id AND actual.kind = 'actual'
      AND actual.period_date >= planned.period_date
)
