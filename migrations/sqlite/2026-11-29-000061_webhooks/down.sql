DROP TRIGGER webhook_outbox_fill;
DROP TABLE webhook_outbox;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_secrets;
DROP TABLE webhooks;
