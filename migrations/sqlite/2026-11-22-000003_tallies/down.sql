DROP TRIGGER member_tallies_insert;
DROP TRIGGER member_tallies_delete;
DROP TRIGGER member_tallies_update;
DROP TABLE member_tallies;
