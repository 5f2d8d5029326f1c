DROP INDEX members_facts;
CREATE INDEX members_facts ON members (organization_id, kind, status, provider, last_sign_in_key, id);
DROP TRIGGER member_tallies_insert;
DROP TRIGGER member_tallies_delete;
DROP TRIGGER member_tallies_update;
DROP TABLE member_tallies;
