CREATE INDEX outbox_by_organization ON outbox (organization_id);
DROP INDEX outbox_by_state;
ALTER TABLE outbox DROP COLUMN leased_until;
