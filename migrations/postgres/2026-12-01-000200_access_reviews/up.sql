-- Access reviews: which members keep what they have. The numbers of lines are kept, so that no page counts them.
CREATE TABLE access_reviews (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('role', 'policy', 'team', 'administrators', 'system_accounts')),
  -- The role, policy or team by its id and its name at that time. It may be deleted since.
  subject_id uuid,
  subject text NOT NULL,
  reviewed_by text NOT NULL CHECK (reviewed_by IN ('chosen', 'team_administrators')),
  until_at timestamptz NOT NULL,
  unanswered text NOT NULL CHECK (unanswered IN ('keep', 'remove')),
  state text NOT NULL CHECK (state IN ('open', 'closed')),
  lines bigint NOT NULL,
  kept bigint NOT NULL,
  removed bigint NOT NULL,
  -- Since it is closed: lines to be removed, those of them that are done, and those that could not be done.
  to_remove bigint NOT NULL,
  done bigint NOT NULL,
  failed bigint NOT NULL,
  created_at timestamptz NOT NULL,
  created_by uuid,
  created_by_name text NOT NULL,
  -- The API credential that created it: removals never exceed it.
  credential text,
  token_id uuid,
  ceiling jsonb,
  reminded_at timestamptz,
  closed_at timestamptz,
  closed_by uuid,
  closed_by_name text NOT NULL,
  batch_id uuid,
  UNIQUE (organization_id, id)
);
CREATE INDEX access_reviews_by_time ON access_reviews (organization_id, created_at, id);
CREATE INDEX access_reviews_by_end ON access_reviews (until_at) WHERE state = 'open';

-- The people who were chosen to review.
CREATE TABLE access_review_reviewers (
  organization_id uuid NOT NULL,
  review_id uuid NOT NULL,
  member_id uuid NOT NULL,
  PRIMARY KEY (organization_id, review_id, member_id),
  FOREIGN KEY (organization_id, review_id) REFERENCES access_reviews (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX access_review_reviewers_by_member ON access_review_reviewers (organization_id, member_id);

-- What one member has, to be kept or removed. The member may be deleted since: the line is evidence and stays.
CREATE TABLE access_review_lines (
  organization_id uuid NOT NULL,
  review_id uuid NOT NULL,
  position bigint NOT NULL,
  member_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('user', 'system_account')),
  name text NOT NULL,
  email text NOT NULL,
  -- The team through which they have it, if not by themselves.
  team_id uuid,
  team text NOT NULL,
  since_at timestamptz,
  ends_at timestamptz,
  decision text CHECK (decision IN ('keep', 'remove')),
  reason text NOT NULL,
  decided_at timestamptz,
  decided_by uuid,
  decided_by_name text NOT NULL,
  version bigint NOT NULL,
  outcome text CHECK (outcome IN ('waiting', 'done', 'failed')),
  outcome_at timestamptz,
  note text NOT NULL,
  PRIMARY KEY (organization_id, review_id, position),
  FOREIGN KEY (organization_id, review_id) REFERENCES access_reviews (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX access_review_lines_by_decision ON access_review_lines (organization_id, review_id, decision, position);
CREATE INDEX access_review_lines_by_outcome ON access_review_lines (organization_id, review_id, outcome, position) WHERE outcome IS NOT NULL;
CREATE INDEX access_review_lines_by_member ON access_review_lines (organization_id, member_id, review_id);
CREATE INDEX access_review_lines_by_decider ON access_review_lines (organization_id, decided_by) WHERE decided_by IS NOT NULL;
