-- Citus, run by psql on the coordinator. Distributes a database whose keys keys.sql has prepared. Tables that are not named
-- here stay on the coordinator. .github/DEPLOYMENT.md says what was tried, and what does not work yet.
\set ON_ERROR_STOP on

-- Triggers keep tallies and fill the outbox of webhooks. What they write has the organization of the row that fired
-- them, so it is in a shard of the same node. Citus wants to be told that this is meant.
SET citus.enable_unsafe_triggers TO on;

-- Whole on every node: organizations themselves, people and what they sign in with, and what is unique in the deployment.
CREATE TEMP TABLE reference (name text);
INSERT INTO reference VALUES
  ('organizations'),
  ('users'),
  ('user_names'),
  ('passwords'),
  ('passkeys'),
  ('recovery_codes'),
  ('totps'),
  ('sessions'),
  ('links'),
  ('outbox'),
  ('domains');

-- By organization_id.
CREATE TEMP TABLE distributed (name text);
INSERT INTO distributed VALUES
  ('members'),
  ('access_requests'),
  ('access_review_lines'),
  ('access_review_reviewers'),
  ('access_reviews'),
  ('api_access'),
  ('application_permissions'),
  ('assignment_tallies'),
  ('audit_events'),
  ('audit_exceptions'),
  ('batch_items'),
  ('batches'),
  ('column_choices'),
  ('connection_keys'),
  ('connection_own_keys'),
  ('connections'),
  ('default_views'),
  ('deleted_identities'),
  ('idempotency_keys'),
  ('identities'),
  ('import_files'),
  ('invitations'),
  ('latest_changes'),
  ('member_policies'),
  ('member_roles'),
  ('member_tallies'),
  ('own_field_values'),
  ('own_fields'),
  ('policies'),
  ('provisioned_groups'),
  ('provisioned_addresses'),
  ('provisioned_users'),
  ('provisioners'),
  ('provisioning_calls'),
  ('resource_types'),
  ('role_permissions'),
  ('roles'),
  ('saml_seen'),
  ('sent_forms'),
  ('sign_in_days'),
  ('sign_ins'),
  ('sso_arrivals'),
  ('sso_attempts'),
  ('team_members'),
  ('team_policies'),
  ('team_roles'),
  ('teams'),
  ('token_use_days'),
  ('tokens'),
  ('webhook_deliveries'),
  ('webhook_outbox'),
  ('webhook_secrets'),
  ('views'),
  ('webhooks');

-- Citus refuses a foreign key between a table that is distributed already and one that is not yet. So they are put aside,
-- and so are triggers while rows are copied.
CREATE TEMP TABLE foreign_keys AS
  SELECT c.conrelid::regclass::text AS name, c.conname AS key, pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid::regclass::text IN (SELECT name FROM distributed);
SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', name, key) FROM foreign_keys \gexec
SELECT format('ALTER TABLE %I DISABLE TRIGGER USER', name) FROM distributed \gexec

SELECT format('SELECT create_reference_table(%L)', name) FROM reference \gexec
SELECT create_distributed_table('members', 'organization_id', colocate_with => 'none');
SELECT format('SELECT create_distributed_table(%L, ''organization_id'', colocate_with => ''members'')', name)
  FROM distributed WHERE name <> 'members' \gexec

SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', name, key, definition) FROM foreign_keys \gexec
SELECT format('ALTER TABLE %I ENABLE TRIGGER USER', name) FROM distributed \gexec
