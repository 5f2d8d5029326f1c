DROP INDEX audit_events_by_address;
DROP INDEX audit_events_by_batch;
DROP INDEX audit_events_by_name;
