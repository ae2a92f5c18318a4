-- A published plan cannot be changed.
CREATE FUNCTION staffcast_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published plan cannot be changed';
END $$

CREATE FUNCTION staffcast_guard_files() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM staffcast_plans WHERE published_at IS NOT NULL
        AND id IN (OLD.plan_id, NEW.plan_id);
    IF FOUND THEN
        RAISE EXCEPTION 'a published plan cannot be changed';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$

CREATE FUNCTION staffcast_guard_all() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM staffcast_plans WHERE published_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'a published plan cannot be changed';
    END IF;
    RETURN NULL;
END $$

CREATE TRIGGER staffcast_plans_row BEFORE UPDATE OR DELETE ON staffcast_plans
FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION staffcast_refuse()

CREATE TRIGGER staffcast_plans_all BEFORE TRUNCATE ON staffcast_plans
FOR EACH STATEMENT EXECUTE FUNCTION staffcast_guard_all()

CREATE TRIGGER staffcast_files_row BEFORE INSERT OR UPDATE OR DELETE ON staffcast_files
FOR EACH ROW EXECUTE FUNCTION staffcast_guard_files()

CREATE TRIGGER staffcast_files_all BEFORE TRUNCATE ON staffcast_files
FOR EACH STATEMENT EXECUTE FUNCTION staffcast_guard_all()
