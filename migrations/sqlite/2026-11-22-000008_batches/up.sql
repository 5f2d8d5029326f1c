-- What is done to many at once: begun in one request, worked through in chunks by whichever process has time, and kept
-- so that everybody can see what became of each.
CREATE TABLE batches (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  -- Which room works through it.
  kind text NOT NULL,
  deed TEXT NOT NULL,
  -- NULL is the operator at the command line. Their rights are asked again for every chunk.
  started_by BLOB,
  started_by_name text NOT NULL,
  address text NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'running', 'done', 'stopped')),
  stopped_because text NOT NULL DEFAULT '',
  total INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  -- The batch that this one takes back.
  undoes BLOB,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  UNIQUE (organization_id, id)
) STRICT;
CREATE INDEX batches_by_time ON batches (organization_id, created_at, id);
CREATE INDEX batches_running ON batches (created_at) WHERE state = 'running';

CREATE TABLE batch_items (
  organization_id BLOB NOT NULL,
  batch_id BLOB NOT NULL,
  position INTEGER NOT NULL,
  -- No reference: the story outlives those it is about.
  member_id BLOB,
  name text NOT NULL,
  email text NOT NULL,
  payload TEXT,
  state text NOT NULL CHECK (state IN ('waiting', 'done', 'unchanged', 'refused')),
  note text NOT NULL DEFAULT '',
  PRIMARY KEY (organization_id, batch_id, position),
  FOREIGN KEY (organization_id, batch_id) REFERENCES batches (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX batch_items_by_state ON batch_items (organization_id, batch_id, state, position);
