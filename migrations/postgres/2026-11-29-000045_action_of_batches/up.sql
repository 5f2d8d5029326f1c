-- What a batch does is its action, as the code and the Audit Log call it.
ALTER TABLE batches RENAME COLUMN deed TO action;
