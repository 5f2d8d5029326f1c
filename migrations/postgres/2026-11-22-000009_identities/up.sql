-- Counting reads this index alone, not the members, where it is asked who has a second factor (by the identity) or whom
-- a search finds that most pass (by the text that is searched).
CREATE INDEX members_by_identity ON members (organization_id, kind, status, user_id, search_key);
