-- Which roles and teams the claims of a provider give, and who saved that: they have to be able to give them when
-- somebody signs in.
ALTER TABLE connections ADD COLUMN mappings jsonb NOT NULL DEFAULT '[]';
ALTER TABLE connections ADD COLUMN mapped_by uuid;
-- Who decided for whom the connection vouches, if they did not hold everything.
ALTER TABLE connections ADD COLUMN vouched_by uuid;
-- What kept mappings from being applied at a sign-in, until one goes well.
ALTER TABLE connections ADD COLUMN mapping_trouble text;
ALTER TABLE connections ADD COLUMN mapping_trouble_at timestamptz;

-- The connection whose mapping gave it. What was given by hand has none, and no sign-in takes it away. It counts as
-- given by hand once the connection is deleted.
ALTER TABLE member_roles ADD COLUMN connection_id uuid;
CREATE INDEX member_roles_by_connection ON member_roles (organization_id, connection_id) WHERE connection_id IS NOT NULL;
ALTER TABLE team_members ADD COLUMN connection_id uuid;
CREATE INDEX team_members_by_connection ON team_members (organization_id, connection_id) WHERE connection_id IS NOT NULL;
