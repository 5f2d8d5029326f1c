-- What requests left to be done behind their answers. A row is there until its work is done.
CREATE TABLE jobs (
  id uuid NOT NULL PRIMARY KEY,
  kind text NOT NULL,
  -- Sealed: it holds what visitors typed.
  body bytea NOT NULL
);
