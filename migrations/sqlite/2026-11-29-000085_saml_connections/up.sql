-- Certificates of identity providers (SAML): whichever of a connection's certificates signed, the answer counts. Several
-- at once, so that a provider can change its certificate.
CREATE TABLE connection_keys (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  connection_id BLOB NOT NULL,
  -- X.509 in DER.
  certificate BLOB NOT NULL,
  -- SHA-256 of it, in hexadecimal digits.
  fingerprint TEXT NOT NULL,
  not_after INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  added_by BLOB,
  -- How many days before its end people were warned last.
  warned_days INTEGER,
  UNIQUE (organization_id, connection_id, fingerprint),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX connection_keys_ending ON connection_keys (not_after);

-- Assertions that were used: each counts once.
CREATE TABLE saml_seen (
  organization_id BLOB NOT NULL,
  connection_id BLOB NOT NULL,
  assertion_id TEXT NOT NULL,
  -- From when on the assertion is refused anyway.
  until INTEGER NOT NULL,
  PRIMARY KEY (organization_id, connection_id, assertion_id),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX saml_seen_by_end ON saml_seen (until);
