-- What an organization demands of passwords beyond Roster's own rule, and which edition of its settings stands.
ALTER TABLE organizations ADD COLUMN password_minimum bigint CHECK (password_minimum BETWEEN 8 AND 64);
ALTER TABLE organizations ADD COLUMN version bigint NOT NULL DEFAULT 1;
-- Browsers that were known before this instant are known no more: the person said that a sign-in was not theirs.
ALTER TABLE users ADD COLUMN devices_from timestamptz;
