-- Requests of members for a role or a team. What is asked for is kept by its id and its name at that time, so that a request stays
-- readable when it is deleted.
CREATE TABLE access_requests (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('role', 'team')),
  subject_id uuid NOT NULL,
  subject_name text NOT NULL,
  -- The end that the member asked for, and the one that was granted.
  until_at timestamptz,
  granted_until_at timestamptz,
  reason text NOT NULL,
  ticket text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'granted', 'refused', 'withdrawn', 'lapsed')),
  created_at timestamptz NOT NULL,
  closed_at timestamptz,
  closed_by uuid,
  -- What the decider wrote, or why it lapsed.
  answer text NOT NULL,
  -- When the member leaves the team that was granted with an end.
  leaves_at timestamptz,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX access_requests_open ON access_requests (organization_id, member_id, subject_id) WHERE state = 'open';
CREATE INDEX access_requests_by_member ON access_requests (organization_id, member_id, id);
CREATE INDEX access_requests_by_state ON access_requests (organization_id, state, id);
CREATE INDEX access_requests_by_age ON access_requests (state, created_at);
CREATE INDEX access_requests_leaving ON access_requests (leaves_at) WHERE leaves_at IS NOT NULL;
