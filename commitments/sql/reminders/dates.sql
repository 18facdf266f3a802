-- From which days the things of some commitments count: what their next stages follow from.
SELECT DISTINCT thing.kind, thing.due_on
FROM (
    /* things */
) thing
WHERE thing.commitment_id = ANY(%(commitments)s::bigint[]) AND thing.due_on IS NOT NULL
