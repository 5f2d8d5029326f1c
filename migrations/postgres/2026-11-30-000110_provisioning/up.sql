-- SCIM clients: a system account that keeps people and teams up to date for an identity provider.
CREATE TABLE provisioners (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  -- The system account. Its tokens are what the identity provider sends.
  member_id uuid NOT NULL,
  -- The connection through which the same people sign in.
  connection_id uuid,
  product text NOT NULL CHECK (product IN ('entra', 'okta', 'google', 'jumpcloud', 'other')),
  -- DELETE deletes a person. Otherwise it disables them.
  deletes boolean NOT NULL DEFAULT false,
  -- It may take over people and teams that are here already.
  adopts boolean NOT NULL DEFAULT false,
  -- It may change administrators.
  reaches_administrators boolean NOT NULL DEFAULT false,
  -- What new people get: roles and teams.
  gives jsonb NOT NULL DEFAULT '{"roles": [], "teams": [], "policies": []}',
  -- The roles that it may give and take.
  allowed_roles jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL,
  created_by uuid,
  version bigint NOT NULL DEFAULT 1,
  last_call_at timestamptz,
  last_failure_at timestamptz,
  last_failure text,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, member_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX provisioners_by_connection ON provisioners (organization_id, connection_id) WHERE connection_id IS NOT NULL;

-- People whom a provisioner manages.
CREATE TABLE provisioned_users (
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  provisioner_id uuid NOT NULL,
  -- What the identity provider calls them. It opens nothing.
  external_id text,
  -- As the identity provider spells it now. The username here never changes.
  user_name text NOT NULL,
  user_name_key text NOT NULL,
  -- Everything that was sent, to be given back as it came.
  attributes jsonb NOT NULL,
  -- The names of attributes that were sent: nobody edits them here.
  sent jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, member_id),
  UNIQUE (organization_id, user_name_key, provisioner_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, provisioner_id) REFERENCES provisioners (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX provisioned_users_by_external_id ON provisioned_users (organization_id, external_id, provisioner_id) WHERE external_id IS NOT NULL;
CREATE INDEX provisioned_users_by_provisioner ON provisioned_users (organization_id, provisioner_id, member_id);

-- The addresses at the identity provider, by which filters find people.
CREATE TABLE provisioned_addresses (
  organization_id uuid NOT NULL,
  address_key text NOT NULL,
  member_id uuid NOT NULL,
  PRIMARY KEY (organization_id, address_key, member_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES provisioned_users (organization_id, member_id) ON DELETE CASCADE
);
CREATE INDEX provisioned_addresses_by_member ON provisioned_addresses (organization_id, member_id);

-- Teams whose members a provisioner decides.
CREATE TABLE provisioned_groups (
  organization_id uuid NOT NULL,
  team_id uuid NOT NULL,
  provisioner_id uuid NOT NULL,
  external_id text,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, team_id),
  FOREIGN KEY (organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, provisioner_id) REFERENCES provisioners (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX provisioned_groups_by_provisioner ON provisioned_groups (organization_id, provisioner_id, team_id);
CREATE UNIQUE INDEX provisioned_groups_by_external_id ON provisioned_groups (organization_id, external_id, provisioner_id) WHERE external_id IS NOT NULL;

-- What provisioners sent and were answered, for 30 days.
CREATE TABLE provisioning_calls (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  provisioner_id uuid NOT NULL,
  at timestamptz NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  status bigint NOT NULL,
  -- The answer of a refusal.
  detail text,
  -- The body, without passwords, shortened.
  sent text,
  ms bigint NOT NULL,
  FOREIGN KEY (organization_id, provisioner_id) REFERENCES provisioners (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX provisioning_calls_latest ON provisioning_calls (organization_id, provisioner_id, id);
-- Those that were refused, for the list of them alone.
CREATE INDEX provisioning_calls_refused ON provisioning_calls (organization_id, provisioner_id, id) WHERE status >= 400;
-- Old calls are removed for every organization.
CREATE INDEX provisioning_calls_by_age ON provisioning_calls (at);
