-- Counts those who never signed in among the people of a status, and lists people of a status by their last sign-in.
CREATE INDEX members_by_status_sign_in ON members (organization_id, kind, status, last_sign_in_key, id);
