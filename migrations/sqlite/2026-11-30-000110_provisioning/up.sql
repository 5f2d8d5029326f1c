-- SCIM clients: a system account that keeps people and teams up to date for an identity provider.
CREATE TABLE provisioners (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  -- The system account. Its tokens are what the identity provider sends.
  member_id BLOB NOT NULL,
  -- The connection through which the same people sign in.
  connection_id BLOB,
  product TEXT NOT NULL CHECK (product IN ('entra', 'okta', 'google', 'jumpcloud', 'other')),
  -- DELETE deletes a person. Otherwise it disables them.
  deletes INTEGER NOT NULL DEFAULT 0,
  -- It may take over people and teams that are here already.
  adopts INTEGER NOT NULL DEFAULT 0,
  -- It may change administrators.
  reaches_administrators INTEGER NOT NULL DEFAULT 0,
  -- What new people get: roles and teams.
  gives TEXT NOT NULL DEFAULT '{"roles": [], "teams": [], "policies": []}',
  -- The roles that it may give and take.
  allowed_roles TEXT NOT NULL DEFAULT '[]',
  created_at INTEGER NOT NULL,
  created_by BLOB,
  version INTEGER NOT NULL DEFAULT 1,
  last_call_at INTEGER,
  last_failure_at INTEGER,
  last_failure TEXT,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, member_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX provisioners_by_connection ON provisioners (organization_id, connection_id) WHERE connection_id IS NOT NULL;

-- People whom a provisioner manages.
CREATE TABLE provisioned_users (
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  provisioner_id BLOB NOT NULL,
  -- What the identity provider calls them. It opens nothing.
  external_id TEXT,
  -- As the identity provider spells it now. The username here never changes.
  user_name TEXT NOT NULL,
  user_name_key TEXT NOT NULL,
  -- Everything that was sent, to be given back as it came.
  attributes TEXT NOT NULL,
  -- The names of attributes that were sent: nobody edits them here.
  sent TEXT NOT NULL DEFAULT '[]',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, member_id),
  UNIQUE (organization_id, user_name_key, provisioner_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, provisioner_id) REFERENCES provisioners (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX provisioned_users_by_external_id ON provisioned_users (organization_id, external_id, provisioner_id) WHERE external_id IS NOT NULL;
CREATE INDEX provisioned_users_by_provisioner ON provisioned_users (organization_id, provisioner_id, member_id);

-- The addresses at the identity provider, by which filters find people.
CREATE TABLE provisioned_addresses (
  organization_id BLOB NOT NULL,
  address_key TEXT NOT NULL,
  member_id BLOB NOT NULL,
  PRIMARY KEY (organization_id, address_key, member_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES provisioned_users (organization_id, member_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX provisioned_addresses_by_member ON provisioned_addresses (organization_id, member_id);

-- Teams whose members a provisioner decides.
CREATE TABLE provisioned_groups (
  organization_id BLOB NOT NULL,
  team_id BLOB NOT NULL,
  provisioner_id BLOB NOT NULL,
  external_id TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, team_id),
  FOREIGN KEY (organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, provisioner_id) REFERENCES provisioners (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX provisioned_groups_by_provisioner ON provisioned_groups (organization_id, provisioner_id, team_id);
CREATE UNIQUE INDEX provisioned_groups_by_external_id ON provisioned_groups (organization_id, external_id, provisioner_id) WHERE external_id IS NOT NULL;

-- What provisioners sent and were answered, for 30 days.
CREATE TABLE provisioning_calls (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  provisioner_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  status INTEGER NOT NULL,
  -- The answer of a refusal.
  detail TEXT,
  -- The body, without passwords, shortened.
  sent TEXT,
  ms INTEGER NOT NULL,
  FOREIGN KEY (organization_id, provisioner_id) REFERENCES provisioners (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX provisioning_calls_latest ON provisioning_calls (organization_id, provisioner_id, id);
-- Those that were refused, for the list of them alone.
CREATE INDEX provisioning_calls_refused ON provisioning_calls (organization_id, provisioner_id, id) WHERE status >= 400;
-- Old calls are removed for every organization.
CREATE INDEX provisioning_calls_by_age ON provisioning_calls (at);
