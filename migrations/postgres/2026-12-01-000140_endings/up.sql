-- What the present transaction may do to the audit trail of an organization, which is otherwise neither changed nor
-- deleted: `end` deletes it with the whole organization, `erasure` writes a pseudonym in the place of a deleted person's
-- name. The transaction deletes the row before it ends, so that none is ever committed.
CREATE TABLE audit_exceptions (
  organization_id uuid NOT NULL PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('end', 'erasure'))
);

-- An erasure changes names and what was written about a change, and nothing else.
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM audit_exceptions WHERE organization_id = old.organization_id AND purpose = 'end') THEN
      RETURN old;
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    IF EXISTS (SELECT 1 FROM audit_exceptions WHERE organization_id = old.organization_id AND purpose = 'erasure')
      AND (new.id, new.organization_id, new.at, new.actor_kind, new.actor_id, new.action, new.target_kind, new.target_id, new.address, new.request_id, new.batch_id)
        IS NOT DISTINCT FROM (old.id, old.organization_id, old.at, old.actor_kind, old.actor_id, old.action, old.target_kind, old.target_id, old.address, old.request_id, old.batch_id)
    THEN
      RETURN new;
    END IF;
  END IF;
  RAISE EXCEPTION 'audit events are never changed or deleted';
END $$;

-- The letters to one person, for the document of everything about them.
CREATE INDEX outbox_by_recipient ON outbox (recipient, id);
