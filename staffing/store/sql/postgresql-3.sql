-- The number of the last step must stay one, and only rise.
CREATE FUNCTION staffcast_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the version of a store only rises';
END $$

CREATE TRIGGER staffcast_version_row BEFORE UPDATE ON staffcast_version
FOR EACH ROW WHEN (NEW.version < OLD.version)
EXECUTE FUNCTION staffcast_keep_version()

CREATE TRIGGER staffcast_version_all BEFORE INSERT OR DELETE OR TRUNCATE
ON staffcast_version FOR EACH STATEMENT EXECUTE FUNCTION staffcast_keep_version()
