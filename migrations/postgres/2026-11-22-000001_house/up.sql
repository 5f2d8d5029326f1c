-- The house: organizations, identities, memberships, access, sessions, links, mail and audit.
-- The folder of the other engine holds the same tables and columns; a test compares them.
--
-- Conventions: keys are UUIDv7. Instants are UTC with microseconds. A `*_key` column is folded and
-- normalised by the program, so that order and uniqueness agree on both engines and hold beyond ASCII.
-- Every table of an organization carries organization_id and leads its indexes with it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- One row: proves at every start that the key in the configuration is the one this data was sealed with.
CREATE TABLE deployment (
  id bigint NOT NULL PRIMARY KEY CHECK (id = 1),
  key_check text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE organizations (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  plan text NOT NULL,
  seat_limit bigint CHECK (seat_limit >= 0),
  system_account_limit bigint CHECK (system_account_limit >= 0),
  idle_minutes bigint NOT NULL CHECK (idle_minutes > 0),
  absolute_minutes bigint NOT NULL CHECK (absolute_minutes > 0),
  two_step_required boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);

CREATE TABLE users (
  id uuid NOT NULL PRIMARY KEY,
  username text NOT NULL,
  email text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE passwords (
  user_id uuid NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  -- A PHC string: algorithm, parameters, salt and hash.
  hash text NOT NULL,
  changed_at timestamptz NOT NULL,
  -- Set while the password is one that somebody else chose; it stops working at that instant.
  temporary_until timestamptz
);

-- Every name somebody can sign in with: one key, one person, whether it is a username or an email.
CREATE TABLE user_names (
  name_key text COLLATE "C" NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX user_names_by_user ON user_names (user_id);

CREATE TABLE members (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('user', 'system_account')),
  user_id uuid REFERENCES users (id),
  name text NOT NULL,
  title text NOT NULL DEFAULT '',
  phone text NOT NULL DEFAULT '',
  provider text NOT NULL DEFAULT 'local',
  status text NOT NULL CHECK (status IN ('invited', 'active', 'disabled')),
  status_at timestamptz NOT NULL,
  status_by uuid,
  status_reason text NOT NULL DEFAULT '',
  -- Sessions that began before this instant do not open this organization.
  sessions_from timestamptz NOT NULL,
  last_sign_in_at timestamptz,
  last_api_use_at timestamptz,
  created_at timestamptz NOT NULL,
  joined_at timestamptz,
  -- What lists sort and search by, written with the row by the program.
  name_key text COLLATE "C" NOT NULL,
  role_key text COLLATE "C" NOT NULL DEFAULT '',
  team_key text COLLATE "C" NOT NULL DEFAULT '',
  search_key text COLLATE "C" NOT NULL,
  is_current boolean NOT NULL GENERATED ALWAYS AS (status <> 'disabled') STORED,
  last_sign_in_key timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(last_sign_in_at, timestamptz '1970-01-01 00:00:00+00')) STORED,
  last_api_use_key timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(last_api_use_at, timestamptz '1970-01-01 00:00:00+00')) STORED,
  CHECK ((kind = 'user') = (user_id IS NOT NULL)),
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id);
-- Everything that is counted by, so that counting reads no rows.
CREATE INDEX members_facts ON members (organization_id, kind, status, provider, last_sign_in_key, id);
CREATE INDEX members_by_status_name ON members (organization_id, kind, status, name_key, id);
CREATE INDEX members_by_name ON members (organization_id, kind, is_current, name_key, id);
CREATE INDEX members_by_status ON members (organization_id, kind, is_current, status, id);
CREATE INDEX members_by_role ON members (organization_id, kind, is_current, role_key, id);
CREATE INDEX members_by_team ON members (organization_id, kind, is_current, team_key, id);
CREATE INDEX members_by_provider ON members (organization_id, kind, is_current, provider, id);
CREATE INDEX members_by_sign_in ON members (organization_id, kind, is_current, last_sign_in_key, id);
CREATE INDEX members_by_api_use ON members (organization_id, kind, is_current, last_api_use_key, id);

-- Substring search.
CREATE INDEX members_by_search ON members USING gin (search_key gin_trgm_ops);

CREATE TABLE roles (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  description text NOT NULL DEFAULT '',
  -- Which of the predefined roles this is; NULL for the organization's own.
  predefined text CHECK (predefined IN ('administrator', 'user', 'viewer', 'ci_cd', 'team_administrator', 'scim')),
  created_at timestamptz NOT NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, name_key),
  UNIQUE (organization_id, predefined)
);

