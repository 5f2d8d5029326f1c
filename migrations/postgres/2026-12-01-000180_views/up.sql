-- Saved views of the two lists of members: a name and the query of the list's address. Without a member, a view is shared with
-- everybody who may read the list.
CREATE TABLE views (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('user', 'system_account')),
  member_id uuid,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  query text NOT NULL,
  -- Only of shared views: what the list shows to those who have not chosen another one.
  is_default boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  created_by uuid,
  updated_at timestamptz NOT NULL,
  UNIQUE (organization_id, id),
  UNIQUE (organization_id, member_id, kind, name_key),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX views_shared_by_name ON views (organization_id, kind, name_key) WHERE member_id IS NULL;
CREATE UNIQUE INDEX views_default ON views (organization_id, kind) WHERE is_default;

-- The view that a list shows to a member; without a view, the plain list.
CREATE TABLE default_views (
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('user', 'system_account')),
  view_id uuid,
  PRIMARY KEY (organization_id, member_id, kind),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, view_id) REFERENCES views (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX default_views_by_view ON default_views (organization_id, view_id);

-- The columns that a member chose for a list, in order.
CREATE TABLE column_choices (
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  list text NOT NULL CHECK (list IN ('users', 'users_invited', 'users_disabled', 'system_accounts')),
  shown text NOT NULL,
  PRIMARY KEY (organization_id, member_id, list),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
