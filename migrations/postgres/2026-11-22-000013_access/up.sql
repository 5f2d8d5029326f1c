-- What an organization declares of its own products: the permissions that its roles can hold beside Roster's own, and
-- the kinds of things that its policies are about, with what can be done to them.
CREATE TABLE application_permissions (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  permission text NOT NULL,
  description text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (organization_id, permission)
);

CREATE TABLE resource_types (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  description text NOT NULL,
  -- A list of words.
  actions jsonb NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  UNIQUE (organization_id, name)
);

-- Which edition stands, so that two who edit at once notice each other.
ALTER TABLE roles ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE policies ADD COLUMN version bigint NOT NULL DEFAULT 1;
