CREATE TABLE sign_ins_old (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('signed_in', 'wrong_password', 'password_expired', 'not_active', 'throttled')),
  method text NOT NULL,
  address text NOT NULL,
  agent text NOT NULL,
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT;
INSERT INTO sign_ins_old (id, organization_id, member_id, at, outcome, method, address, agent)
  SELECT id, organization_id, member_id, at, CASE outcome WHEN 'wrong_code' THEN 'wrong_password' ELSE outcome END, method, address, agent FROM sign_ins;
DROP TABLE sign_ins;
ALTER TABLE sign_ins_old RENAME TO sign_ins;
CREATE INDEX sign_ins_by_member ON sign_ins (organization_id, member_id, at, id);
CREATE INDEX sign_ins_by_time ON sign_ins (organization_id, at, id);
ALTER TABLE organizations DROP COLUMN two_step_from;
ALTER TABLE sessions DROP COLUMN proved_at;
DROP TABLE passkeys;
DROP TABLE recovery_codes;
DROP TABLE totps;
