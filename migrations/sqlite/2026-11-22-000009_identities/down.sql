DROP INDEX members_by_identity;
