-- How many members have each role, team and policy, by what they are, so that pages read it and do not count. A role that
-- ends on a date is not in here: at some instant it ends by itself, and nothing would tell. Such grants are counted.
CREATE TABLE assignment_tallies (
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  -- role, team or policy
  assigned TEXT NOT NULL,
  assigned_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  members INTEGER NOT NULL,
  PRIMARY KEY (organization_id, assigned, assigned_id, kind, status)
) STRICT, WITHOUT ROWID;

-- What a member has that is tallied.
CREATE VIEW tallied_assignments AS
  SELECT organization_id, member_id, 'role' AS assigned, role_id AS assigned_id FROM member_roles WHERE until_at IS NULL
  UNION ALL SELECT organization_id, member_id, 'team', team_id FROM team_members
  UNION ALL SELECT organization_id, member_id, 'policy', policy_id FROM member_policies;

-- Kept by the database at every change. What leaves only counts down: an organization that is deleted takes its
-- tallies along, and they must not come back. The assignments of a member who is deleted go after the member, who is
-- needed to tell what they were: those are counted down before, and not a second time.
CREATE TRIGGER assignment_tallies_role_given AFTER INSERT ON member_roles WHEN new.until_at IS NULL BEGIN
  INSERT INTO assignment_tallies (organization_id, assigned, assigned_id, kind, status, members)
    SELECT organization_id, 'role', new.role_id, kind, status, 1 FROM members WHERE organization_id = new.organization_id AND id = new.member_id
    ON CONFLICT (organization_id, assigned, assigned_id, kind, status) DO UPDATE SET members = members + 1;
END;
CREATE TRIGGER assignment_tallies_role_taken AFTER DELETE ON member_roles WHEN old.until_at IS NULL BEGIN
  UPDATE assignment_tallies SET members = members - 1
    WHERE organization_id = old.organization_id AND assigned = 'role' AND assigned_id = old.role_id
      AND (kind, status) = (SELECT kind, status FROM members WHERE organization_id = old.organization_id AND id = old.member_id);
END;
CREATE TRIGGER assignment_tallies_role_dated AFTER UPDATE OF until_at ON member_roles WHEN old.until_at IS NULL AND new.until_at IS NOT NULL BEGIN
  UPDATE assignment_tallies SET members = members - 1
    WHERE organization_id = old.organization_id AND assigned = 'role' AND assigned_id = old.role_id
      AND (kind, status) = (SELECT kind, status FROM members WHERE organization_id = old.organization_id AND id = old.member_id);
END;
CREATE TRIGGER assignment_tallies_role_kept AFTER UPDATE OF until_at ON member_roles WHEN old.until_at IS NOT NULL AND new.until_at IS NULL BEGIN
  INSERT INTO assignment_tallies (organization_id, assigned, assigned_id, kind, status, members)
    SELECT organization_id, 'role', new.role_id, kind, status, 1 FROM members WHERE organization_id = new.organization_id AND id = new.member_id
    ON CONFLICT (organization_id, assigned, assigned_id, kind, status) DO UPDATE SET members = members + 1;
END;
CREATE TRIGGER assignment_tallies_team_joined AFTER INSERT ON team_members BEGIN
  INSERT INTO assignment_tallies (organization_id, assigned, assigned_id, kind, status, members)
    SELECT organization_id, 'team', new.team_id, kind, status, 1 FROM members WHERE organization_id = new.organization_id AND id = new.member_id
    ON CONFLICT (organization_id, assigned, assigned_id, kind, status) DO UPDATE SET members = members + 1;
END;
CREATE TRIGGER assignment_tallies_team_left AFTER DELETE ON team_members BEGIN
  UPDATE assignment_tallies SET members = members - 1
    WHERE organization_id = old.organization_id AND assigned = 'team' AND assigned_id = old.team_id
      AND (kind, status) = (SELECT kind, status FROM members WHERE organization_id = old.organization_id AND id = old.member_id);
END;
CREATE TRIGGER assignment_tallies_policy_attached AFTER INSERT ON member_policies BEGIN
  INSERT INTO assignment_tallies (organization_id, assigned, assigned_id, kind, status, members)
    SELECT organization_id, 'policy', new.policy_id, kind, status, 1 FROM members WHERE organization_id = new.organization_id AND id = new.member_id
    ON CONFLICT (organization_id, assigned, assigned_id, kind, status) DO UPDATE SET members = members + 1;
END;
CREATE TRIGGER assignment_tallies_policy_detached AFTER DELETE ON member_policies BEGIN
  UPDATE assignment_tallies SET members = members - 1
    WHERE organization_id = old.organization_id AND assigned = 'policy' AND assigned_id = old.policy_id
      AND (kind, status) = (SELECT kind, status FROM members WHERE organization_id = old.organization_id AND id = old.member_id);
END;
CREATE TRIGGER assignment_tallies_member_changed AFTER UPDATE OF kind, status ON members
WHEN (old.kind, old.status) <> (new.kind, new.status) BEGIN
  UPDATE assignment_tallies SET members = members - 1
    WHERE organization_id = old.organization_id AND kind = old.kind AND status = old.status
      AND (assigned, assigned_id) IN (SELECT assigned, assigned_id FROM tallied_assignments WHERE organization_id = old.organization_id AND member_id = old.id);
  INSERT INTO assignment_tallies (organization_id, assigned, assigned_id, kind, status, members)
    SELECT organization_id, assigned, assigned_id, new.kind, new.status, 1 FROM tallied_assignments
      WHERE organization_id = new.organization_id AND member_id = new.id
    ON CONFLICT (organization_id, assigned, assigned_id, kind, status) DO UPDATE SET members = members + 1;
END;
CREATE TRIGGER assignment_tallies_member_deleted BEFORE DELETE ON members BEGIN
  UPDATE assignment_tallies SET members = members - 1
    WHERE organization_id = old.organization_id AND kind = old.kind AND status = old.status
      AND (assigned, assigned_id) IN (SELECT assigned, assigned_id FROM tallied_assignments WHERE organization_id = old.organization_id AND member_id = old.id);
END;
CREATE TRIGGER assignment_tallies_role_deleted AFTER DELETE ON roles BEGIN
  DELETE FROM assignment_tallies WHERE organization_id = old.organization_id AND assigned = 'role' AND assigned_id = old.id;
END;
CREATE TRIGGER assignment_tallies_team_deleted AFTER DELETE ON teams BEGIN
  DELETE FROM assignment_tallies WHERE organization_id = old.organization_id AND assigned = 'team' AND assigned_id = old.id;
END;
CREATE TRIGGER assignment_tallies_policy_deleted AFTER DELETE ON policies BEGIN
  DELETE FROM assignment_tallies WHERE organization_id = old.organization_id AND assigned = 'policy' AND assigned_id = old.id;
END;

INSERT INTO assignment_tallies (organization_id, assigned, assigned_id, kind, status, members)
  SELECT a.organization_id, a.assigned, a.assigned_id, m.kind, m.status, count(*)
    FROM tallied_assignments a JOIN members m ON m.organization_id = a.organization_id AND m.id = a.member_id
    GROUP BY a.organization_id, a.assigned, a.assigned_id, m.kind, m.status;

-- The grants that are counted.
CREATE INDEX member_roles_until ON member_roles (organization_id, role_id, until_at) WHERE until_at IS NOT NULL;

-- The few who run a team, among all who are in it. Statements say `is_administrator` without comparing it.
CREATE INDEX team_members_administrators ON team_members (organization_id, team_id, member_id) WHERE is_administrator;
