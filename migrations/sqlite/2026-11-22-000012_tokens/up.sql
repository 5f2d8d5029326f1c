-- Credentials of programs: tokens of system accounts and of people, API passwords of people, and how either was used last.
CREATE TABLE tokens (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  -- Whose it is; it never changes hands.
  member_id BLOB NOT NULL,
  name text NOT NULL,
  -- SHA-256 of the whole text. The text itself is shown once and kept nowhere.
  digest BLOB NOT NULL,
  -- Its first characters, for lists.
  prefix text NOT NULL,
  mode text NOT NULL CHECK (mode IN ('read', 'read_write')),
  -- A list of permissions it is narrowed to; NULL is all that its member holds at the time.
  permissions TEXT,
  -- A list of networks it may be used from; NULL is any.
  addresses TEXT,
  created_at INTEGER NOT NULL,
  created_by BLOB,
  expires_at INTEGER,
  revoked_at INTEGER,
  revoked_by BLOB,
  last_used_at INTEGER,
  last_used_address text NOT NULL DEFAULT '',
  last_used_agent text NOT NULL DEFAULT '',
  regenerated_at INTEGER,
  regenerated_by BLOB,
  -- The value before the last regeneration, which works until then.
  old_digest BLOB,
  old_prefix text NOT NULL DEFAULT '',
  old_until INTEGER,
  old_last_used_at INTEGER,
  old_last_used_address text NOT NULL DEFAULT '',
  old_last_used_agent text NOT NULL DEFAULT '',
  -- The fewest days before its end that somebody was warned by mail.
  warned_days INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  CHECK ((old_digest IS NULL) = (old_until IS NULL)),
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT;
-- Whoever comes with a token says nothing else: no organization, no name.
CREATE UNIQUE INDEX tokens_by_digest ON tokens (digest);
CREATE UNIQUE INDEX tokens_by_old_digest ON tokens (old_digest);
-- The tokens of a member, how many live and which of them ends first.
CREATE INDEX tokens_by_member ON tokens (organization_id, member_id, revoked_at, expires_at, id);
-- What ends soon, for the worker that warns.
CREATE INDEX tokens_expiring ON tokens (expires_at, id) WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

-- Whoever has a row here may use the API with username and API password, or with tokens of their own.
CREATE TABLE api_access (
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  enabled_at INTEGER NOT NULL,
  enabled_by BLOB,
  -- A PHC string; NULL while no API password is set.
  hash text,
  changed_at INTEGER,
  changed_by BLOB,
  last_used_at INTEGER,
  last_used_address text NOT NULL DEFAULT '',
  last_used_agent text NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, member_id),
  CHECK ((hash IS NULL) = (changed_at IS NULL)),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT;

-- The longest life of a new token in days; NULL demands none.
ALTER TABLE organizations ADD COLUMN token_days_max INTEGER CHECK (token_days_max BETWEEN 1 AND 3650);

-- By which credential of a program somebody acted; NULL is a person at the console, or Roster.
ALTER TABLE audit_events ADD COLUMN credential text;
