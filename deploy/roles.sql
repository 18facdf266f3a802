-- Two roles for production, so that the product itself cannot alter its history.
--
-- tracker_owner owns the tables and runs `python -m workforce_tracker.prepare` (migrations).
-- tracker_app is what the web, the worker and beat connect as.
--
-- Make both once:   CREATE ROLE tracker_app LOGIN PASSWORD '...';
-- Then run this file as tracker_owner in the product's database, first and after each new version:
--   psql "postgres://tracker_owner:...@host/tracker" -v ON_ERROR_STOP=1 -f deploy/roles.sql
-- Running it again does no harm. docs/history.md says what it is for.

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM tracker_app;
GRANT USAGE ON SCHEMA public TO tracker_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tracker_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO tracker_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO tracker_app;

-- Which migrations have been made is the owner's to say.
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM tracker_app;

-- What the history has noted: may be read and added to, by the triggers, and nothing else.
DO $$
DECLARE
    event_table regclass;
BEGIN
    FOR event_table IN
        SELECT attrelid::regclass
        FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        WHERE attname = 'pgh_obj_id' AND relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM tracker_app', event_table);
    END LOOP;
END
$$;

-- The circumstances of a change grow while its request goes on; a trigger keeps what they say.
REVOKE UPDATE, DELETE, TRUNCATE ON pghistory_context FROM tracker_app;
GRANT UPDATE (metadata, updated_at) ON pghistory_context TO tracker_app;
