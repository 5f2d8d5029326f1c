-- PostgreSQL only. Prepares the keys for a database that is distributed by organization_id: afterwards every unique key of
-- an organization's table contains it, every foreign key between two such tables too, and no other table refers to one.
-- Ordinary deployments keep these keys. Run it once, on a database that this version of Roster has migrated, while no
-- process runs; .github/DEPLOYMENT.md says what follows.
BEGIN;

-- What referred to an organization's table by its id alone, or from outside. The program reads what they kept:
-- a session whose identity is gone has ended;
ALTER TABLE sessions DROP CONSTRAINT sessions_identity_id_fkey;
-- a domain whose connection is gone leads nobody anywhere;
ALTER TABLE domains DROP CONSTRAINT domains_connection_id_fkey;
-- a link whose invitation is gone opens nothing;
ALTER TABLE links DROP CONSTRAINT links_organization_id_invitation_id_fkey;
-- a bulk action whose token is gone stops.
ALTER TABLE batches DROP CONSTRAINT batches_token_id_fkey;

-- Ids are UUIDv7, so that no two are equal in any organization. These tables have a unique key of organization and id
-- already, to which others refer.
ALTER TABLE access_reviews DROP CONSTRAINT access_reviews_pkey, REPLICA IDENTITY USING INDEX access_reviews_organization_id_id_key;
ALTER TABLE batches DROP CONSTRAINT batches_pkey, REPLICA IDENTITY USING INDEX batches_organization_id_id_key;
ALTER TABLE connections DROP CONSTRAINT connections_pkey, REPLICA IDENTITY USING INDEX connections_organization_id_id_key;
ALTER TABLE invitations DROP CONSTRAINT invitations_pkey, REPLICA IDENTITY USING INDEX invitations_organization_id_id_key;
ALTER TABLE members DROP CONSTRAINT members_pkey, REPLICA IDENTITY USING INDEX members_organization_id_id_key;
ALTER TABLE policies DROP CONSTRAINT policies_pkey, REPLICA IDENTITY USING INDEX policies_organization_id_id_key;
ALTER TABLE provisioners DROP CONSTRAINT provisioners_pkey, REPLICA IDENTITY USING INDEX provisioners_organization_id_id_key;
ALTER TABLE roles DROP CONSTRAINT roles_pkey, REPLICA IDENTITY USING INDEX roles_organization_id_id_key;
ALTER TABLE teams DROP CONSTRAINT teams_pkey, REPLICA IDENTITY USING INDEX teams_organization_id_id_key;
ALTER TABLE tokens DROP CONSTRAINT tokens_pkey, REPLICA IDENTITY USING INDEX tokens_organization_id_id_key;
ALTER TABLE views DROP CONSTRAINT views_pkey, REPLICA IDENTITY USING INDEX views_organization_id_id_key;
ALTER TABLE webhooks DROP CONSTRAINT webhooks_pkey, REPLICA IDENTITY USING INDEX webhooks_organization_id_id_key;

-- These have not.
ALTER TABLE application_permissions DROP CONSTRAINT application_permissions_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE audit_events DROP CONSTRAINT audit_events_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE connection_keys DROP CONSTRAINT connection_keys_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE connection_own_keys DROP CONSTRAINT connection_own_keys_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE identities DROP CONSTRAINT identities_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE provisioning_calls DROP CONSTRAINT provisioning_calls_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE resource_types DROP CONSTRAINT resource_types_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE sign_ins DROP CONSTRAINT sign_ins_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE sso_arrivals DROP CONSTRAINT sso_arrivals_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE sso_attempts DROP CONSTRAINT sso_attempts_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE webhook_deliveries DROP CONSTRAINT webhook_deliveries_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE webhook_outbox DROP CONSTRAINT webhook_outbox_pkey, ADD PRIMARY KEY (organization_id, id);
ALTER TABLE webhook_secrets DROP CONSTRAINT webhook_secrets_pkey, ADD PRIMARY KEY (organization_id, id);

-- Joins and workers find rows by their id alone.
CREATE INDEX audit_events_by_id ON audit_events (id);
CREATE INDEX batches_by_id ON batches (id);
CREATE INDEX connection_keys_by_id ON connection_keys (id);
CREATE INDEX connections_by_id ON connections (id);
CREATE INDEX identities_by_id ON identities (id);
CREATE INDEX invitations_by_id ON invitations (id);
CREATE INDEX members_by_id ON members (id);
CREATE INDEX policies_by_id ON policies (id);
CREATE INDEX roles_by_id ON roles (id);
CREATE INDEX sso_arrivals_by_id ON sso_arrivals (id);
CREATE INDEX sso_attempts_by_id ON sso_attempts (id);
CREATE INDEX teams_by_id ON teams (id);
CREATE INDEX tokens_by_id ON tokens (id);
CREATE INDEX views_by_id ON views (id);
CREATE INDEX webhook_deliveries_by_id ON webhook_deliveries (id);
CREATE INDEX webhook_outbox_by_id ON webhook_outbox (id);
CREATE INDEX webhooks_by_id ON webhooks (id);

-- Digests of 256 random bits: no two are equal.
DROP INDEX tokens_by_digest;
CREATE INDEX tokens_by_digest ON tokens (digest);
DROP INDEX tokens_by_old_digest;
CREATE INDEX tokens_by_old_digest ON tokens (old_digest);

COMMIT;
