DROP TRIGGER member_tallies_insert ON members;
DROP TRIGGER member_tallies_delete ON members;
DROP TRIGGER member_tallies_update ON members;
DROP FUNCTION tally_members();
DROP TABLE member_tallies;
