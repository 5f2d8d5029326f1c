DROP TABLE token_use_days;
