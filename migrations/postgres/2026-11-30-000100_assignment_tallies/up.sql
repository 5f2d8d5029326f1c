-- How many members have each role, team and policy, by what they are, so that pages read it and do not count. A role that
-- ends on a date is not in here: at some instant it ends by itself, and nothing would tell. Such grants are counted.
CREATE TABLE assignment_tallies (
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  -- role, team or policy
  assigned text NOT NULL,
  assigned_id uuid NOT NULL,
  kind text NOT NULL,
  status text NOT NULL,
  members bigint NOT NULL,
  PRIMARY KEY (organization_id, assigned, assigned_id, kind, status)
);

-- What a member has that is tallied.
CREATE VIEW tallied_assignments AS
  SELECT organization_id, member_id, 'role' AS assigned, role_id AS assigned_id FROM member_roles WHERE until_at IS NULL
  UNION ALL SELECT organization_id, member_id, 'team', team_id FROM team_members
  UNION ALL SELECT organization_id, member_id, 'policy', policy_id FROM member_policies;

-- Adds to a tally. An organization that is deleted takes its tallies along: they must not come back, and a row of it that is
-- changed twice would be checked against the organization.
CREATE FUNCTION add_to_assignment_tally(in_organization uuid, of_assigned text, of_id uuid, of_kind text, of_status text, n bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM organizations WHERE id = in_organization) THEN
    RETURN;
  END IF;
  UPDATE assignment_tallies SET members = members + n
    WHERE organization_id = in_organization AND assigned = of_assigned AND assigned_id = of_id AND kind = of_kind AND status = of_status;
  IF NOT FOUND AND n > 0 THEN
    INSERT INTO assignment_tallies (organization_id, assigned, assigned_id, kind, status, members)
      VALUES (in_organization, of_assigned, of_id, of_kind, of_status, n)
      ON CONFLICT (organization_id, assigned, assigned_id, kind, status) DO UPDATE SET members = assignment_tallies.members + excluded.members;
  END IF;
END $$;

-- Kept by the database at every change: once for each statement, however many rows it changes, and in one order, so
-- that two statements wait for one another in turn. The first argument is what was assigned, the second the column with its
-- id, the third what is tallied of the rows. The members are locked, so that nobody disables one of them meanwhile, unseen.
-- The assignments of a member who is deleted go after the member, who is needed to tell what they were: those are counted
-- down before, and find no member here.
CREATE FUNCTION tally_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  arrived constant text := format('SELECT organization_id, member_id, %I AS assigned_id, 1 AS n FROM arrived WHERE %s', TG_ARGV[1], TG_ARGV[2]);
  gone constant text := format('SELECT organization_id, member_id, %I AS assigned_id, -1 AS n FROM gone WHERE %s', TG_ARGV[1], TG_ARGV[2]);
  changed constant text := CASE TG_OP WHEN 'INSERT' THEN arrived WHEN 'DELETE' THEN gone ELSE arrived || ' UNION ALL ' || gone END;
  moved record;
BEGIN
  FOR moved IN EXECUTE 'WITH changed AS (' || changed || '), known AS MATERIALIZED ('
    'SELECT m.organization_id, m.id, m.kind, m.status FROM members m '
    'WHERE (m.organization_id, m.id) IN (SELECT organization_id, member_id FROM changed) ORDER BY m.organization_id, m.id FOR SHARE) '
    'SELECT c.organization_id, c.assigned_id, k.kind, k.status, sum(c.n)::bigint AS n '
    'FROM changed c JOIN known k ON k.organization_id = c.organization_id AND k.id = c.member_id '
    'GROUP BY c.organization_id, c.assigned_id, k.kind, k.status HAVING sum(c.n) <> 0 '
    'ORDER BY c.organization_id, c.assigned_id, k.kind, k.status'
  LOOP
    PERFORM add_to_assignment_tally(moved.organization_id, TG_ARGV[0], moved.assigned_id, moved.kind, moved.status, moved.n);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER assignment_tallies_given AFTER INSERT ON member_roles
  REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments('role', 'role_id', 'until_at IS NULL');
CREATE TRIGGER assignment_tallies_taken AFTER DELETE ON member_roles
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments('role', 'role_id', 'until_at IS NULL');
CREATE TRIGGER assignment_tallies_dated AFTER UPDATE ON member_roles
  REFERENCING OLD TABLE AS gone NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments('role', 'role_id', 'until_at IS NULL');
CREATE TRIGGER assignment_tallies_joined AFTER INSERT ON team_members
  REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments('team', 'team_id', 'TRUE');
CREATE TRIGGER assignment_tallies_left AFTER DELETE ON team_members
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments('team', 'team_id', 'TRUE');
CREATE TRIGGER assignment_tallies_attached AFTER INSERT ON member_policies
  REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments('policy', 'policy_id', 'TRUE');
CREATE TRIGGER assignment_tallies_detached AFTER DELETE ON member_policies
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments('policy', 'policy_id', 'TRUE');

-- `UPDATE OF status` and transition tables exclude each other, so what was not about the status is found to be so.
CREATE FUNCTION tally_assignments_of_members() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER assignment_tallies_member_changed AFTER UPDATE ON members
  REFERENCING OLD TABLE AS gone NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION tally_assignments_of_members();

CREATE FUNCTION tally_assignments_of_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_to_assignment_tally(old.organization_id, a.assigned, a.assigned_id, old.kind, old.status, -1)
    FROM (SELECT assigned, assigned_id FROM tallied_assignments
      WHERE organization_id = old.organization_id AND member_id = old.id ORDER BY assigned, assigned_id) AS a;
  RETURN old;
END $$;
CREATE TRIGGER assignment_tallies_member_deleted BEFORE DELETE ON members
  FOR EACH ROW EXECUTE FUNCTION tally_assignments_of_deleted();

CREATE FUNCTION end_assignment_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM assignment_tallies WHERE organization_id = old.organization_id AND assigned = TG_ARGV[0] AND assigned_id = old.id;
  RETURN NULL;
END $$;
CREATE TRIGGER assignment_tallies_deleted AFTER DELETE ON roles FOR EACH ROW EXECUTE FUNCTION end_assignment_tally('role');
CREATE TRIGGER assignment_tallies_deleted AFTER DELETE ON teams FOR EACH ROW EXECUTE FUNCTION end_assignment_tally('team');
CREATE TRIGGER assignment_tallies_deleted AFTER DELETE ON policies FOR EACH ROW EXECUTE FUNCTION end_assignment_tally('policy');

INSERT INTO assignment_tallies (organization_id, assigned, assigned_id, kind, status, members)
  SELECT a.organization_id, a.assigned, a.assigned_id, m.kind, m.status, count(*)
    FROM tallied_assignments a JOIN members m ON m.organization_id = a.organization_id AND m.id = a.member_id
    GROUP BY a.organization_id, a.assigned, a.assigned_id, m.kind, m.status;

-- The grants that are counted.
CREATE INDEX member_roles_until ON member_roles (organization_id, role_id, until_at) WHERE until_at IS NOT NULL;

-- The few who run a team, among all who are in it. Statements say `is_administrator` without comparing it.
CREATE INDEX team_members_administrators ON team_members (organization_id, team_id, member_id) WHERE is_administrator;
