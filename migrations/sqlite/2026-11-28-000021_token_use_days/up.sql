-- How often a credential of a program was used on each of the last days. Old days are removed.
CREATE TABLE token_use_days (
  organization_id BLOB NOT NULL,
  member_id BLOB NOT NULL,
  -- A token; all zeros is the member's API password.
  token_id BLOB NOT NULL,
  -- Days since 1970, in UTC.
  day INTEGER NOT NULL,
  uses INTEGER NOT NULL CHECK (uses > 0),
  PRIMARY KEY (organization_id, member_id, token_id, day),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
-- What is too old is removed for every organization.
CREATE INDEX token_use_days_by_day ON token_use_days (day);
