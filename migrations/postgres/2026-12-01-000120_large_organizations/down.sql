DROP INDEX members_by_status_sign_in;

CREATE OR REPLACE FUNCTION tally_members() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION tally_assignments_of_members() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moved record;
BEGIN
  FOR moved IN
    SELECT a.organization_id, a.assigned, a.assigned_id, c.kind, c.status, sum(c.n)::bigint AS n
      FROM (
        SELECT arrived.organization_id, arrived.id, arrived.kind, arrived.status, 1 AS n FROM arrived JOIN gone USING (id)
          WHERE (gone.kind, gone.status) <> (arrived.kind, arrived.status)
        UNION ALL
        SELECT gone.organization_id, gone.id, gone.kind, gone.status, -1 FROM arrived JOIN gone USING (id)
          WHERE (gone.kind, gone.status) <> (arrived.kind, arrived.status)
      ) AS c
      JOIN tallied_assignments a ON a.organization_id = c.organization_id AND a.member_id = c.id
      GROUP BY a.organization_id, a.assigned, a.assigned_id, c.kind, c.status HAVING sum(c.n) <> 0
      ORDER BY a.organization_id, a.assigned, a.assigned_id, c.kind, c.status
  LOOP
    PERFORM add_to_assignment_tally(moved.organization_id, moved.assigned, moved.assigned_id, moved.kind, moved.status, moved.n);
  END LOOP;
  RETURN NULL;
END $$;
