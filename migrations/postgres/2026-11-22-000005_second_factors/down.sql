UPDATE sign_ins SET outcome = 'wrong_password' WHERE outcome = 'wrong_code';
ALTER TABLE sign_ins DROP CONSTRAINT sign_ins_outcome_check;
ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_outcome_check
  CHECK (outcome IN ('signed_in', 'wrong_password', 'password_expired', 'not_active', 'throttled'));
ALTER TABLE organizations DROP COLUMN two_step_from;
ALTER TABLE sessions DROP COLUMN proved_at;
DROP TABLE passkeys;
DROP TABLE recovery_codes;
DROP TABLE totps;
