-- Links that confirm an address, and links by which somebody says that a sign-in was not theirs.
ALTER TABLE links DROP CONSTRAINT links_kind_check;
ALTER TABLE links ADD CONSTRAINT links_kind_check CHECK (kind IN ('setup', 'invitation', 'reset', 'email', 'alarm'));
-- The address that a link of kind email confirms, exactly as it was sent there.
ALTER TABLE links ADD COLUMN address text;
ALTER TABLE links ADD CONSTRAINT links_address_check CHECK ((kind = 'email') = (address IS NOT NULL));
