-- What the present transaction may do to the audit trail of an organization, which is otherwise neither changed nor
-- deleted: `end` deletes it with the whole organization, `erasure` writes a pseudonym in the place of a deleted person's
-- name. The transaction deletes the row before it ends, so that none is ever committed.
CREATE TABLE audit_exceptions (
  organization_id BLOB NOT NULL PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL CHECK (purpose IN ('end', 'erasure'))
) STRICT, WITHOUT ROWID;

-- An erasure changes names and what was written about a change, and nothing else.
DROP TRIGGER audit_events_update;
CREATE TRIGGER audit_events_update BEFORE UPDATE ON audit_events
WHEN NOT EXISTS (SELECT 1 FROM audit_exceptions WHERE organization_id = old.organization_id AND purpose = 'erasure')
  OR (new.id, new.organization_id, new.at, new.actor_kind, new.actor_id, new.action, new.target_kind, new.target_id, new.address, new.request_id, new.batch_id)
    IS NOT (old.id, old.organization_id, old.at, old.actor_kind, old.actor_id, old.action, old.target_kind, old.target_id, old.address, old.request_id, old.batch_id)
BEGIN SELECT raise(ABORT, 'audit events are never changed'); END;
DROP TRIGGER audit_events_delete;
CREATE TRIGGER audit_events_delete BEFORE DELETE ON audit_events
WHEN NOT EXISTS (SELECT 1 FROM audit_exceptions WHERE organization_id = old.organization_id AND purpose = 'end')
BEGIN SELECT raise(ABORT, 'audit events are never deleted'); END;

-- The letters to one person, for the document of everything about them.
CREATE INDEX outbox_by_recipient ON outbox (recipient, id);
