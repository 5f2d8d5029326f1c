-- Requests of programs that carry an Idempotency-Key: a retry within a day gets the answer of the first one. The answer is sealed.
CREATE TABLE idempotency_keys (
  digest bytea NOT NULL,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  request bytea NOT NULL,
  is_committed boolean NOT NULL DEFAULT false,
  answer bytea,
  began_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, digest)
);
CREATE INDEX idempotency_keys_by_begin ON idempotency_keys (began_at);
