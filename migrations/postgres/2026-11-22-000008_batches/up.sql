-- What is done to many at once: begun in one request, worked through in chunks by whichever process has time, and kept
-- so that everybody can see what became of each.
CREATE TABLE batches (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  -- Which room works through it.
  kind text NOT NULL,
  deed jsonb NOT NULL,
  -- NULL is the operator at the command line. Their rights are asked again for every chunk.
  started_by uuid,
  started_by_name text NOT NULL,
  address text NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'running', 'done', 'stopped')),
  stopped_because text NOT NULL DEFAULT '',
  total bigint NOT NULL,
  done bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  -- The batch that this one takes back.
  undoes uuid,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  UNIQUE (organization_id, id)
);
CREATE INDEX batches_by_time ON batches (organization_id, created_at, id);
CREATE INDEX batches_running ON batches (created_at) WHERE state = 'running';

CREATE TABLE batch_items (
  organization_id uuid NOT NULL,
  batch_id uuid NOT NULL,
  position bigint NOT NULL,
  -- No reference: the story outlives those it is about.
  member_id uuid,
  name text NOT NULL,
  email text NOT NULL,
  payload jsonb,
  state text NOT NULL CHECK (state IN ('waiting', 'done', 'unchanged', 'refused')),
  note text NOT NULL DEFAULT '',
  PRIMARY KEY (organization_id, batch_id, position),
  FOREIGN KEY (organization_id, batch_id) REFERENCES batches (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX batch_items_by_state ON batch_items (organization_id, batch_id, state, position);
