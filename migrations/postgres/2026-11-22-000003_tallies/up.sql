-- How many members of each kind have which status, so that seats and tabs are read, not counted.
CREATE TABLE member_tallies (
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  kind text NOT NULL,
  status text NOT NULL,
  members bigint NOT NULL,
  PRIMARY KEY (organization_id, kind, status)
);

-- Kept by the database, whoever changes members: once for each statement, however many rows it changes, and in one
-- order, so that two statements wait for one another in turn. What leaves only counts down: an organization that is
-- deleted takes its tallies along, and they must not come back.
CREATE FUNCTION tally_members() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  -- Which rows there are to compare depends on the statement.
  arrived constant text := 'SELECT organization_id, kind, status, 1 AS n FROM arrived';
  gone constant text := 'SELECT organization_id, kind, status, -1 AS n FROM gone';
  changed constant text := CASE TG_OP WHEN 'INSERT' THEN arrived WHEN 'DELETE' THEN gone ELSE arrived || ' UNION ALL ' || gone END;
  moved record;
BEGIN
  FOR moved IN EXECUTE 'SELECT organization_id, kind, status, sum(n)::bigint AS n FROM (' || changed || ') AS changed '
    'GROUP BY organization_id, kind, status HAVING sum(n) <> 0 ORDER BY organization_id, kind, status'
  LOOP
    UPDATE member_tallies SET members = members + moved.n
      WHERE organization_id = moved.organization_id AND kind = moved.kind AND status = moved.status;
    IF NOT FOUND AND moved.n > 0 THEN
      INSERT INTO member_tallies (organization_id, kind, status, members)
        VALUES (moved.organization_id, moved.kind, moved.status, moved.n)
        ON CONFLICT (organization_id, kind, status) DO UPDATE SET members = member_tallies.members + excluded.members;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER member_tallies_insert AFTER INSERT ON members
  REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION tally_members();
CREATE TRIGGER member_tallies_delete AFTER DELETE ON members
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_members();
-- `UPDATE OF status` and transition tables exclude each other, so what was not about the status is found to be so.
CREATE TRIGGER member_tallies_update AFTER UPDATE ON members
  REFERENCING OLD TABLE AS gone NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION tally_members();

INSERT INTO member_tallies (organization_id, kind, status, members)
  SELECT organization_id, kind, status, count(*) FROM members GROUP BY organization_id, kind, status;

-- A generated column keeps SQLite from counting along an index alone, so this one holds what it is generated from.
DROP INDEX members_facts;
CREATE INDEX members_facts ON members (organization_id, kind, status, provider, last_sign_in_at, id);
