DROP INDEX members_by_last_use;
DROP INDEX members_by_account;
ALTER TABLE members DROP COLUMN account_key;
ALTER TABLE members DROP COLUMN created_by;
