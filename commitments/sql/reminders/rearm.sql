-- What was withdrawn and is owed after all (a milestone reopened, a date moved back, somebody
-- returned, an address mended) is planned again. Never what was sent, nor what a later stage has
-- overtaken.
UPDATE commitments_reminder r
SET state = 'planned', cause = '', reason = '', attempts = 0, next_try_at = NULL,
    planned_at = %(now)s, through_id = owed.through_id,
    standing_in_for_id = owed.standing_in_for_id
FROM reminder_owed owed
WHERE r.id = owed.row_id AND owed.hold = ''
  AND r.state = 'withheld' AND r.cause NOT IN ('overtaken', 'access')
  AND (r.cause <> 'address' OR EXISTS (
        SELECT FROM organisations_user person
        WHERE person.id = r.person_id AND lower(person.refused_email) <> lower(person.email)
  ))
