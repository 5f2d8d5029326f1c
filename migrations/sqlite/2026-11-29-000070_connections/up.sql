-- Ways of an organization to identity providers.
CREATE TABLE connections (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('oidc', 'google', 'github', 'saml')),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('draft', 'enabled', 'disabled')),
  -- What the protocol needs: issuer, client id, scopes, accepted domains or organizations.
  settings TEXT NOT NULL,
  -- Sealed: Roster itself sends it to the provider.
  secret BLOB,
  -- Who may join by signing in.
  provisioning TEXT NOT NULL CHECK (provisioning IN ('none', 'invited', 'domain', 'anyone')),
  -- Whether people of a verified domain are connected without being asked.
  links_domains INTEGER NOT NULL DEFAULT 0 CHECK (links_domains IN (0, 1)),
  -- Roles, teams and policies of those who join, checked against what the member below may grant.
  grants TEXT NOT NULL,
  granted_by BLOB,
  -- Whether two steps at the provider count as two steps here.
  counts_two_steps INTEGER NOT NULL DEFAULT 1 CHECK (counts_two_steps IN (0, 1)),
  -- After how long people sign in at the provider again, whatever the rules of the organization.
  max_age_minutes INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  created_by BLOB,
  last_success_at INTEGER,
  last_failure_at INTEGER,
  last_failure TEXT,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, name_key)
) STRICT;

-- What connections call people.
CREATE TABLE identities (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  connection_id BLOB NOT NULL,
  -- Compared byte for byte. OpenID Connect: issuer and subject.
  subject TEXT NOT NULL,
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- The address and the name that the provider sent last.
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  linked_at INTEGER NOT NULL,
  linked_how TEXT NOT NULL CHECK (linked_how IN ('joined', 'invitation', 'self', 'domain', 'provisioner')),
  last_used_at INTEGER,
  UNIQUE (organization_id, connection_id, subject),
  UNIQUE (organization_id, connection_id, user_id),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX identities_by_user ON identities (user_id);

-- People who were deleted here: signing in at the provider does not bring them back.
CREATE TABLE deleted_identities (
  organization_id BLOB NOT NULL,
  connection_id BLOB NOT NULL,
  subject TEXT NOT NULL,
  name TEXT NOT NULL,
  deleted_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, connection_id, subject),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
) STRICT;

-- Sign-ins on their way to a provider: one row for each attempt, so that several tabs work at once.
CREATE TABLE sso_attempts (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  connection_id BLOB NOT NULL,
  -- The digest of what comes back with the answer (state, RelayState).
  state BLOB NOT NULL,
  -- The digest of the browser's cookie.
  browser BLOB NOT NULL,
  -- Sealed: nonce, code verifier, purpose, where to go afterwards.
  details BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  UNIQUE (organization_id, state),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sso_attempts_by_connection ON sso_attempts (organization_id, connection_id);
CREATE INDEX sso_attempts_by_age ON sso_attempts (created_at);

-- Verified answers that wait for their browser, or for the person's password.
CREATE TABLE sso_arrivals (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  connection_id BLOB NOT NULL,
  digest BLOB NOT NULL,
  browser BLOB NOT NULL,
  -- Sealed: what the provider says about the person.
  details BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  UNIQUE (organization_id, digest),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sso_arrivals_by_connection ON sso_arrivals (organization_id, connection_id);
CREATE INDEX sso_arrivals_by_end ON sso_arrivals (expires_at);

-- The identity that a session was begun with. Without that identity there is no session.
ALTER TABLE sessions ADD COLUMN identity_id BLOB REFERENCES identities (id) ON DELETE CASCADE;
-- What the provider calls the session, for sign-out from there.
ALTER TABLE sessions ADD COLUMN provider_session TEXT;
-- The latest end, where the connection sets one.
ALTER TABLE sessions ADD COLUMN ends_at INTEGER;
CREATE INDEX sessions_by_identity ON sessions (identity_id);

-- Two more outcomes: the check of a column cannot be changed, so the column is made anew.
ALTER TABLE sign_ins ADD COLUMN ended text NOT NULL DEFAULT 'signed_in' CHECK (ended IN ('signed_in', 'wrong_password', 'wrong_code', 'password_expired', 'not_active', 'throttled', 'not_linked', 'sso_required'));
UPDATE sign_ins SET ended = outcome;
ALTER TABLE sign_ins DROP COLUMN outcome;
ALTER TABLE sign_ins RENAME COLUMN ended TO outcome;
