-- The number of the last step must stay one, and only rise.
CREATE TRIGGER staffcast_version_delete BEFORE DELETE ON staffcast_version
BEGIN
    SELECT RAISE(ABORT, 'the version of a store only rises');
END

CREATE TRIGGER staffcast_version_update BEFORE UPDATE ON staffcast_version
WHEN NEW.version < OLD.version
BEGIN
    SELECT RAISE(ABORT, 'the version of a store only rises');
END

CREATE TRIGGER staffcast_version_insert BEFORE INSERT ON staffcast_version
BEGIN
    SELECT RAISE(ABORT, 'the version of a store only rises');
END
