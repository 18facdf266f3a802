-- What is owed, each with its row in the ledger if it has one: for the steps that make them agree.
CREATE TEMPORARY TABLE reminder_owed ON COMMIT DROP AS
SELECT owed.*, r.id AS row_id
FROM (
    /* owed */
) owed
LEFT JOIN commitments_reminder r
    ON r.person_id = owed.person_id AND r.kind = owed.kind AND r.thing_id = owed.thing_id
   AND r.stage = owed.stage AND r.due_on = owed.due_on;
-- Without this PostgreSQL believes that nearly all of them have one.
ANALYZE reminder_owed (row_id, person_id, thing_id, due_on, ladder)
