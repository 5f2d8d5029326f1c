ALTER TABLE users DROP COLUMN devices_from;
ALTER TABLE organizations DROP COLUMN version;
ALTER TABLE organizations DROP COLUMN password_minimum;
