-- Who put a member into the directory. No reference: the story outlives those it is about.
ALTER TABLE members ADD COLUMN created_by uuid;
-- The folded name of a system account, of which an organization has one; people may share theirs.
ALTER TABLE members ADD COLUMN account_key text COLLATE "C";
UPDATE members SET account_key = name_key || ' ' || id WHERE kind = 'system_account';
CREATE UNIQUE INDEX members_by_account ON members (organization_id, account_key);

-- How many of each status called last before some day, read from the index alone.
CREATE INDEX members_by_last_use ON members (organization_id, kind, status, last_api_use_at, id);
