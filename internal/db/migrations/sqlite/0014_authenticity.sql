-- +goose Up

-- Whether a mail is from whom it says -------------------------------------------
-- The signatures of the sender's domain (DKIM), checked when the mail came: the
-- outcome is '' while it waits for the DNS, 'pass', 'fail', 'none' or 'temporary'
-- (given up). signatures is one JSON object for each. Only signed mails have a row.
CREATE TABLE sender_checks (
  raw_id INTEGER PRIMARY KEY REFERENCES raws(id),
  account_id BIGINT NOT NULL,
  sender TEXT NOT NULL, -- the address in From; empty where there are several
  outcome TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('','pass','fail','none','temporary')),
  domain TEXT NOT NULL DEFAULT '',
  aligned BOOLEAN NOT NULL DEFAULT FALSE, -- the domain that signed is that of From
  signatures TEXT NOT NULL DEFAULT '',
  attempts BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL, -- 0 when it is done
  checked_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sender_checks_due ON sender_checks (account_id, next_at) WHERE next_at > 0;

-- Senders who look like somebody else: a remark on one message, until a person
-- has looked. What is decided of an address counts for its later messages too.
CREATE TABLE lookalikes (
  id INTEGER PRIMARY KEY,
  message_id BIGINT NOT NULL REFERENCES messages(id),
  case_id BIGINT NOT NULL,
  identity_id BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('domain','municipality','office','operator','citizen')),
  about_id BIGINT NOT NULL DEFAULT 0, -- the office, the operator, the citizen
  likes TEXT NOT NULL, -- the name or the domain that it looks like
  alarm BOOLEAN NOT NULL, -- else it is a remark and no warning
  at BIGINT NOT NULL,
  decision TEXT NOT NULL DEFAULT '' CHECK (decision IN ('','fine','false')),
  decided_by BIGINT NOT NULL DEFAULT 0,
  decided_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (message_id, kind, about_id)
);
CREATE INDEX lookalikes_case ON lookalikes (case_id);
CREATE INDEX lookalikes_identity ON lookalikes (identity_id);
-- A case with a warning that nobody has looked at.
ALTER TABLE cases ADD COLUMN suspect BOOLEAN NOT NULL DEFAULT FALSE;

-- Mails of citizens that a colleague forwarded to us: an offer to take the first
-- writer for the person of the case (mail rule 81). What it was before is kept.
CREATE TABLE forwards (
  message_id INTEGER PRIMARY KEY REFERENCES messages(id),
  case_id BIGINT NOT NULL,
  address TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  found TEXT NOT NULL, -- where it stood: 'attached', 'quoted'
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open','accepted','refused')),
  identity_id BIGINT NOT NULL DEFAULT 0,
  citizen_before BIGINT NOT NULL DEFAULT 0,
  person_before TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  decided_by BIGINT NOT NULL DEFAULT 0,
  decided_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX forwards_case ON forwards (case_id);

-- Senders whose mails a person wants to see before they become cases (mail rule 22).
CREATE TABLE held_senders (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  office_id BIGINT NOT NULL, -- whose mailboxes hold them
  reason TEXT NOT NULL,
  by_operator BIGINT NOT NULL,
  at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL DEFAULT 0,
  ended_by BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX held_senders_active ON held_senders (kind, value, office_id) WHERE ended_at = 0;
