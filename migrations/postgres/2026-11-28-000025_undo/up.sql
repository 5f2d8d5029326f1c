-- Who changed last what a member has: their status, one of the roles, one team, one policy. Undo asks here whether it
-- still stands as an action left it.
CREATE TABLE latest_changes (
  organization_id uuid NOT NULL,
  member_id uuid NOT NULL,
  -- The role, the team or the policy; for the status, the member.
  subject_id uuid NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by_name text NOT NULL,
  batch_id uuid,
  PRIMARY KEY (organization_id, member_id, subject_id),
  FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);

-- A batch is undone once. Of several that undid the same one before this was so, the first is the one that did.
UPDATE batches SET undoes = NULL
WHERE undoes IS NOT NULL AND EXISTS (
  SELECT 1 FROM batches AS earlier
  WHERE earlier.undoes = batches.undoes AND (earlier.created_at, earlier.id) < (batches.created_at, batches.id)
);
CREATE UNIQUE INDEX batches_undone_once ON batches (organization_id, undoes) WHERE undoes IS NOT NULL;

-- The list that the members were chosen from, as the query of its address, and what the action is about, by the name of
-- that day: a role, a team or a policy.
ALTER TABLE batches ADD COLUMN query text NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN subject text NOT NULL DEFAULT '';
