DELETE FROM links WHERE kind IN ('email', 'alarm');
ALTER TABLE links DROP COLUMN address;
ALTER TABLE links DROP CONSTRAINT links_kind_check;
ALTER TABLE links ADD CONSTRAINT links_kind_check CHECK (kind IN ('setup', 'invitation', 'reset'));
