-- From this instant the organization admits people through its identity providers only; without one, in any way.
ALTER TABLE organizations ADD COLUMN sso_from timestamptz;
-- Break-glass administrators, who enter with their own password or passkey all the same.
ALTER TABLE members ADD COLUMN enters_without_sso boolean NOT NULL DEFAULT false;
