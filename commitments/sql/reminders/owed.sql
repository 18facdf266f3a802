-- Who is owed a reminder of what: one row a person and thing that has a current step on its plan's
-- ladder. What there is to be reminded of is one statement a kind, in the folder things: which
-- thing of which commitment and plan, due when, there since when, whose (`owner_id`), and where it
-- is nobody's of which body (none: the commitment's leads) and in which roles, but never
-- `but_not_id`.
--
-- Whose it is: the owner's. Where there is none (or the owner has left), that of those who have
-- one of the roles in the body that answers or in whoever took over from it. Escalations go to the
-- programme leads there (where there are none, to those of the body that keeps the plan) and to the
-- plan's senior responsible owner. What is asked of programme leads goes, where none may be asked,
-- to those of the bodies above and of the keeper of the plan. While somebody is away, so does
-- whoever stands in for them, and where these are away too, whoever stands in for these.
-- Whether the person may see the commitment is asked when the message is made, of the one queryset
-- that decides it.
--
-- `hold` says why the row is not to be mailed: by their choice, or because they are away.
WITH RECURSIVE step AS (
    SELECT
        *,
        -- Ladder and due date in one value: each ladder has a calendar of its own, centuries from
        -- the next. Matched as two, PostgreSQL may try every day with everything on the ladder.
        due_on + 100000 * ladder AS place
    FROM unnest(
        %(ladder)s::int[], %(due_on)s::date[], %(stage)s::text[], %(label)s::text[],
        %(send_on)s::date[], %(is_current)s::boolean[], %(known_only)s::boolean[],
        %(is_escalation)s::boolean[]
    ) AS step (ladder, due_on, stage, label, send_on, is_current, known_only, is_escalation)
    WHERE is_current
),
ladder AS (
    -- Which ladder a plan has for a kind; without a plan, which is the usual one.
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
known AS (
    -- What the ledger has begun of what is otherwise too late to begin with.
    SELECT DISTINCT person_id, kind::text, thing_id, due_on
    FROM commitments_reminder
    WHERE due_on IN (SELECT due_on FROM step WHERE known_only)
      AND (%(commitments)s::bigint[] IS NULL OR commitment_id = ANY(%(commitments)s::bigint[]))
),
known_thing AS (
    SELECT DISTINCT kind, thing_id, due_on FROM known
),
due AS (
    SELECT
        thing.kind, thing.thing_id, thing.commitment_id, thing.plan_id, thing.organisation_id,
        thing.roles, thing.but_not_id, thing.since, owner.user_id AS owner_id, thing.due_on,
        step.stage, step.label, step.send_on, step.known_only, step.is_escalation, step.ladder
    FROM (
        /* things */
    ) thing
    JOIN ladder usual ON usual.kind = thing.kind AND usual.plan_id IS NULL
    LEFT JOIN ladder own ON own.kind = thing.kind AND own.plan_id = thing.plan_id
    JOIN step ON step.place = thing.due_on + 100000 * coalesce(own.number, usual.number)
    LEFT JOIN known_thing known ON known.kind = thing.kind AND known.thing_id = thing.thing_id
        AND known.due_on = thing.due_on
    LEFT JOIN known_person owner ON owner.user_id = thing.owner_id
    WHERE (NOT step.known_only OR known.thing_id IS NOT NULL)
      AND (%(commitments)s::bigint[] IS NULL
           OR thing.commitment_id = ANY(%(commitments)s::bigint[]))
),
asked AS (
    SELECT
        kind, thing_id, is_escalation,
        CASE WHEN is_escalation THEN '{programme_lead}' ELSE roles END AS roles,
        organisation_id AS body_id
    FROM due
    WHERE (owner_id IS NULL OR is_escalation) AND organisation_id IS NOT NULL
    UNION ALL
    SELECT
        due.kind, due.thing_id, due.is_escalation,
        CASE WHEN due.is_escalation THEN '{programme_lead}' ELSE due.roles END, party.answering
    FROM due
    JOIN commitments_party party ON party.commitment_id = due.commitment_id
    WHERE (due.owner_id IS NULL OR due.is_escalation) AND due.organisation_id IS NULL
      AND party.role = 'lead' AND party.answering IS NOT NULL
),
answering AS (
    SELECT DISTINCT
        asked.kind, asked.thing_id, asked.is_escalation, member.user_id, member.organisation_id
    FROM asked
    JOIN heir ON heir.body_id = asked.body_id
    JOIN member ON member.organisation_id = heir.heir_id AND member.role = ANY(asked.roles)
),
person AS (
    SELECT due.*, owner_id AS person_id, NULL::bigint AS through_id
    FROM due
    WHERE owner_id IS NOT NULL AND NOT is_escalation
    UNION ALL
    SELECT due.*, answering.user_id, answering.organisation_id
    FROM due
    JOIN answering USING (kind, thing_id, is_escalation)
    UNION ALL
    SELECT due.*, member.user_id, member.organisation_id
    FROM due
    JOIN commitments_plan plan ON plan.id = due.plan_id
    JOIN heir ON heir.body_id = plan.owner_id
    JOIN member ON member.organisation_id = heir.heir_id AND member.role = 'programme_lead'
    WHERE due.is_escalation AND NOT EXISTS (
        SELECT FROM answering
        WHERE answering.is_escalation AND answering.kind = due.kind
          AND answering.thing_id = due.thing_id
          AND answering.user_id IS DISTINCT FROM due.but_not_id
    )
    UNION ALL
    SELECT due.*, member.user_id, member.organisation_id
    FROM due
    JOIN asked USING (kind, thing_id, is_escalation)
    JOIN organisations_organisation body ON body.id = asked.body_id
    JOIN commitments_plan plan ON plan.id = due.plan_id
    JOIN heir ON heir.body_id IN (body.parent_id, plan.owner_id)
    JOIN member ON member.organisation_id = heir.heir_id AND member.role = 'programme_lead'
    WHERE NOT due.is_escalation AND due.roles = '{programme_lead}' AND NOT EXISTS (
        SELECT FROM answering
        WHERE NOT answering.is_escalation AND answering.kind = due.kind
          AND answering.thing_id = due.thing_id
          AND answering.user_id IS DISTINCT FROM due.but_not_id
    )
    UNION ALL
    SELECT due.*, senior.user_id, NULL
    FROM due
    JOIN commitments_ladder chosen ON chosen.plan_id = due.plan_id
    JOIN known_person senior ON senior.user_id = chosen.senior_owner_id
    WHERE due.is_escalation
),
own AS (
    SELECT DISTINCT ON (person.person_id, person.kind, person.thing_id) person.*
    FROM person
    LEFT JOIN known ON known.person_id = person.person_id AND known.kind = person.kind
        AND known.thing_id = person.thing_id AND known.due_on = person.due_on
    WHERE (NOT person.known_only OR known.thing_id IS NOT NULL)
      AND person.person_id IS DISTINCT FROM person.but_not_id
    -- An escalation says all that the reminder would; but of what is to come the next is meant.
    ORDER BY
        person.person_id, person.kind, person.thing_id,
        CASE WHEN %(to_come)s THEN person.send_on END,
        person.is_escalation DESC, person.through_id
),
away (person_id, stand_in_id) AS (
    SELECT person_id, stand_in_id
    FROM commitments_reminderchoices
    WHERE away_until >= %(today)s AND stand_in_id IS NOT NULL
),
cover (person_id, stand_in_id) AS (
    SELECT person_id, stand_in_id FROM away
    -- Without repetitions, so that two who stand in for each other end it.
    UNION
    SELECT cover.person_id, away.stand_in_id
    FROM cover
    JOIN away ON away.person_id = cover.stand_in_id
    WHERE away.stand_in_id <> cover.person_id
),
stand_in AS (
    SELECT DISTINCT ON (cover.stand_in_id, own.kind, own.thing_id)
        own.*, cover.stand_in_id AS stand_in_id
    FROM own
    JOIN cover ON cover.person_id = own.person_id
    JOIN known_person ON known_person.user_id = cover.stand_in_id
    WHERE cover.stand_in_id IS DISTINCT FROM own.but_not_id
      AND NOT EXISTS (
            SELECT FROM own theirs
            WHERE theirs.person_id = cover.stand_in_id AND theirs.kind = own.kind
              AND theirs.thing_id = own.thing_id
      )
    ORDER BY
        cover.stand_in_id, own.kind, own.thing_id,
        CASE WHEN %(to_come)s THEN own.send_on END,
        own.is_escalation DESC, own.person_id
),
everybody AS (
    SELECT own.*, NULL::bigint AS standing_in_for_id, person_id AS to_id FROM own
    UNION ALL
    SELECT
        kind, thing_id, commitment_id, plan_id, organisation_id, roles, but_not_id, since, owner_id,
        due_on, stage, label, send_on, known_only, is_escalation, ladder, person_id, through_id,
        person_id, stand_in_id
    FROM stand_in
)
SELECT
    everybody.to_id AS person_id, everybody.kind, everybody.thing_id, everybody.commitment_id,
    everybody.through_id, everybody.standing_in_for_id, everybody.stage, everybody.label,
    everybody.due_on, everybody.send_on, everybody.since, everybody.ladder,
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
