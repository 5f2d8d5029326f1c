DROP INDEX teams_default;
ALTER TABLE teams DROP COLUMN version;
ALTER TABLE teams DROP COLUMN is_default;
ALTER TABLE teams DROP COLUMN description;
