-- Requests of members for a role or a team. What is asked for is kept by its id and its name at that time, so that a request stays
-- readable when it is deleted.
CREATE TABLE access_requests (
  organization_id BLOB NOT NULL,
  id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('role', 'team')),
  subject_id BLOB NOT NULL,
  subject_name TEXT NOT NULL,
  -- The end that the member asked for, and the one that was granted.
  until_at INTEGER,
  granted_until_at INTEGER,
  reason TEXT NOT NULL,
  ticket TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'granted', 'refused', 'withdrawn', 'lapsed')),
  created_at INTEGER NOT NULL,
  closed_at INTEGER,
  closed_by BLOB,
  -- What the decider wrote, or why it lapsed.
  answer TEXT NOT NULL,
  -- When the member leaves the team that was granted with an end.
  leaves_at INTEGER,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX access_requests_open ON access_requests (organization_id, member_id, subject_id) WHERE state = 'open';
CREATE INDEX access_requests_by_member ON access_requests (organization_id, member_id, id);
CREATE INDEX access_requests_by_state ON access_requests (organization_id, state, id);
CREATE INDEX access_requests_by_age ON access_requests (state, created_at);
CREATE INDEX access_requests_leaving ON access_requests (leaves_at) WHERE leaves_at IS NOT NULL;
