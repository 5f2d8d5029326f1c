DROP TABLE provisioning_calls;
DROP TABLE provisioned_groups;
DROP TABLE provisioned_addresses;
DROP TABLE provisioned_users;
DROP TABLE provisioners;
