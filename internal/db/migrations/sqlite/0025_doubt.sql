-- +goose Up

-- Two more kinds of remark on a sender: a name that is one of our own addresses
-- ("address"), and a mail that our own mail server does not take for its sender's
-- ("forged", whose about_id is the message: it is decided for that message alone).
CREATE TABLE lookalikes_new (
  id INTEGER PRIMARY KEY,
  message_id BIGINT NOT NULL REFERENCES messages(id),
  case_id BIGINT NOT NULL,
  identity_id BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('domain','municipality','office','operator','citizen','address','forged')),
  about_id BIGINT NOT NULL DEFAULT 0, -- the office, the operator, the citizen, the message
  likes TEXT NOT NULL, -- the name, the address or the domain that it looks like
  alarm BOOLEAN NOT NULL, -- else it is a remark and no warning
  at BIGINT NOT NULL,
  decision TEXT NOT NULL DEFAULT '' CHECK (decision IN ('','fine','false')),
  decided_by BIGINT NOT NULL DEFAULT 0,
  decided_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (message_id, kind, about_id)
);
INSERT INTO lookalikes_new (id, message_id, case_id, identity_id, kind, about_id, likes, alarm, at, decision, decided_by, decided_at)
  SELECT id, message_id, case_id, identity_id, kind, about_id, likes, alarm, at, decision, decided_by, decided_at FROM lookalikes;
DROP TABLE lookalikes;
ALTER TABLE lookalikes_new RENAME TO lookalikes;
CREATE INDEX lookalikes_case ON lookalikes (case_id);
CREATE INDEX lookalikes_identity ON lookalikes (identity_id);
