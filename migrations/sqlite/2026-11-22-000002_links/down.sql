CREATE TABLE links_old (
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
INSERT INTO links_old SELECT id, kind, digest, user_id, organization_id, invitation_id, created_at, expires_at, used_at, voided_at
  FROM links WHERE kind IN ('setup', 'invitation', 'reset');
DROP TABLE links;
ALTER TABLE links_old RENAME TO links;
CREATE INDEX links_by_user ON links (user_id, kind);
CREATE INDEX links_by_invitation ON links (organization_id, invitation_id);
