-- A published plan cannot be changed. INSERT is guarded as well, and what an UPDATE
-- leads to: OR REPLACE deletes the rows in its way without any trigger of DELETE.
CREATE TRIGGER staffcast_plans_delete BEFORE DELETE ON staffcast_plans
WHEN OLD.published_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a published plan cannot be changed');
END

CREATE TRIGGER staffcast_plans_update BEFORE UPDATE ON staffcast_plans
WHEN EXISTS (
    SELECT 1 FROM staffcast_plans WHERE published_at IS NOT NULL
    AND (id IN (OLD.id, NEW.id) OR fingerprint = NEW.fingerprint)
)
BEGIN
    SELECT RAISE(ABORT, 'a published plan cannot be changed');
END

CREATE TRIGGER staffcast_plans_insert BEFORE INSERT ON staffcast_plans
WHEN EXISTS (
    SELECT 1 FROM staffcast_plans WHERE published_at IS NOT NULL
    AND (id = NEW.id OR fingerprint = NEW.fingerprint)
)
BEGIN
    SELECT RAISE(ABORT, 'a published plan cannot be changed');
END

CREATE TRIGGER staffcast_files_delete BEFORE DELETE ON staffcast_files
WHEN EXISTS (
    SELECT 1 FROM staffcast_plans WHERE published_at IS NOT NULL AND id = OLD.plan_id
)
BEGIN
    SELECT RAISE(ABORT, 'a published plan cannot be changed');
END

CREATE TRIGGER staffcast_files_update BEFORE UPDATE ON staffcast_files
WHEN EXISTS (
    SELECT 1 FROM staffcast_plans WHERE published_at IS NOT NULL
    AND id IN (OLD.plan_id, NEW.plan_id)
)
BEGIN
    SELECT RAISE(ABORT, 'a published plan cannot be changed');
END

CREATE TRIGGER staffcast_files_insert BEFORE INSERT ON staffcast_files
WHEN EXISTS (
    SELECT 1 FROM staffcast_plans WHERE published_at IS NOT NULL AND id = NEW.plan_id
)
BEGIN
    SELECT RAISE(ABORT, 'a published plan cannot be changed');
END
