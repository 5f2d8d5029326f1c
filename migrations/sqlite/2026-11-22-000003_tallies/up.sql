-- How many members of each kind have which status, so that seats and tabs are read, not counted.
CREATE TABLE member_tallies (
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  members INTEGER NOT NULL,
  PRIMARY KEY (organization_id, kind, status)
) STRICT, WITHOUT ROWID;

-- Kept by the database, whoever changes members. What leaves only counts down: an organization that is deleted takes
-- its tallies along, and they must not come back.
CREATE TRIGGER member_tallies_insert AFTER INSERT ON members BEGIN
  INSERT INTO member_tallies (organization_id, kind, status, members) VALUES (new.organization_id, new.kind, new.status, 1)
    ON CONFLICT (organization_id, kind, status) DO UPDATE SET members = members + 1;
END;
CREATE TRIGGER member_tallies_delete AFTER DELETE ON members BEGIN
  UPDATE member_tallies SET members = members - 1
    WHERE organization_id = old.organization_id AND kind = old.kind AND status = old.status;
END;
CREATE TRIGGER member_tallies_update AFTER UPDATE OF organization_id, kind, status ON members
WHEN (old.organization_id, old.kind, old.status) <> (new.organization_id, new.kind, new.status) BEGIN
  UPDATE member_tallies SET members = members - 1
    WHERE organization_id = old.organization_id AND kind = old.kind AND status = old.status;
  INSERT INTO member_tallies (organization_id, kind, status, members) VALUES (new.organization_id, new.kind, new.status, 1)
    ON CONFLICT (organization_id, kind, status) DO UPDATE SET members = members + 1;
END;

INSERT INTO member_tallies (organization_id, kind, status, members)
  SELECT organization_id, kind, status, count(*) FROM members GROUP BY organization_id, kind, status;

-- A generated column keeps SQLite from counting along an index alone, so this one holds what it is generated from.
DROP INDEX members_facts;
CREATE INDEX members_facts ON members (organization_id, kind, status, provider, last_sign_in_at, id);
