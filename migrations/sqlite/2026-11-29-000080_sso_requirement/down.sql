ALTER TABLE members DROP COLUMN enters_without_sso;
ALTER TABLE organizations DROP COLUMN sso_from;
