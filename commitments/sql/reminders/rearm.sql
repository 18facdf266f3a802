-- What was withdrawn and is owed after all (a milestone reopened, a date moved back, somebody
-- returned, an address mended, a stage put back on the ladder) is planned again. Never what was sent,
-- nor what was overtaken by something that was.
UPDATE commitments_reminder r
SET state = 'planned', cause = '', reason = '', attempts = 0, next_try_at = NULL,
    planned_at = %(now)s, through_id = owed.through_id,
    standing_in_for_id = owed.standing_in_for_id
FROM reminder_owed owed
WHERE r.id = owed.row_id AND owed.hold = ''
  AND r.state = 'withheld' AND r.cause <> 'access'
  AND (r.cause <> 'overtaken' OR NOT EXISTS (
        SELECT FROM commitments_reminder later
        WHERE later.person_id = r.person_id AND later.kind = r.kind
          AND later.thing_id = r.thing_id AND later.due_on = r.due_on
          AND later.send_on >= r.send_on AND later.state = 'sent'
  ))
  AND (r.cause <> 'address' OR EXISTS (
        SELECT FROM organisations_user person
        WHERE person.id = r.person_id AND lower(person.refused_email) <> lower(person.email)
  ))
