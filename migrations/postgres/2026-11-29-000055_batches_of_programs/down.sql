DROP INDEX batches_by_token;
ALTER TABLE batches DROP COLUMN ceiling;
ALTER TABLE batches DROP COLUMN token_id;
ALTER TABLE batches DROP COLUMN credential;
