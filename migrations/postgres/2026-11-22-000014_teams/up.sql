-- What a team is for, whether forms begin with it for new people, and a number by which two who edit it at once notice.
ALTER TABLE teams ADD COLUMN description text NOT NULL DEFAULT '';
ALTER TABLE teams ADD COLUMN is_default boolean NOT NULL DEFAULT false;
ALTER TABLE teams ADD COLUMN version bigint NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX teams_default ON teams (organization_id) WHERE is_default;
