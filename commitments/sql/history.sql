-- The circumstances of a change (who, which address, by what way) may be completed while the request
-- or command goes on: a page learns its person when they sign in. What has been noted stays, so that
-- nobody can put another name on a change afterwards.
CREATE FUNCTION keep_what_history_knows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'What history knows of a change cannot be deleted.';
    END IF;
    NEW.metadata := NEW.metadata || jsonb_strip_nulls(OLD.metadata);
    NEW.id := OLD.id;
    NEW.created_at := OLD.created_at;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_what_history_knows BEFORE UPDATE OR DELETE ON pghistory_context
    FOR EACH ROW EXECUTE FUNCTION keep_what_history_knows();
