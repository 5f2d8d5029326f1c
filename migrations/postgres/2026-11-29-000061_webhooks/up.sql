-- Addresses of products that are told of events.
CREATE TABLE webhooks (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  url text NOT NULL,
  description text NOT NULL,
  -- Names of event types; without them, all of them.
  event_types jsonb,
  status text NOT NULL CHECK (status IN ('enabled', 'failing', 'disabled')),
  disabled_reason text CHECK (disabled_reason IN ('by_member', 'gone', 'failing')),
  -- Since when nothing arrives.
  failing_since timestamptz,
  -- The number of the latest event that was prepared for it.
  last_sequence bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  created_by uuid,
  version bigint NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id)
);
-- Every event asks whether anybody is told of it.
CREATE INDEX webhooks_by_status ON webhooks (organization_id, status);

CREATE TABLE webhook_secrets (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  -- Sealed: Roster itself signs with it.
  secret bytea NOT NULL,
  created_at timestamptz NOT NULL,
  -- The end of a secret that has been replaced.
  valid_until timestamptz,
  FOREIGN KEY (organization_id, webhook_id) REFERENCES webhooks (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_secrets_by_webhook ON webhook_secrets (organization_id, webhook_id);

CREATE TABLE webhook_deliveries (
  id uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  event_id uuid NOT NULL,
  event_type text NOT NULL,
  body text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed', 'given_up')),
  attempts bigint NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL,
  -- Until when one process sends it. Its value tells the attempts apart.
  leased_until timestamptz,
  last_status bigint,
  last_ms bigint,
  last_error text,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- One event is delivered once to each webhook, whatever happens to the process that prepares it.
  UNIQUE (organization_id, webhook_id, event_id),
  FOREIGN KEY (organization_id, webhook_id) REFERENCES webhooks (organization_id, id) ON DELETE CASCADE
);
-- The latest of one webhook, as its page lists them.
CREATE INDEX webhook_deliveries_latest ON webhook_deliveries (organization_id, webhook_id, id);
-- What one webhook has to be sent next, and how much of it is under way.
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (organization_id, webhook_id, due_at, id) WHERE state = 'waiting';
-- The worker asks every half a second whether anything is due.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE state = 'waiting';
-- Old deliveries are removed for every organization.
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);

-- Events of organizations that have webhooks, until they are prepared for each of them.
CREATE TABLE webhook_outbox (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id uuid NOT NULL,
  event_id uuid NOT NULL
);

-- Filled in the transaction of the change itself, whatever writes the event: once for each statement, however many
-- events it writes.
CREATE FUNCTION fill_webhook_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO webhook_outbox (organization_id, event_id)
    SELECT arrived.organization_id, arrived.id FROM arrived
    WHERE EXISTS (
      SELECT 1 FROM webhooks WHERE webhooks.organization_id = arrived.organization_id AND webhooks.status IN ('enabled', 'failing')
    );
  RETURN NULL;
END $$;
CREATE TRIGGER webhook_outbox_fill AFTER INSERT ON audit_events
  REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION fill_webhook_outbox();
