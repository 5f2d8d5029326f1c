ALTER TABLE policies DROP COLUMN version;
ALTER TABLE roles DROP COLUMN version;
DROP TABLE resource_types;
DROP TABLE application_permissions;
