ALTER TABLE batches RENAME COLUMN action TO deed;
