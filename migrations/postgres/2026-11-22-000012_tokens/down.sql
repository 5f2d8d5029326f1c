ALTER TABLE audit_events DROP COLUMN credential;
ALTER TABLE organizations DROP COLUMN token_days_max;
DROP TABLE api_access;
DROP TABLE tokens;
