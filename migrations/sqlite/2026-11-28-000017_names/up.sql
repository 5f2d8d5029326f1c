-- First and last name, where they are known. The name that lists show stays `name`.
ALTER TABLE members ADD COLUMN first_name text NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN last_name text NOT NULL DEFAULT '';
