-- The house: organizations, identities, memberships, access, sessions, links, mail and audit.
-- The folder of the other engine holds the same tables and columns; a test compares them.
--
-- Conventions: keys are UUIDv7. Instants are UTC with microseconds. A `*_key` column is folded and
-- normalised by the program, so that order and uniqueness agree on both engines and hold beyond ASCII.
-- Every table of an organization carries organization_id and leads its indexes with it.

-- One row: proves at every start that the key in the configuration is the one this data was sealed with.
CREATE TABLE deployment (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  key_check text NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE organizations (
  id BLOB NOT NULL PRIMARY KEY,
  name text NOT NULL,
  plan text NOT NULL,
  seat_limit INTEGER CHECK (seat_limit >= 0),
  system_account_limit INTEGER CHECK (system_account_limit >= 0),
  idle_minutes INTEGER NOT NULL CHECK (idle_minutes > 0),
  absolute_minutes INTEGER NOT NULL CHECK (absolute_minutes > 0),
  two_step_required INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
  id BLOB NOT NULL PRIMARY KEY,
  username text NOT NULL,
  email text NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE passwords (
  user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  -- A PHC string: algorithm, parameters, salt and hash.
  hash text NOT NULL,
  changed_at INTEGER NOT NULL,
  -- Set while the password is one that somebody else chose; it stops working at that instant.
  temporary_until INTEGER
) STRICT;

-- Every name somebody can sign in with: one key, one person, whether it is a username or an email.
CREATE TABLE user_names (
  name_key TEXT NOT NULL PRIMARY KEY,
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX user_names_by_user ON user_names (user_id);

CREATE TABLE members (
  -- The full-text index points at this number, which a VACUUM must not change.
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('user', 'system_account')),
  user_id BLOB REFERENCES users (id),
  name text NOT NULL,
  title text NOT NULL DEFAULT '',
  phone text NOT NULL DEFAULT '',
  provider text NOT NULL DEFAULT 'local',
  status text NOT NULL CHECK (status IN ('invited', 'active', 'disabled')),
  status_at INTEGER NOT NULL,
  status_by BLOB,
  status_reason text NOT NULL DEFAULT '',
  -- Sessions that began before this instant do not open this organization.
  sessions_from INTEGER NOT NULL,
  last_sign_in_at INTEGER,
  last_api_use_at INTEGER,
  created_at INTEGER NOT NULL,
  joined_at INTEGER,
  -- What lists sort and search by, written with the row by the program.
  name_key TEXT NOT NULL,
  role_key TEXT NOT NULL DEFAULT '',
  team_key TEXT NOT NULL DEFAULT '',
  search_key TEXT NOT NULL,
  is_current INTEGER NOT NULL GENERATED ALWAYS AS (status <> 'disabled') STORED,
  last_sign_in_key INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(last_sign_in_at, 0)) STORED,
  last_api_use_key INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(last_api_use_at, 0)) STORED,
  CHECK ((kind = 'user') = (user_id IS NOT NULL)),
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, user_id)
) STRICT;
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

-- Substring search. External content: the text itself stays in members alone.
CREATE VIRTUAL TABLE members_fts USING fts5 (search_key, content = 'members', content_rowid = 'seq', tokenize = 'trigram case_sensitive 1');
CREATE TRIGGER members_fts_insert AFTER INSERT ON members BEGIN
  INSERT INTO members_fts (rowid, search_key) VALUES (new.seq, new.search_key);
END;
CREATE TRIGGER members_fts_delete AFTER DELETE ON members BEGIN
  INSERT INTO members_fts (members_fts, rowid, search_key) VALUES ('delete', old.seq, old.search_key);
END;
CREATE TRIGGER members_fts_update AFTER UPDATE OF search_key ON members WHEN old.search_key <> new.search_key BEGIN
  INSERT INTO members_fts (members_fts, rowid, search_key) VALUES ('delete', old.seq, old.search_key);
  INSERT INTO members_fts (rowid, search_key) VALUES (new.seq, new.search_key);
END;

CREATE TABLE roles (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  name_key TEXT NOT NULL,
  description text NOT NULL DEFAULT '',
  -- Which of the predefined roles this is; NULL for the organization's own.
  predefined text CHECK (predefined IN ('administrator', 'user', 'viewer', 'ci_cd', 'team_administrator', 'scim')),
  created_at INTEGER NOT NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, name_key),
  UNIQUE (organization_id, predefined)
) STRICT;

