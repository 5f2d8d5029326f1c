-- Certificates of identity providers (SAML): whichever of a connection's certificates signed, the answer counts. Several
-- at once, so that a provider can change its certificate.
CREATE TABLE connection_keys (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  -- X.509 in DER.
  certificate bytea NOT NULL,
  -- SHA-256 of it, in hexadecimal digits.
  fingerprint text NOT NULL,
  not_after timestamptz NOT NULL,
  added_at timestamptz NOT NULL,
  added_by uuid,
  -- How many days before its end people were warned last.
  warned_days bigint,
  UNIQUE (organization_id, connection_id, fingerprint),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX connection_keys_ending ON connection_keys (not_after);

-- Assertions that were used: each counts once.
CREATE TABLE saml_seen (
  organization_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  assertion_id text NOT NULL,
  -- From when on the assertion is refused anyway.
  until timestamptz NOT NULL,
  PRIMARY KEY (organization_id, connection_id, assertion_id),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX saml_seen_by_end ON saml_seen (until);
