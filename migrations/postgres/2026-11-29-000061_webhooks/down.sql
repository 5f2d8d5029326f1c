DROP TRIGGER webhook_outbox_fill ON audit_events;
DROP FUNCTION fill_webhook_outbox();
DROP TABLE webhook_outbox;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_secrets;
DROP TABLE webhooks;
