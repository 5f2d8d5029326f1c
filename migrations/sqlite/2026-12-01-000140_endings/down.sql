DROP INDEX outbox_by_recipient;
DROP TRIGGER audit_events_update;
CREATE TRIGGER audit_events_update BEFORE UPDATE ON audit_events BEGIN SELECT raise(ABORT, 'audit events are never changed'); END;
DROP TRIGGER audit_events_delete;
CREATE TRIGGER audit_events_delete BEFORE DELETE ON audit_events BEGIN SELECT raise(ABORT, 'audit events are never deleted'); END;
DROP TABLE audit_exceptions;
