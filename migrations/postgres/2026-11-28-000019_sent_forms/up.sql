-- Forms that created somebody: one that is sent twice leads to the person whom it created. Kept for a day.
CREATE TABLE sent_forms (
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  form text NOT NULL,
  member_id uuid NOT NULL,
  sent_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, form),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sent_forms_by_member ON sent_forms (organization_id, member_id);
