-- What an organization wants to know of its members besides what Roster asks: fields of its own.
CREATE TABLE own_fields (
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  id BLOB NOT NULL,
  -- Its name in the API, in files and in policies. Never changes.
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The folded name, which is unique.
  name_key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('text', 'number', 'date', 'choice', 'link', 'person')),
  help TEXT NOT NULL,
  -- What can be chosen: a list of keys and labels.
  choices TEXT NOT NULL,
  bearers TEXT NOT NULL CHECK (bearers IN ('people', 'system_accounts', 'both')),
  seen_by TEXT NOT NULL CHECK (seen_by IN ('everybody', 'managers')),
  -- Members change their own value.
  is_self_edited INTEGER NOT NULL,
  -- It is asked of people who accept an invitation.
  is_asked INTEGER NOT NULL,
  is_required INTEGER NOT NULL,
  position INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, key),
  UNIQUE (organization_id, name_key)
) STRICT, WITHOUT ROWID;

-- What is known of each member. No row: nothing.
CREATE TABLE own_field_values (
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  field_id BLOB NOT NULL,
  -- In its canonical form; the key of a choice; the id of a person.
  value TEXT NOT NULL,
  -- What lists compare: in the order of numbers and dates, folded for text.
  value_key TEXT NOT NULL,
  -- The person that a field of kind person names. Once they are deleted it names nobody.
  person_id BLOB,
  PRIMARY KEY (organization_id, member_id, field_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, field_id) REFERENCES own_fields (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, person_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX own_field_values_by_value ON own_field_values (organization_id, field_id, value_key, member_id);
CREATE INDEX own_field_values_by_person ON own_field_values (organization_id, person_id);
