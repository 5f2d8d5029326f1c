-- What an organization declares of its own products: the permissions that its roles can hold beside Roster's own, and
-- the kinds of things that its policies are about, with what can be done to them.
CREATE TABLE application_permissions (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  permission text NOT NULL,
  description text NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (organization_id, permission)
) STRICT;

CREATE TABLE resource_types (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  description text NOT NULL,
  -- A list of words.
  actions TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  UNIQUE (organization_id, name)
) STRICT;

-- Which edition stands, so that two who edit at once notice each other.
ALTER TABLE roles ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE policies ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
