-- The Audit Log shows a bulk action as one line: what was done in it to each is left out, however much that is.
CREATE INDEX audit_events_one_by_one ON audit_events (organization_id, at, id) WHERE batch_id IS NULL;
CREATE INDEX audit_events_one_by_one_by_actor ON audit_events (organization_id, actor_id, at, id) WHERE batch_id IS NULL;
