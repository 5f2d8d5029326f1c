DROP TABLE saml_seen;
DROP TABLE connection_keys;
