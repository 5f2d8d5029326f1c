DROP VIEW held_policies;
DROP VIEW held_roles;
DROP TABLE team_policies;
DROP TABLE team_roles;
