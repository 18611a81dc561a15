-- +goose Up

-- Why people come ------------------------------------------------------------------
-- A service has errands, each tied to a procedure by its key. documents is a JSON
-- object by language of lists of what to bring; it is shown before the number is
-- given. online is where the same can be done without coming, empty for nowhere.
CREATE TABLE errands (
  id BIGINT PRIMARY KEY,
  service_id BIGINT NOT NULL REFERENCES services(id),
  key TEXT NOT NULL,
  names TEXT NOT NULL,
  documents TEXT NOT NULL DEFAULT '{}',
  online TEXT NOT NULL DEFAULT '',
  ord BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (service_id, key)
);
ALTER TABLE services DROP COLUMN procedures;
-- errand is the key of what the person came for with this step, missing the
-- documents that the counter found wanting, one a line.
ALTER TABLE steps ADD COLUMN errand TEXT NOT NULL DEFAULT '';
ALTER TABLE steps ADD COLUMN missing TEXT NOT NULL DEFAULT '';

-- Dialogues with a bot -----------------------------------------------------------
-- A turn is something that a person said or pressed in a dialogue, and is to be
-- answered once. message_id is the message that the raw item became; it is on no
-- case. data is what the button holds, or the words.
CREATE TABLE dialogue_turns (
  message_id BIGINT PRIMARY KEY REFERENCES messages(id),
  account_id BIGINT NOT NULL,
  citizen_id BIGINT NOT NULL,
  identity_id BIGINT NOT NULL,
  thread_key TEXT NOT NULL,
  lang TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL CHECK (kind IN ('words','press')),
  data TEXT NOT NULL,
  card_id BIGINT NOT NULL DEFAULT 0,
  tries BIGINT NOT NULL DEFAULT 0,
  at BIGINT NOT NULL,
  answered_at BIGINT NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX dialogue_turns_open ON dialogue_turns (account_id, message_id) WHERE answered_at = 0;
CREATE INDEX dialogue_turns_person ON dialogue_turns (identity_id, at);
-- A card is a message of ours in a chat that is edited as things change. It wants to
-- show version wanted of its text, and shows version shown; asks is what the next
-- words in the chat may answer; topic is what it is about, for who leads the dialogue.
CREATE TABLE cards (
  message_id BIGINT PRIMARY KEY REFERENCES messages(id),
  account_id BIGINT NOT NULL,
  identity_id BIGINT NOT NULL,
  thread_key TEXT NOT NULL,
  buttons TEXT NOT NULL DEFAULT '[]',
  asks TEXT NOT NULL DEFAULT '',
  asks_until BIGINT NOT NULL DEFAULT 0,
  topic BIGINT NOT NULL DEFAULT 0,
  sign TEXT NOT NULL DEFAULT '',
  wanted BIGINT NOT NULL DEFAULT 1,
  shown BIGINT NOT NULL DEFAULT 0,
  wanted_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL DEFAULT 0,
  tries BIGINT NOT NULL DEFAULT 0,
  closed_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX cards_due ON cards (account_id, due_at) WHERE shown < wanted;
CREATE INDEX cards_topic ON cards (topic) WHERE topic > 0 AND closed_at = 0;
CREATE INDEX cards_asking ON cards (account_id, thread_key) WHERE asks <> '';
CREATE INDEX cards_chat ON cards (account_id, thread_key, message_id) WHERE closed_at = 0;
