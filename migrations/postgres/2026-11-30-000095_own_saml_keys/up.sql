-- Roster's own keys at the providers of connections with SAML: the current one signs requests, and every one decrypts
-- assertions. The next one is announced in the metadata before it is used, and the former one stays until the provider
-- knows the new one.
CREATE TABLE connection_own_keys (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('next', 'current', 'former')),
  -- X.509 in DER.
  certificate bytea NOT NULL,
  -- SHA-256 of it, in hexadecimal digits.
  fingerprint text NOT NULL,
  -- PKCS #8 in DER, sealed.
  private_key bytea NOT NULL,
  not_after timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  created_by uuid,
  UNIQUE (organization_id, connection_id, state),
  FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
