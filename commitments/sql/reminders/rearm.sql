-- What was withdrawn and is owed after all (a milestone reopened, a date moved back, somebody
-- returned) is planned again. Never what was sent, nor what a later stage has overtaken.
UPDATE commitments_reminder r
SET state = 'planned', cause = '', reason = '', attempts = 0, planned_at = %(now)s
FROM reminder_owed owed
WHERE r.person_id = owed.person_id AND r.kind = 'milestone' AND r.thing_id = owed.milestone_id
  AND r.stage = owed.stage AND r.due_on = owed.due_on
  AND r.state = 'withheld' AND r.cause NOT IN ('overtaken', 'access')
