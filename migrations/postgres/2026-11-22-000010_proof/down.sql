ALTER TABLE links DROP COLUMN mailed_to;
ALTER TABLE users DROP COLUMN address_proven_at;
