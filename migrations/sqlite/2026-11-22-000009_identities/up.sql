-- Whether somebody has a second factor is asked by their identity: counting them reads this index alone.
CREATE INDEX members_by_identity ON members (organization_id, kind, status, user_id);
