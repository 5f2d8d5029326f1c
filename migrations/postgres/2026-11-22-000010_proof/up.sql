-- Since when the credentials of an identity are known to be those of whoever reads the mail of its address. Nobody's
-- are to begin with: no row says whether a link was mailed or handed over, nor who has set passwords since. Whoever is
-- invited elsewhere follows one link more, and every mailed link from now on proves it.
ALTER TABLE users ADD COLUMN address_proven_at timestamptz;
-- The mailbox that a link went to; none where it was handed over by other means, or made before this was written down.
ALTER TABLE links ADD COLUMN mailed_to text;
-- Batches are worked through in turn: whose turn was longest ago comes next, and who has had none comes first.
ALTER TABLE batches ADD COLUMN turn bigint NOT NULL DEFAULT 0;
DROP INDEX batches_running;
CREATE INDEX batches_running ON batches (turn, created_at, id) WHERE state = 'running';
