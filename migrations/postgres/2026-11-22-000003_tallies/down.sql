DROP INDEX members_facts;
CREATE INDEX members_facts ON members (organization_id, kind, status, provider, last_sign_in_key, id);
DROP TRIGGER member_tallies_insert ON members;
DROP TRIGGER member_tallies_delete ON members;
DROP TRIGGER member_tallies_update ON members;
DROP FUNCTION tally_members();
DROP TABLE member_tallies;
