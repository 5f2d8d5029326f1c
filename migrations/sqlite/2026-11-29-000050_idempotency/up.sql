-- Requests of programs that carry an Idempotency-Key: a retry within a day gets the answer of the first one. The answer is sealed.
CREATE TABLE idempotency_keys (
  digest BLOB NOT NULL,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  request BLOB NOT NULL,
  is_committed INTEGER NOT NULL DEFAULT 0,
  answer BLOB,
  began_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_begin ON idempotency_keys (began_at);
