-- The Audit Log is filtered by address and by batch, and people are found by names they had when something was done to
-- them, also after they are gone.
CREATE INDEX audit_events_by_address ON audit_events (organization_id, address, at, id);
CREATE INDEX audit_events_by_batch ON audit_events (organization_id, batch_id, at, id) WHERE batch_id IS NOT NULL;
CREATE INDEX audit_events_by_name ON audit_events (organization_id, target_name, target_id);