CREATE TABLE role_permissions (
  organization_id uuid NOT NULL,
  role_id uuid NOT NULL,
  permission text NOT NULL,
  PRIMARY KEY (organization_id, role_id, permission),
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE member_roles (
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  role_id uuid NOT NULL,
  granted_at timestamptz NOT NULL,
  granted_by uuid,
  -- The role lapses by itself at this instant.
  until_at timestamptz,
  PRIMARY KEY (organization_id, member_id, role_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX member_roles_by_role ON member_roles (organization_id, role_id, member_id, until_at);

CREATE TABLE policies (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  description text NOT NULL DEFAULT '',
  rules jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, name_key)
);

CREATE TABLE member_policies (
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  policy_id uuid NOT NULL,
  PRIMARY KEY (organization_id, member_id, policy_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, policy_id) REFERENCES policies (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX member_policies_by_policy ON member_policies (organization_id, policy_id, member_id);

CREATE TABLE teams (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, name_key)
);

CREATE TABLE team_members (
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  team_id uuid NOT NULL,
  is_administrator boolean NOT NULL DEFAULT false,
  PRIMARY KEY (organization_id, member_id, team_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX team_members_by_team ON team_members (organization_id, team_id, member_id);

-- Letters, written in the transaction that caused them. The body is sealed and wiped once delivered.
CREATE TABLE outbox (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid REFERENCES organizations (id) ON DELETE CASCADE,
  kind text NOT NULL,
  recipient text NOT NULL,
  body bytea,
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'filed', 'failed', 'withdrawn')),
  attempts bigint NOT NULL DEFAULT 0,
  last_error text,
  created_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX outbox_by_organization ON outbox (organization_id);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';

CREATE TABLE invitations (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  email text NOT NULL,
  invited_by uuid,
  message text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  sent_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  -- Why it cannot be accepted although nobody cancelled it, for example because its sender was disabled.
  void_reason text,
  outbox_id uuid REFERENCES outbox (id) ON DELETE SET NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, member_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX invitations_by_letter ON invitations (outbox_id);

-- Single-use links: what for, for whom, until when; only the digest of the secret is kept.
CREATE TABLE links (
  id uuid NOT NULL PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('setup', 'invitation', 'reset')),
  digest bytea NOT NULL UNIQUE,
  user_id uuid REFERENCES users (id) ON DELETE CASCADE,
  organization_id uuid REFERENCES organizations (id) ON DELETE CASCADE,
  invitation_id uuid,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  voided_at timestamptz,
  CHECK ((kind = 'invitation') = (invitation_id IS NOT NULL)),
  CHECK (kind = 'setup' OR user_id IS NOT NULL),
  FOREIGN KEY (organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX links_by_user ON links (user_id, kind);
CREATE INDEX links_by_invitation ON links (organization_id, invitation_id);

CREATE TABLE sessions (
  id uuid NOT NULL PRIMARY KEY,
  digest bytea NOT NULL UNIQUE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  state jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  -- Which password its owner proved: another one, and the session is over, whatever any clock says.
  password_changed_at timestamptz,
  address text NOT NULL,
  agent text NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, last_seen_at);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_at);

-- Attempts to sign in, one line for every membership of the person who tried.
CREATE TABLE sign_ins (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  at timestamptz NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('signed_in', 'wrong_password', 'password_expired', 'not_active', 'throttled')),
  method text NOT NULL,
  address text NOT NULL,
  agent text NOT NULL,
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sign_ins_by_member ON sign_ins (organization_id, member_id, at, id);
CREATE INDEX sign_ins_by_time ON sign_ins (organization_id, at, id);

-- The picture of an organization's sign-ins, kept per day so that drawing it reads thirty rows. Days since 1970-01-01 UTC.
CREATE TABLE sign_in_days (
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  day bigint NOT NULL,
  succeeded bigint NOT NULL,
  failed bigint NOT NULL,
  PRIMARY KEY (organization_id, day)
);

-- Token buckets of the throttle (GCRA): the instant, in microseconds, at which the bucket is empty again.
CREATE TABLE throttles (
  bucket text COLLATE "C" NOT NULL PRIMARY KEY,
  empty_at bigint NOT NULL
);
CREATE INDEX throttles_by_time ON throttles (empty_at);

-- What happened. Ids and names are copied, not referenced: the story outlives those it is about.
CREATE TABLE audit_events (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id),
  at timestamptz NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('member', 'system')),
  actor_id uuid,
  actor_name text NOT NULL,
  action text NOT NULL,
  target_kind text NOT NULL,
  target_id uuid,
  target_name text NOT NULL,
  address text NOT NULL,
  request_id text NOT NULL,
  batch_id uuid,
  before jsonb,
  after jsonb
);
CREATE INDEX audit_events_by_time ON audit_events (organization_id, at, id);
CREATE INDEX audit_events_by_target ON audit_events (organization_id, target_id, at, id);
CREATE INDEX audit_events_by_actor ON audit_events (organization_id, actor_id, at, id);
CREATE INDEX audit_events_by_action ON audit_events (organization_id, action, at, id);
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit events are never changed or deleted'; END $$;
CREATE TRIGGER audit_events_change BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_events_truncate BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
