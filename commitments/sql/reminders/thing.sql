-- What each statement of things gives, by name and type; itself it gives nothing.
SELECT
    NULL::text AS kind, NULL::bigint AS thing_id, NULL::bigint AS commitment_id,
    NULL::bigint AS plan_id, NULL::date AS due_on, NULL::timestamptz AS since,
    NULL::bigint AS owner_id, NULL::bigint AS organisation_id, NULL::text[] AS roles,
    NULL::bigint AS but_not_id
WHERE false
