-- A bulk action that a program began: the credential, as the Audit Log names it; its token, which must stay valid; and what it may do at most.
ALTER TABLE batches ADD COLUMN credential TEXT;
ALTER TABLE batches ADD COLUMN token_id BLOB REFERENCES tokens (id) ON DELETE SET NULL;
ALTER TABLE batches ADD COLUMN ceiling TEXT;
CREATE INDEX batches_by_token ON batches (token_id);
