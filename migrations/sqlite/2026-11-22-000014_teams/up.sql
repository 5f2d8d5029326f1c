-- What a team is for, whether forms begin with it for new people, and a number by which two who edit it at once notice.
ALTER TABLE teams ADD COLUMN description text NOT NULL DEFAULT '';
ALTER TABLE teams ADD COLUMN is_default INTEGER NOT NULL DEFAULT 0;
ALTER TABLE teams ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX teams_default ON teams (organization_id) WHERE is_default;
