DROP INDEX batches_running;
CREATE INDEX batches_running ON batches (created_at) WHERE state = 'running';
ALTER TABLE batches DROP COLUMN turn;
ALTER TABLE links DROP COLUMN mailed_to;
ALTER TABLE users DROP COLUMN address_proven_at;
