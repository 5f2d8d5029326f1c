-- Addresses of products that are told of events.
CREATE TABLE webhooks (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  -- Names of event types; without them, all of them.
  event_types TEXT,
  status TEXT NOT NULL CHECK (status IN ('enabled', 'failing', 'disabled')),
  disabled_reason TEXT CHECK (disabled_reason IN ('by_member', 'gone', 'failing')),
  -- Since when nothing arrives.
  failing_since INTEGER,
  -- The number of the latest event that was prepared for it.
  last_sequence INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  created_by BLOB,
  version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id)
) STRICT;
-- Every event asks whether anybody is told of it.
CREATE INDEX webhooks_by_status ON webhooks (organization_id, status);

CREATE TABLE webhook_secrets (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  webhook_id BLOB NOT NULL,
  -- Sealed: Roster itself signs with it.
  secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  -- The end of a secret that has been replaced.
  valid_until INTEGER,
  FOREIGN KEY (organization_id, webhook_id) REFERENCES webhooks (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX webhook_secrets_by_webhook ON webhook_secrets (organization_id, webhook_id);

CREATE TABLE webhook_deliveries (
  id BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  webhook_id BLOB NOT NULL,
  event_id BLOB NOT NULL,
  event_type TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed', 'given_up')),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  -- Until when one process sends it. Its value tells the attempts apart.
  leased_until INTEGER,
  last_status INTEGER,
  last_ms INTEGER,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  -- One event is delivered once to each webhook, whatever happens to the process that prepares it.
  UNIQUE (organization_id, webhook_id, event_id),
  FOREIGN KEY (organization_id, webhook_id) REFERENCES webhooks (organization_id, id) ON DELETE CASCADE
) STRICT;
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
  id INTEGER NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  event_id BLOB NOT NULL
) STRICT;

-- Filled in the transaction of the change itself, whatever writes the event.
CREATE TRIGGER webhook_outbox_fill AFTER INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM webhooks WHERE organization_id = new.organization_id AND status IN ('enabled', 'failing')) BEGIN
  INSERT INTO webhook_outbox (organization_id, event_id) VALUES (new.organization_id, new.id);
END;
