-- What a team gives to its members, people and system accounts alike: roles and policies, each until an instant or without
-- an end. Never the Administrator role.
CREATE TABLE team_roles (
  organization_id uuid NOT NULL,
  team_id uuid NOT NULL,
  role_id uuid NOT NULL,
  attached_at timestamptz NOT NULL,
  attached_by uuid,
  until_at timestamptz,
  -- Team administrators may add people to the team, although that gives them this role.
  is_delegated boolean NOT NULL,
  PRIMARY KEY (organization_id, team_id, role_id),
  FOREIGN KEY (organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX team_roles_by_role ON team_roles (organization_id, role_id);

CREATE TABLE team_policies (
  organization_id uuid NOT NULL,
  team_id uuid NOT NULL,
  policy_id uuid NOT NULL,
  attached_at timestamptz NOT NULL,
  attached_by uuid,
  until_at timestamptz,
  is_delegated boolean NOT NULL,
  PRIMARY KEY (organization_id, team_id, policy_id),
  FOREIGN KEY (organization_id, team_id) REFERENCES teams (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, policy_id) REFERENCES policies (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX team_policies_by_policy ON team_policies (organization_id, policy_id);

-- Which member has which role, by themselves or through a team, expired or not. The role of team administrators is not in it.
-- SQLite joins in the order written: what teams give is little, their members are many.
CREATE VIEW held_roles AS
  SELECT organization_id, member_id, role_id, until_at, CAST(NULL AS uuid) AS team_id FROM member_roles
  UNION ALL SELECT x.organization_id, x.member_id, g.role_id, g.until_at, g.team_id
    FROM team_roles g CROSS JOIN team_members x WHERE x.organization_id = g.organization_id AND x.team_id = g.team_id;

-- Which member has which policy, by themselves or through a team.
CREATE VIEW held_policies AS
  SELECT organization_id, member_id, policy_id, CAST(NULL AS timestamptz) AS until_at, CAST(NULL AS uuid) AS team_id FROM member_policies
  UNION ALL SELECT x.organization_id, x.member_id, g.policy_id, g.until_at, g.team_id
    FROM team_policies g CROSS JOIN team_members x WHERE x.organization_id = g.organization_id AND x.team_id = g.team_id;
