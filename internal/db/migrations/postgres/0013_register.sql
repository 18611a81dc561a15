-- +goose Up

-- Protocol register (protocollo) ----------------------------------------------
-- Where a message stands with the register. Without a row nobody asked for it.
-- since_by is 0 where a rule said so; reason is then which: channel, kind, office.
CREATE TABLE register_states (
  message_id BIGINT PRIMARY KEY REFERENCES messages(id),
  state TEXT NOT NULL CHECK (state IN ('due','not_needed','registered')),
  reason TEXT NOT NULL DEFAULT '',
  entry_id BIGINT NOT NULL DEFAULT 0,
  since_by BIGINT NOT NULL DEFAULT 0,
  since_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX register_due ON register_states (message_id) WHERE state = 'due';

-- The end of each book: whoever writes into it locks this row first, so that
-- numbers have no gaps and the chain of hashes no branches.
CREATE TABLE register_heads (
  book TEXT PRIMARY KEY,
  seq BIGINT NOT NULL,  -- of the last line of any kind
  year BIGINT NOT NULL, -- of the last number
  last BIGINT NOT NULL, -- number given in that year
  at BIGINT NOT NULL,   -- no line is older than the one before it
  hash TEXT NOT NULL
);

-- The lines of the register. No foreign keys: an entry outlives what it is of.
CREATE TABLE register_entries (
  id BIGINT PRIMARY KEY,
  book TEXT NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('own','external')),
  administration TEXT NOT NULL,
  area TEXT NOT NULL,
  code TEXT NOT NULL,
  year BIGINT NOT NULL,
  number BIGINT NOT NULL, -- 0 for one of another program that is no number
  shown TEXT NOT NULL,    -- as people write it: 0000123
  day TEXT NOT NULL,      -- local date of the registration
  at BIGINT NOT NULL,     -- when it was entered here
  direction TEXT NOT NULL CHECK (direction IN ('in','out')),
  message_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  channel TEXT NOT NULL,
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  subject TEXT NOT NULL,
  document_at BIGINT NOT NULL, -- when the document came or left
  origin TEXT NOT NULL,        -- the other body's registration, as JSON
  operator_id BIGINT NOT NULL,
  operator TEXT NOT NULL,
  replaces_id BIGINT NOT NULL DEFAULT 0, -- the entry that this one corrects; of external ones only
  folded TEXT NOT NULL,                  -- sender, recipients and subject as they are searched
  seq BIGINT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (book, seq)
);
CREATE UNIQUE INDEX register_numbers ON register_entries (book, year, number) WHERE source = 'own';
CREATE UNIQUE INDEX register_corrections ON register_entries (replaces_id) WHERE replaces_id > 0;
CREATE INDEX register_entries_message ON register_entries (message_id);
CREATE INDEX register_entries_day ON register_entries (book, day);
CREATE INDEX register_entries_at ON register_entries (at DESC, seq DESC);
CREATE INDEX register_entries_case ON register_entries (case_id);
CREATE INDEX register_entries_number ON register_entries (number, year);

-- What was registered, with its hashes: the message first, then its files.
CREATE TABLE register_documents (
  entry_id BIGINT NOT NULL,
  ord BIGINT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('received','sent','composed','attachment')),
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  of_id BIGINT NOT NULL, -- the raw item, delivery or part that it is
  PRIMARY KEY (entry_id, ord)
);
CREATE INDEX register_documents_file ON register_documents (sha256);

-- Office and class may change; every earlier value is kept (DPR 445/2000 art. 53, 54).
CREATE TABLE register_assignments (
  id BIGINT PRIMARY KEY,
  entry_id BIGINT NOT NULL,
  office_id BIGINT NOT NULL,
  office TEXT NOT NULL,
  class TEXT NOT NULL,
  class_name TEXT NOT NULL,
  operator_id BIGINT NOT NULL,
  operator TEXT NOT NULL,
  book TEXT NOT NULL,
  day TEXT NOT NULL,
  at BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (book, seq)
);
CREATE INDEX register_assignments_entry ON register_assignments (entry_id, id);
CREATE INDEX register_assignments_day ON register_assignments (book, day);

-- An annulled entry stays legible.
CREATE TABLE register_annulments (
  entry_id BIGINT PRIMARY KEY,
  reason TEXT NOT NULL,
  act TEXT NOT NULL, -- that authorised it
  operator_id BIGINT NOT NULL,
  operator TEXT NOT NULL,
  book TEXT NOT NULL,
  day TEXT NOT NULL,
  at BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (book, seq)
);
CREATE INDEX register_annulments_day ON register_annulments (book, day);

-- The daily register: one file a day, in the blob store under its SHA-256.
CREATE TABLE register_days (
  book TEXT NOT NULL,
  day TEXT NOT NULL,
  entries BIGINT NOT NULL,
  annulments BIGINT NOT NULL,
  first_number TEXT NOT NULL,
  last_number TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  previous TEXT NOT NULL, -- SHA-256 of the file of the day before
  made_at BIGINT NOT NULL,
  PRIMARY KEY (book, day)
);
CREATE INDEX register_days_file ON register_days (sha256);

-- Nothing of the register is ever changed or taken out, by whatever program.
-- Emptying a table that is empty is what a restore does first.
-- +goose StatementBegin
CREATE FUNCTION register_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE filled BOOLEAN;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', TG_TABLE_NAME) INTO filled;
    IF NOT filled THEN
      RETURN NULL;
    END IF;
  END IF;
  RAISE EXCEPTION 'the register is never changed';
END $$;
-- +goose StatementEnd
CREATE TRIGGER register_entries_unchanged BEFORE UPDATE OR DELETE ON register_entries FOR EACH ROW EXECUTE FUNCTION register_is_kept();
CREATE TRIGGER register_entries_kept BEFORE TRUNCATE ON register_entries FOR EACH STATEMENT EXECUTE FUNCTION register_is_kept();
CREATE TRIGGER register_documents_unchanged BEFORE UPDATE OR DELETE ON register_documents FOR EACH ROW EXECUTE FUNCTION register_is_kept();
CREATE TRIGGER register_documents_kept BEFORE TRUNCATE ON register_documents FOR EACH STATEMENT EXECUTE FUNCTION register_is_kept();
CREATE TRIGGER register_assignments_unchanged BEFORE UPDATE OR DELETE ON register_assignments FOR EACH ROW EXECUTE FUNCTION register_is_kept();
CREATE TRIGGER register_assignments_kept BEFORE TRUNCATE ON register_assignments FOR EACH STATEMENT EXECUTE FUNCTION register_is_kept();
CREATE TRIGGER register_annulments_unchanged BEFORE UPDATE OR DELETE ON register_annulments FOR EACH ROW EXECUTE FUNCTION register_is_kept();
CREATE TRIGGER register_annulments_kept BEFORE TRUNCATE ON register_annulments FOR EACH STATEMENT EXECUTE FUNCTION register_is_kept();
CREATE TRIGGER register_days_unchanged BEFORE UPDATE OR DELETE ON register_days FOR EACH ROW EXECUTE FUNCTION register_is_kept();
CREATE TRIGGER register_days_kept BEFORE TRUNCATE ON register_days FOR EACH STATEMENT EXECUTE FUNCTION register_is_kept();
