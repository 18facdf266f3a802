-- Who is owed a reminder of what: one row a person and thing that has a current step on its plan's
-- ladder. Things are open milestones, commitments that owe an update in their plan's latest round,
-- and uploads that wait to be applied.
--
-- Whose it is: the milestone's owner, or the uploader. Where nobody owns it (or the owner has left),
-- those who report for the body that answers: the milestone's own, else the commitment's leads, and
-- whoever took over from them. Escalations go to the programme leads there (where there are none, to
-- those of the body that keeps the plan) and to the plan's senior responsible owner. While somebody
-- is away, so does whoever stands in for them. Whether the person may see the commitment is asked
-- when the message is made, of the one queryset that decides it.
--
-- `hold` says why the row is not to be mailed: by their choice, or because they are away.
WITH step AS (
    SELECT *
    FROM unnest(
        %(kind)s::text[], %(ladder)s::int[], %(due_on)s::date[], %(stage)s::text[],
        %(label)s::text[], %(send_on)s::date[], %(is_current)s::boolean[],
        %(known_only)s::boolean[], %(is_escalation)s::boolean[]
    ) AS step (
        kind, ladder, due_on, stage, label, send_on, is_current, known_only, is_escalation
    )
    WHERE is_current
),
ladder AS (
    SELECT *
    FROM unnest(%(ladder_plan)s::bigint[], %(ladder_kind)s::text[], %(ladder_number)s::int[])
        AS ladder (plan_id, kind, number)
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
known_person AS (
    SELECT DISTINCT user_id FROM member
),
latest_round AS (
    SELECT DISTINCT ON (plan_id) plan_id, opens_on, closes_on
    FROM commitments_round
    WHERE opens_on <= %(today)s
    ORDER BY plan_id, opens_on DESC
),
due AS (
    SELECT
        'milestone' AS kind, milestone.id AS thing_id, milestone.commitment_id, c.plan_id,
        milestone.organisation_id, milestone.created_at, owner.user_id AS owner_id,
        step.due_on, step.stage, step.label, step.send_on, step.known_only, step.is_escalation,
        step.ladder
    FROM step
    JOIN commitments_milestone milestone ON milestone.due_date = step.due_on
    JOIN commitments_commitment c ON c.id = milestone.commitment_id
    LEFT JOIN ladder ON ladder.plan_id = c.plan_id AND ladder.kind = 'milestone'
    LEFT JOIN known_person owner ON owner.user_id = milestone.owner_id
    WHERE step.kind = 'milestone' AND step.ladder = coalesce(ladder.number, 0)
      AND milestone.state IN ('not_started', 'in_progress')
      AND c.state = 'active'
      AND (%(commitments)s::bigint[] IS NULL
           OR milestone.commitment_id = ANY(%(commitments)s::bigint[]))
    UNION ALL
    SELECT
        'update', c.id, c.id, c.plan_id, NULL,
        greatest(c.created_at, latest_round.opens_on::timestamp AT TIME ZONE 'Europe/London'), NULL,
        step.due_on, step.stage, step.label, step.send_on, step.known_only, step.is_escalation,
        step.ladder
    FROM latest_round
    JOIN step ON step.due_on = latest_round.closes_on
    LEFT JOIN ladder ON ladder.plan_id = latest_round.plan_id AND ladder.kind = 'update'
    JOIN commitments_commitment c ON c.plan_id = latest_round.plan_id
    JOIN commitments_standing standing ON standing.commitment_id = c.id
    WHERE step.kind = 'update' AND step.ladder = coalesce(ladder.number, 0)
      AND c.state = 'active'
      AND (standing.reported_on IS NULL OR standing.reported_on < latest_round.opens_on)
      AND (%(commitments)s::bigint[] IS NULL OR c.id = ANY(%(commitments)s::bigint[]))
    UNION ALL
    SELECT
        'upload', upload.id, NULL, upload.plan_id, NULL, upload.created_at, uploader.user_id,
        step.due_on, step.stage, step.label, step.send_on, step.known_only, step.is_escalation,
        step.ladder
    FROM commitments_upload upload
    JOIN known_person uploader ON uploader.user_id = upload.uploaded_by_id
    JOIN step ON step.due_on = (upload.created_at AT TIME ZONE 'Europe/London')::date
    WHERE step.kind = 'upload' AND upload.state = 'checked'
      AND %(commitments)s::bigint[] IS NULL
),
answering AS (
    SELECT kind, thing_id, organisation_id AS body_id
    FROM due
    WHERE (owner_id IS NULL OR is_escalation) AND organisation_id IS NOT NULL
    UNION
    SELECT due.kind, due.thing_id, party.answering
    FROM due
    JOIN commitments_party party ON party.commitment_id = due.commitment_id
    WHERE (due.owner_id IS NULL OR due.is_escalation) AND due.organisation_id IS NULL
      AND party.role = 'lead' AND party.answering IS NOT NULL
),
reporter AS (
    SELECT DISTINCT answering.kind, answering.thing_id, member.user_id, member.organisation_id,
        member.role
    FROM answering
    JOIN heir ON heir.body_id = answering.body_id
    JOIN member ON member.organisation_id = heir.heir_id AND member.role = ANY(%(roles)s)
),
leader AS (
    SELECT due.kind, due.thing_id, reporter.user_id, reporter.organisation_id
    FROM due
    JOIN reporter ON reporter.kind = due.kind AND reporter.thing_id = due.thing_id
    WHERE due.is_escalation AND reporter.role = 'programme_lead'
),
person AS (
    SELECT due.*, owner_id AS person_id, NULL::bigint AS through_id
    FROM due
    WHERE owner_id IS NOT NULL AND NOT is_escalation
    UNION ALL
    SELECT due.*, reporter.user_id, reporter.organisation_id
    FROM due
    JOIN reporter ON reporter.kind = due.kind AND reporter.thing_id = due.thing_id
    WHERE due.owner_id IS NULL AND NOT due.is_escalation
    UNION ALL
    SELECT due.*, leader.user_id, leader.organisation_id
    FROM due
    JOIN leader ON leader.kind = due.kind AND leader.thing_id = due.thing_id
    WHERE due.is_escalation
    UNION ALL
    SELECT due.*, member.user_id, member.organisation_id
    FROM due
    JOIN commitments_plan plan ON plan.id = due.plan_id
    JOIN heir ON heir.body_id = plan.owner_id
    JOIN member ON member.organisation_id = heir.heir_id AND member.role = 'programme_lead'
    WHERE due.is_escalation AND NOT EXISTS (
        SELECT FROM leader WHERE leader.kind = due.kind AND leader.thing_id = due.thing_id
    )
    UNION ALL
    SELECT due.*, senior.user_id, NULL
    FROM due
    JOIN commitments_ladder chosen ON chosen.plan_id = due.plan_id
    JOIN known_person senior ON senior.user_id = chosen.senior_owner_id
    WHERE due.is_escalation
),
own AS (
    SELECT DISTINCT ON (person_id, kind, thing_id) *
    FROM person
    WHERE NOT known_only
       OR EXISTS (
            SELECT FROM commitments_reminder known
            WHERE known.person_id = person.person_id AND known.kind = person.kind
              AND known.thing_id = person.thing_id AND known.due_on = person.due_on
       )
    -- An escalation says all that the reminder would.
    ORDER BY person_id, kind, thing_id, is_escalation DESC, through_id
),
stand_in AS (
    SELECT DISTINCT ON (choices.stand_in_id, own.kind, own.thing_id)
        own.*, choices.stand_in_id AS stand_in_id
    FROM own
    JOIN commitments_reminderchoices choices ON choices.person_id = own.person_id
    JOIN known_person ON known_person.user_id = choices.stand_in_id
    WHERE choices.away_until >= %(today)s
      AND NOT EXISTS (
            SELECT FROM own theirs
            WHERE theirs.person_id = choices.stand_in_id AND theirs.kind = own.kind
              AND theirs.thing_id = own.thing_id
      )
    ORDER BY choices.stand_in_id, own.kind, own.thing_id, own.is_escalation DESC, own.person_id
),
everybody AS (
    SELECT own.*, NULL::bigint AS standing_in_for_id, person_id AS to_id FROM own
    UNION ALL
    SELECT
        kind, thing_id, commitment_id, plan_id, organisation_id, created_at, owner_id, due_on,
        stage, label, send_on, known_only, is_escalation, ladder, person_id, through_id,
        person_id, stand_in_id
    FROM stand_in
)
SELECT
    everybody.to_id AS person_id, everybody.kind, everybody.thing_id, everybody.commitment_id,
    everybody.through_id, everybody.standing_in_for_id, everybody.stage, everybody.label,
    everybody.due_on, everybody.send_on, everybody.created_at, everybody.ladder,
    everybody.is_escalation,
    CASE
        WHEN everybody.is_escalation THEN ''
        WHEN choices.away_until >= %(today)s THEN 'away'
        WHEN everybody.kind = ANY(choices.no_email) THEN 'choice'
        ELSE ''
    END AS hold,
    everybody.is_escalation OR NOT everybody.kind = ANY(coalesce(choices.no_inbox, '{}')) AS in_inbox
FROM everybody
LEFT JOIN commitments_reminderchoices choices ON choices.person_id = everybody.to_id
