DROP INDEX team_members_by_connection;
ALTER TABLE team_members DROP COLUMN connection_id;
DROP INDEX member_roles_by_connection;
ALTER TABLE member_roles DROP COLUMN connection_id;
ALTER TABLE connections DROP COLUMN mapping_trouble_at;
ALTER TABLE connections DROP COLUMN mapping_trouble;
ALTER TABLE connections DROP COLUMN vouched_by;
ALTER TABLE connections DROP COLUMN mapped_by;
ALTER TABLE connections DROP COLUMN mappings;
