-- What was typed into forms whose sender has to sign in or to prove who they are first, sealed, for an hour.
CREATE TABLE drafts (
  digest BLOB NOT NULL,
  page text NOT NULL,
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  body BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (digest, page)
) STRICT;
CREATE INDEX drafts_by_user ON drafts (user_id, expires_at);
CREATE INDEX drafts_by_end ON drafts (expires_at);
