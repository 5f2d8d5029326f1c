-- More of how somebody is reached, and a number by which two who edit the same member at once notice each other.
ALTER TABLE members ADD COLUMN location text NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN contact text NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
