ALTER TABLE members DROP COLUMN version;
ALTER TABLE members DROP COLUMN contact;
ALTER TABLE members DROP COLUMN location;
