-- Roster's own keys at the providers of connections with SAML: the current one signs requests, and every one decrypts
-- assertions. The next one is announced in the metadata before it is used, and the former one stays until the provider
-- knows the new one.
CREATE TABLE connection_own_keys (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  connection_id BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('next', 'current', 'former')),
  -- X.509 in DER.
  certificate BLOB NOT NULL,
  -- SHA-256 of it, in hexadecimal digits.
  fingerprint TEXT NOT NULL,
  -- PKCS #8 in DER, sealed.
  private_key BLOB NOT NULL,
  not_after INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by BLOB,
  UNIQUE (organization_id, connection_id, state),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
) STRICT;
