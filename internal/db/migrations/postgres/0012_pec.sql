-- +goose Up

-- Certified mail (PEC) --------------------------------------------------------
-- An address of certified mail belongs to one file at a time, as others do.
DROP INDEX identities_address;
CREATE UNIQUE INDEX identities_address ON identities (kind, scope, value) WHERE removed_at = 0 AND kind IN ('email','telegram','pec');

-- Cases whose last message is a certified one, for the view of them.
CREATE INDEX cases_pec ON cases (office_id, last_at DESC, id DESC) WHERE channel = 'pec' AND status IN ('open','waiting');

-- What a provider certifies of a message that came, and who signed it, as JSON;
-- empty for all else.
ALTER TABLE messages ADD COLUMN certified TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN signatures TEXT NOT NULL DEFAULT '';
-- Who signed a file, and the name of the part that it was taken out of.
ALTER TABLE parts ADD COLUMN signatures TEXT NOT NULL DEFAULT '';
ALTER TABLE parts ADD COLUMN inside TEXT NOT NULL DEFAULT '';

-- The provider's times of acceptance and delivery, which count in law; whether
-- the recipient's mailbox is an ordinary one, for which no receipt of delivery
-- comes; and what is missing for too long: 'no_acceptance', 'no_delivery'.
ALTER TABLE deliveries ADD COLUMN legal_sent_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN legal_arrived_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN outside BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE deliveries ADD COLUMN alarm TEXT NOT NULL DEFAULT '';
CREATE INDEX deliveries_pec ON deliveries (begun_at) WHERE kind = 'pec' AND state IN ('accepted','sent','unknown');

-- Receipts of certified mail: a row for each raw item and recipient it speaks of.
-- One about a message that was not sent from here has no message.
CREATE TABLE receipts (
  id BIGINT PRIMARY KEY,
  raw_id BIGINT NOT NULL REFERENCES raws(id),
  account_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  outcome TEXT NOT NULL DEFAULT '',
  message_id BIGINT NOT NULL DEFAULT 0,
  delivery_id BIGINT NOT NULL DEFAULT 0,
  recipient TEXT NOT NULL DEFAULT '',
  proven BOOLEAN NOT NULL DEFAULT FALSE,
  subject TEXT NOT NULL DEFAULT '',
  certified TEXT NOT NULL,
  legal_at BIGINT NOT NULL DEFAULT 0,
  at BIGINT NOT NULL,
  UNIQUE (raw_id, recipient)
);
CREATE INDEX receipts_message ON receipts (message_id, legal_at) WHERE message_id > 0;
CREATE INDEX receipts_unmatched ON receipts (account_id, id) WHERE message_id = 0;

-- Certified mails as they were given to the provider, byte for byte: what the
-- receipts are about. A repeated try that left with other bytes is kept beside.
CREATE TABLE sent_mails (
  delivery_id BIGINT NOT NULL REFERENCES deliveries(id),
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  data BYTEA,
  at BIGINT NOT NULL,
  PRIMARY KEY (delivery_id, sha256)
);
CREATE INDEX sent_mails_blob ON sent_mails (sha256) WHERE data IS NULL;
