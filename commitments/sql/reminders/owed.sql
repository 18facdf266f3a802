-- Who is owed a reminder of what: one row a person and open milestone whose date has a current step
-- on the ladder. Its owner; where nobody owns it (or the owner has left), those who report for the
-- body that answers: the milestone's own, else the commitment's leads, and whoever took over from
-- them. Whether the person may see the commitment is asked when the message is made, of the one
-- queryset that decides it.
WITH step AS (
    SELECT *
    FROM unnest(
        %(due_on)s::date[], %(stage)s::text[], %(label)s::text[], %(send_on)s::date[],
        %(is_current)s::boolean[], %(known_only)s::boolean[]
    ) AS step (due_on, stage, label, send_on, is_current, known_only)
),
heir AS (
    SELECT * FROM unnest(%(body)s::bigint[], %(heir)s::bigint[]) AS heir (body_id, heir_id)
    UNION ALL
    SELECT id, id FROM organisations_organisation
),
member AS (
    -- Whoever belonged to a body that passed on whole has the same role in the one that took over.
    SELECT membership.user_id, heir.heir_id AS organisation_id, membership.role
    FROM organisations_membership membership
    JOIN heir ON heir.body_id = membership.organisation_id
    JOIN organisations_user person ON person.id = membership.user_id
    WHERE membership.ended_at IS NULL AND person.is_active
),
due AS (
    SELECT
        milestone.id AS milestone_id, milestone.commitment_id, milestone.organisation_id,
        milestone.created_at, owner.user_id AS owner_id,
        step.due_on, step.stage, step.send_on, step.known_only
    FROM step
    JOIN commitments_milestone milestone ON milestone.due_date = step.due_on
    JOIN commitments_commitment c ON c.id = milestone.commitment_id
    LEFT JOIN (SELECT DISTINCT user_id FROM member) owner ON owner.user_id = milestone.owner_id
    WHERE step.is_current
      AND milestone.state IN ('not_started', 'in_progress')
      AND c.state = 'active'
      AND (%(commitment)s::bigint IS NULL OR milestone.commitment_id = %(commitment)s)
),
answering AS (
    SELECT milestone_id, organisation_id AS body_id
    FROM due
    WHERE owner_id IS NULL AND organisation_id IS NOT NULL
    UNION
    SELECT due.milestone_id, party.answering
    FROM due
    JOIN commitments_party party ON party.commitment_id = due.commitment_id
    WHERE due.owner_id IS NULL AND due.organisation_id IS NULL
      AND party.role = 'lead' AND party.answering IS NOT NULL
),
person AS (
    SELECT milestone_id, owner_id AS person_id, NULL::bigint AS through_id
    FROM due
    WHERE owner_id IS NOT NULL
    UNION ALL
    SELECT answering.milestone_id, member.user_id, member.organisation_id
    FROM answering
    JOIN heir ON heir.body_id = answering.body_id
    JOIN member ON member.organisation_id = heir.heir_id AND member.role = ANY(%(roles)s)
)
SELECT DISTINCT ON (person.person_id, due.milestone_id)
    person.person_id, due.milestone_id, due.commitment_id, person.through_id,
    due.stage, due.due_on, due.send_on, due.created_at
FROM person
JOIN due ON due.milestone_id = person.milestone_id
WHERE NOT due.known_only
   OR EXISTS (
        SELECT FROM commitments_reminder known
        WHERE known.person_id = person.person_id AND known.kind = 'milestone'
          AND known.thing_id = due.milestone_id AND known.due_on = due.due_on
   )
ORDER BY person.person_id, due.milestone_id, person.through_id
