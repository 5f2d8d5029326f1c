-- A file to import, in pieces, kept until it is imported, discarded or a day old: the member who brought it may say that its
-- columns or its letters are others than they were taken for. What stood below the heads of passwords is wiped before.
CREATE TABLE import_files (
  organization_id uuid NOT NULL,
  batch_id uuid NOT NULL,
  position bigint NOT NULL,
  piece bytea NOT NULL,
  PRIMARY KEY (organization_id, batch_id, position),
  FOREIGN KEY (organization_id, batch_id) REFERENCES batches (organization_id, id) ON DELETE CASCADE
);
