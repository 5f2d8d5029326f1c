-- Access reviews: which members keep what they have. The numbers of lines are kept, so that no page counts them.
CREATE TABLE access_reviews (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('role', 'policy', 'team', 'administrators', 'system_accounts')),
  -- The role, policy or team by its id and its name at that time. It may be deleted since.
  subject_id BLOB,
  subject TEXT NOT NULL,
  reviewed_by TEXT NOT NULL CHECK (reviewed_by IN ('chosen', 'team_administrators')),
  until_at INTEGER NOT NULL,
  unanswered TEXT NOT NULL CHECK (unanswered IN ('keep', 'remove')),
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  lines INTEGER NOT NULL,
  kept INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  -- Since it is closed: lines to be removed, those of them that are done, and those that could not be done.
  to_remove INTEGER NOT NULL,
  done INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by BLOB,
  created_by_name TEXT NOT NULL,
  -- The API credential that created it: removals never exceed it.
  credential TEXT,
  token_id BLOB,
  ceiling TEXT,
  reminded_at INTEGER,
  closed_at INTEGER,
  closed_by BLOB,
  closed_by_name TEXT NOT NULL,
  batch_id BLOB,
  UNIQUE (organization_id, id)
) STRICT;
CREATE INDEX access_reviews_by_time ON access_reviews (organization_id, created_at, id);
CREATE INDEX access_reviews_by_end ON access_reviews (until_at) WHERE state = 'open';

-- The people who were chosen to review.
CREATE TABLE access_review_reviewers (
  organization_id BLOB NOT NULL,
  review_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  PRIMARY KEY (organization_id, review_id, member_id),
  FOREIGN KEY (organization_id, review_id) REFERENCES access_reviews (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX access_review_reviewers_by_member ON access_review_reviewers (organization_id, member_id);

-- What one member has, to be kept or removed. The member may be deleted since: the line is evidence and stays.
CREATE TABLE access_review_lines (
  organization_id BLOB NOT NULL,
  review_id BLOB NOT NULL,
  position INTEGER NOT NULL,
  member_id BLOB NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'system_account')),
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  -- The team through which they have it, if not by themselves.
  team_id BLOB,
  team TEXT NOT NULL,
  since_at INTEGER,
  ends_at INTEGER,
  decision TEXT CHECK (decision IN ('keep', 'remove')),
  reason TEXT NOT NULL,
  decided_at INTEGER,
  decided_by BLOB,
  decided_by_name TEXT NOT NULL,
  version INTEGER NOT NULL,
  outcome TEXT CHECK (outcome IN ('waiting', 'done', 'failed')),
  outcome_at INTEGER,
  note TEXT NOT NULL,
  PRIMARY KEY (organization_id, review_id, position),
  FOREIGN KEY (organization_id, review_id) REFERENCES access_reviews (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX access_review_lines_by_decision ON access_review_lines (organization_id, review_id, decision, position);
CREATE INDEX access_review_lines_by_outcome ON access_review_lines (organization_id, review_id, outcome, position) WHERE outcome IS NOT NULL;
CREATE INDEX access_review_lines_by_member ON access_review_lines (organization_id, member_id, review_id);
CREATE INDEX access_review_lines_by_decider ON access_review_lines (organization_id, decided_by) WHERE decided_by IS NOT NULL;