CREATE TABLE role_permissions (
  organization_id BLOB NOT NULL,
  role_id BLOB NOT NULL,
  permission text NOT NULL,
  PRIMARY KEY (organization_id, role_id, permission),
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE member_roles (
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  role_id BLOB NOT NULL,
  granted_at INTEGER NOT NULL,
  granted_by BLOB,
  -- The role lapses by itself at this instant.
  until_at INTEGER,
  PRIMARY KEY (organization_id, member_id, role_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX member_roles_by_role ON member_roles (organization_id, role_id, member_id, until_at);

CREATE TABLE policies (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  name_key TEXT NOT NULL,
  description text NOT NULL DEFAULT '',
  rules TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, name_key)
) STRICT;

CREATE TABLE member_policies (
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  policy_id BLOB NOT NULL,
  PRIMARY KEY (organization_id, member_id, policy_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, policy_id) REFERENCES policies (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX member_policies_by_policy ON member_policies (organization_id, policy_id, member_id);

CREATE TABLE teams (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  name_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, name_key)
) STRICT;

CREATE TABLE team_members (
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  team_id BLOB NOT NULL,
  is_administrator INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, member_id, team_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX team_members_by_team ON team_members (organization_id, team_id, member_id);

-- Letters, written in the transaction that caused them. The body is sealed and wiped once delivered.
CREATE TABLE outbox (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB REFERENCES organizations (id) ON DELETE CASCADE,
  kind text NOT NULL,
  recipient text NOT NULL,
  body BLOB,
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'filed', 'failed', 'withdrawn')),
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error text,
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX outbox_by_organization ON outbox (organization_id);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';

CREATE TABLE invitations (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  email text NOT NULL,
  invited_by BLOB,
  message text NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  accepted_at INTEGER,
  -- Why it cannot be accepted although nobody cancelled it, for example because its sender was disabled.
  void_reason text,
  outbox_id BLOB REFERENCES outbox (id) ON DELETE SET NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, member_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX invitations_by_letter ON invitations (outbox_id);

-- Single-use links: what for, for whom, until when; only the digest of the secret is kept.
CREATE TABLE links (
  id BLOB NOT NULL PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('setup', 'invitation', 'reset')),
  digest BLOB NOT NULL UNIQUE,
  user_id BLOB REFERENCES users (id) ON DELETE CASCADE,
  organization_id BLOB REFERENCES organizations (id) ON DELETE CASCADE,
  invitation_id BLOB,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  voided_at INTEGER,
  CHECK ((kind = 'invitation') = (invitation_id IS NOT NULL)),
  CHECK (kind = 'setup' OR user_id IS NOT NULL),
  FOREIGN KEY (organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX links_by_user ON links (user_id, kind);
CREATE INDEX links_by_invitation ON links (organization_id, invitation_id);

CREATE TABLE sessions (
  id BLOB NOT NULL PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  -- Which password its owner proved: another one, and the session is over, whatever any clock says.
  password_changed_at INTEGER,
  address text NOT NULL,
  agent text NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, last_seen_at);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_at);

-- Attempts to sign in, one line for every membership of the person who tried.
CREATE TABLE sign_ins (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('signed_in', 'wrong_password', 'password_expired', 'not_active', 'throttled')),
  method text NOT NULL,
  address text NOT NULL,
  agent text NOT NULL,
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sign_ins_by_member ON sign_ins (organization_id, member_id, at, id);
CREATE INDEX sign_ins_by_time ON sign_ins (organization_id, at, id);

-- The picture of an organization's sign-ins, kept per day so that drawing it reads thirty rows. Days since 1970-01-01 UTC.
CREATE TABLE sign_in_days (
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  day INTEGER NOT NULL,
  succeeded INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  PRIMARY KEY (organization_id, day)
) STRICT;

-- Token buckets of the throttle (GCRA): the instant, in microseconds, at which the bucket is empty again.
CREATE TABLE throttles (
  bucket TEXT NOT NULL PRIMARY KEY,
  empty_at INTEGER NOT NULL
) STRICT;
CREATE INDEX throttles_by_time ON throttles (empty_at);

-- What happened. Ids and names are copied, not referenced: the story outlives those it is about.
CREATE TABLE audit_events (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id),
  at INTEGER NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('member', 'system')),
  actor_id BLOB,
  actor_name text NOT NULL,
  action text NOT NULL,
  target_kind text NOT NULL,
  target_id BLOB,
  target_name text NOT NULL,
  address text NOT NULL,
  request_id text NOT NULL,
  batch_id BLOB,
  before TEXT,
  after TEXT
) STRICT;
CREATE INDEX audit_events_by_time ON audit_events (organization_id, at, id);
CREATE INDEX audit_events_by_target ON audit_events (organization_id, target_id, at, id);
CREATE INDEX audit_events_by_actor ON audit_events (organization_id, actor_id, at, id);
CREATE INDEX audit_events_by_action ON audit_events (organization_id, action, at, id);
CREATE TRIGGER audit_events_update BEFORE UPDATE ON audit_events BEGIN SELECT raise(ABORT, 'audit events are never changed'); END;
CREATE TRIGGER audit_events_delete BEFORE DELETE ON audit_events BEGIN SELECT raise(ABORT, 'audit events are never deleted'); END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_events_replace BEFORE INSERT ON audit_events WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = new.id) BEGIN SELECT raise(ABORT, 'audit events are never replaced'); END;
