-- Saved views of the two lists of members: a name and the query of the list's address. Without a member, a view is shared with
-- everybody who may read the list.
CREATE TABLE views (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'system_account')),
  member_id BLOB,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  query TEXT NOT NULL,
  -- Only of shared views: what the list shows to those who have not chosen another one.
  is_default INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  created_by BLOB,
  updated_at INTEGER NOT NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, member_id, kind, name_key),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX views_shared_by_name ON views (organization_id, kind, name_key) WHERE member_id IS NULL;
CREATE UNIQUE INDEX views_default ON views (organization_id, kind) WHERE is_default = 1;

-- The view that a list shows to a member; without a view, the plain list.
CREATE TABLE default_views (
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'system_account')),
  view_id BLOB,
  PRIMARY KEY (organization_id, member_id, kind),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, view_id) REFERENCES views (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX default_views_by_view ON default_views (organization_id, view_id);

-- The columns that a member chose for a list, in order.
CREATE TABLE column_choices (
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  list TEXT NOT NULL CHECK (list IN ('users', 'users_invited', 'users_disabled', 'system_accounts')),
  shown TEXT NOT NULL,
  PRIMARY KEY (organization_id, member_id, list),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
