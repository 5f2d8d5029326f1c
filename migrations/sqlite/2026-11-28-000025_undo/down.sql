ALTER TABLE batches DROP COLUMN subject;
ALTER TABLE batches DROP COLUMN query;
DROP INDEX batches_undone_once;
DROP TABLE latest_changes;
