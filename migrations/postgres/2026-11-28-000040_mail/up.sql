-- Until when one worker has a letter in its hands, so that "try now" leaves alone what is being sent at this moment.
ALTER TABLE outbox ADD COLUMN leased_until timestamptz;
-- What waits and what failed, as the settings of an organization show it: the latest first, and how many of each kind.
CREATE INDEX outbox_by_state ON outbox (organization_id, state, id, kind);
DROP INDEX outbox_by_organization;
