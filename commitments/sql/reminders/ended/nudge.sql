SELECT
    r.id,
    CASE
        WHEN nudge.id IS NULL THEN 'removed'
        WHEN nudge.about = 'answers' AND NOT EXISTS (
            SELECT FROM commitments_review review
            JOIN commitments_progressupdate said ON said.id = review.update_id
            WHERE said.round_id = round.id AND said.state = 'submitted'
              AND review.state = 'awaited'
              AND (review.organisation_id = nudge.organisation_id OR EXISTS (
                    -- Asked of a body that has passed on since; the nudge names who took over.
                    SELECT FROM organisations_succession passed
                    WHERE passed.predecessor_id = review.organisation_id
              ))
        ) THEN 'answered'
        WHEN nudge.about = 'updates' AND NOT EXISTS (
            SELECT FROM commitments_commitment c
            JOIN commitments_party party ON party.commitment_id = c.id AND party.role = 'lead'
            JOIN commitments_standing standing ON standing.commitment_id = c.id
            WHERE c.plan_id = round.plan_id AND c.state = 'active'
              AND nudge.organisation_id IN (party.answering, party.organisation_id)
              AND (standing.reported_on IS NULL OR standing.reported_on < round.opens_on)
        ) THEN 'reported'
    END,
    NULL::date
FROM waiting r
LEFT JOIN commitments_nudge nudge ON nudge.id = r.thing_id
LEFT JOIN commitments_round round ON round.id = nudge.round_id
WHERE r.kind = 'nudge'
