-- Ways of an organization to identity providers.
CREATE TABLE connections (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('oidc', 'google', 'github', 'saml')),
  name text NOT NULL,
  name_key text NOT NULL,
  status text NOT NULL CHECK (status IN ('draft', 'enabled', 'disabled')),
  -- What the protocol needs: issuer, client id, scopes, accepted domains or organizations.
  settings jsonb NOT NULL,
  -- Sealed: Roster itself sends it to the provider.
  secret bytea,
  -- Who may join by signing in.
  provisioning text NOT NULL CHECK (provisioning IN ('none', 'invited', 'domain', 'anyone')),
  -- Whether people of a verified domain are connected without being asked.
  links_domains boolean NOT NULL DEFAULT false,
  -- Roles, teams and policies of those who join, checked against what the member below may grant.
  grants jsonb NOT NULL,
  granted_by uuid,
  -- Whether two steps at the provider count as two steps here.
  counts_two_steps boolean NOT NULL DEFAULT true,
  -- After how long people sign in at the provider again, whatever the rules of the organization.
  max_age_minutes bigint,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  created_by uuid,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  last_failure text,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, name_key)
);

-- What connections call people.
CREATE TABLE identities (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  -- Compared byte for byte. OpenID Connect: issuer and subject.
  subject text NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- The address and the name that the provider sent last.
  email text NOT NULL,
  name text NOT NULL,
  linked_at timestamptz NOT NULL,
  linked_how text NOT NULL CHECK (linked_how IN ('joined', 'invitation', 'self', 'domain', 'provisioner')),
  last_used_at timestamptz,
  UNIQUE (organization_id, connection_id, subject),
  UNIQUE (organization_id, connection_id, user_id),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX identities_by_user ON identities (user_id);

-- People who were deleted here: signing in at the provider does not bring them back.
CREATE TABLE deleted_identities (
  organization_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  subject text NOT NULL,
  name text NOT NULL,
  deleted_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, connection_id, subject),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);

-- Sign-ins on their way to a provider: one row for each attempt, so that several tabs work at once.
CREATE TABLE sso_attempts (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  -- The digest of what comes back with the answer (state, RelayState).
  state bytea NOT NULL,
  -- The digest of the browser's cookie.
  browser bytea NOT NULL,
  -- Sealed: nonce, code verifier, purpose, where to go afterwards.
  details bytea NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  UNIQUE (organization_id, state),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sso_attempts_by_connection ON sso_attempts (organization_id, connection_id);
CREATE INDEX sso_attempts_by_age ON sso_attempts (created_at);

-- Verified answers that wait for their browser, or for the person's password.
CREATE TABLE sso_arrivals (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  digest bytea NOT NULL,
  browser bytea NOT NULL,
  -- Sealed: what the provider says about the person.
  details bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  UNIQUE (organization_id, digest),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sso_arrivals_by_connection ON sso_arrivals (organization_id, connection_id);
CREATE INDEX sso_arrivals_by_end ON sso_arrivals (expires_at);

-- The identity that a session was begun with. Without that identity there is no session.
ALTER TABLE sessions ADD COLUMN identity_id uuid REFERENCES identities (id) ON DELETE CASCADE;
-- What the provider calls the session, for sign-out from there.
ALTER TABLE sessions ADD COLUMN provider_session text;
-- The latest end, where the connection sets one.
ALTER TABLE sessions ADD COLUMN ends_at timestamptz;
CREATE INDEX sessions_by_identity ON sessions (identity_id);

-- Two more outcomes.
ALTER TABLE sign_ins DROP CONSTRAINT sign_ins_outcome_check;
ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_outcome_check CHECK (outcome IN ('signed_in', 'wrong_password', 'wrong_code', 'password_expired', 'not_active', 'throttled', 'not_linked', 'sso_required'));
