-- Second factors: authenticator apps, recovery codes and passkeys belong to a person, wherever they are a member.
CREATE TABLE totps (
  user_id uuid NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  -- Sealed with the application's key: a copy of the database makes no codes.
  secret bytea NOT NULL,
  created_at timestamptz NOT NULL,
  -- The last step whose code was used: every code works once.
  last_step bigint NOT NULL
);

CREATE TABLE recovery_codes (
  id uuid NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  digest text NOT NULL,
  used_at timestamptz,
  UNIQUE (user_id, digest)
);

CREATE TABLE passkeys (
  id uuid NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name text NOT NULL,
  credential_id bytea NOT NULL UNIQUE,
  credential jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz
);
CREATE INDEX passkeys_by_user ON passkeys (user_id, created_at);

-- When its owner last proved who they are.
ALTER TABLE sessions ADD COLUMN proved_at timestamptz NOT NULL DEFAULT 'epoch';
UPDATE sessions SET proved_at = created_at;

-- The end of the grace period: from then on an organization that requires a second factor opens to nobody without.
ALTER TABLE organizations ADD COLUMN two_step_from timestamptz;

ALTER TABLE sign_ins DROP CONSTRAINT sign_ins_outcome_check;
ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_outcome_check
  CHECK (outcome IN ('signed_in', 'wrong_password', 'wrong_code', 'password_expired', 'not_active', 'throttled'));
