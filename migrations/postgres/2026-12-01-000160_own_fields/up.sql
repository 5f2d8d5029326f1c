-- What an organization wants to know of its members besides what Roster asks: fields of its own.
CREATE TABLE own_fields (
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  -- Its name in the API, in files and in policies. Never changes.
  key text NOT NULL,
  name text NOT NULL,
  -- The folded name, which is unique.
  name_key text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('text', 'number', 'date', 'choice', 'link', 'person')),
  help text NOT NULL,
  -- What can be chosen: a list of keys and labels.
  choices jsonb NOT NULL,
  bearers text NOT NULL CHECK (bearers IN ('people', 'system_accounts', 'both')),
  seen_by text NOT NULL CHECK (seen_by IN ('everybody', 'managers')),
  -- Members change their own value.
  is_self_edited boolean NOT NULL,
  -- It is asked of people who accept an invitation.
  is_asked boolean NOT NULL,
  is_required boolean NOT NULL,
  position bigint NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, key),
  UNIQUE (organization_id, name_key)
);

-- What is known of each member. No row: nothing.
CREATE TABLE own_field_values (
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  field_id uuid NOT NULL,
  -- In its canonical form; the key of a choice; the id of a person.
  value text NOT NULL,
  -- What lists compare: in the order of numbers and dates, folded for text.
  value_key text NOT NULL,
  -- The person that a field of kind person names. Once they are deleted it names nobody.
  person_id uuid,
  PRIMARY KEY (organization_id, member_id, field_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, field_id) REFERENCES own_fields (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, person_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX own_field_values_by_value ON own_field_values (organization_id, field_id, value_key, member_id);
CREATE INDEX own_field_values_by_person ON own_field_values (organization_id, person_id);
