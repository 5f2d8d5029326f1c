DROP TABLE connection_own_keys;
