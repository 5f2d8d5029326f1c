ALTER TABLE organizations DROP COLUMN version;
ALTER TABLE organizations DROP COLUMN password_minimum;
