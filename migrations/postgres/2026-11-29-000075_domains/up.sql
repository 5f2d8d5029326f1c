-- Email domains that an organization says it owns, and the proof.
CREATE TABLE domains (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  -- A-labels, in lower case.
  name text NOT NULL,
  -- What the DNS record has to hold. It is no secret.
  challenge text NOT NULL,
  method text CHECK (method IN ('dns', 'operator')),
  verified_at timestamptz,
  -- When the proof was missing for too long.
  lost_at timestamptz,
  checked_at timestamptz,
  -- What the latest check found instead of the proof.
  finding text,
  -- Checks in a row, on different days, that did not find the proof of a verified domain.
  misses bigint NOT NULL DEFAULT 0,
  -- When the worker looks for the proof again. Its value tells the checks of several processes apart.
  next_check_at timestamptz,
  -- Where people of this domain sign in. A domain stays when its connection is deleted.
  connection_id uuid REFERENCES connections (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL,
  created_by uuid,
  version bigint NOT NULL DEFAULT 1,
  UNIQUE (organization_id, name),
  CHECK ((verified_at IS NULL) = (method IS NULL))
);
-- One organization of the deployment at most.
CREATE UNIQUE INDEX domains_verified ON domains (name) WHERE verified_at IS NOT NULL;
CREATE INDEX domains_by_connection ON domains (connection_id);
CREATE INDEX domains_due ON domains (next_check_at) WHERE next_check_at IS NOT NULL;
