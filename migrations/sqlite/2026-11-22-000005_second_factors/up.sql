-- Second factors: authenticator apps, recovery codes and passkeys belong to a person, wherever they are a member.
CREATE TABLE totps (
  user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  -- Sealed with the application's key: a copy of the database makes no codes.
  secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  -- The last step whose code was used: every code works once.
  last_step INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_codes (
  id BLOB NOT NULL PRIMARY KEY,
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  digest text NOT NULL,
  used_at INTEGER,
  UNIQUE (user_id, digest)
) STRICT;

CREATE TABLE passkeys (
  id BLOB NOT NULL PRIMARY KEY,
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name text NOT NULL,
  credential_id BLOB NOT NULL UNIQUE,
  credential TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE INDEX passkeys_by_user ON passkeys (user_id, created_at);

-- When its owner last proved who they are.
ALTER TABLE sessions ADD COLUMN proved_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET proved_at = created_at;

-- The end of the grace period: from then on an organization that requires a second factor opens to nobody without.
ALTER TABLE organizations ADD COLUMN two_step_from INTEGER;

CREATE TABLE sign_ins_new (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('signed_in', 'wrong_password', 'wrong_code', 'password_expired', 'not_active', 'throttled')),
  method text NOT NULL,
  address text NOT NULL,
  agent text NOT NULL,
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT;
INSERT INTO sign_ins_new (id, organization_id, member_id, at, outcome, method, address, agent)
  SELECT id, organization_id, member_id, at, outcome, method, address, agent FROM sign_ins;
DROP TABLE sign_ins;
ALTER TABLE sign_ins_new RENAME TO sign_ins;
CREATE INDEX sign_ins_by_member ON sign_ins (organization_id, member_id, at, id);
CREATE INDEX sign_ins_by_time ON sign_ins (organization_id, at, id);
