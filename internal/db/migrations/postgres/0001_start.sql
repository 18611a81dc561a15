-- +goose Up

-- Instants are whole microseconds since 1970 in UTC; 0 means "not set".
-- Ids are made by the program (internal/db.NewID) and grow with time.

-- Who works here -----------------------------------------------------------
CREATE TABLE offices (
  id BIGINT PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('front','back')),
  reserved BOOLEAN NOT NULL DEFAULT FALSE,
  sign_name TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL
);
CREATE TABLE operators (
  id BIGINT PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT NOT NULL,
  lang TEXT NOT NULL DEFAULT 'it',
  keys_off BOOLEAN NOT NULL DEFAULT FALSE,
  away BOOLEAN NOT NULL DEFAULT FALSE,
  seen_at BIGINT NOT NULL DEFAULT 0,
  disabled_at BIGINT NOT NULL DEFAULT 0,
  sessions_from BIGINT NOT NULL DEFAULT 0, -- sessions that began before are over
  created_at BIGINT NOT NULL
);
CREATE TABLE operator_roles (
  operator_id BIGINT NOT NULL REFERENCES operators(id),
  office_id BIGINT NOT NULL DEFAULT 0,
  role TEXT NOT NULL CHECK (role IN ('administrator','head','front_office','back_office','reception','communication')),
  PRIMARY KEY (operator_id, office_id, role)
);
CREATE TABLE sessions (
  token TEXT PRIMARY KEY,
  data BYTEA NOT NULL,
  operator_id BIGINT NOT NULL DEFAULT 0, -- 0 before the log-in
  began_at BIGINT NOT NULL DEFAULT 0,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_operator ON sessions (operator_id) WHERE operator_id > 0;
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE TABLE login_attempts (
  key TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL
);
CREATE TABLE api_tokens (
  id BIGINT PRIMARY KEY,
  operator_id BIGINT NOT NULL REFERENCES operators(id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL DEFAULT 0,
  last_used_at BIGINT NOT NULL DEFAULT 0,
  revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE idempotency_keys (
  operator_id BIGINT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status BIGINT NOT NULL DEFAULT 0,
  body BYTEA,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (operator_id, key)
);

-- Channels -------------------------------------------------------------------
CREATE TABLE accounts (
  id BIGINT PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  office_id BIGINT NOT NULL REFERENCES offices(id),
  origin TEXT NOT NULL CHECK (origin IN ('file','page')),
  settings TEXT NOT NULL DEFAULT '{}',
  secrets BYTEA,
  enabled BOOLEAN NOT NULL DEFAULT TRUE,
  last_ok_at BIGINT NOT NULL DEFAULT 0,
  last_sent_at BIGINT NOT NULL DEFAULT 0,
  error_class TEXT NOT NULL DEFAULT '',
  error_text TEXT NOT NULL DEFAULT '',
  error_at BIGINT NOT NULL DEFAULT 0,
  paused_until BIGINT NOT NULL DEFAULT 0,
  stopped_at BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 1, -- of what the account is, not of how it fares
  handle TEXT NOT NULL DEFAULT '', -- the public name that the platform gave: a bot's username
  created_at BIGINT NOT NULL
);
CREATE TABLE cursors (
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  stream TEXT NOT NULL,
  cursor BYTEA NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, stream)
);
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until_at BIGINT NOT NULL
);
CREATE TABLE raws (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  dedup_key TEXT NOT NULL,
  stream TEXT NOT NULL,
  content_type TEXT NOT NULL,
  meta TEXT NOT NULL DEFAULT '{}',
  body BYTEA,
  blob TEXT NOT NULL DEFAULT '',
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  archive BOOLEAN NOT NULL DEFAULT FALSE,
  received_at BIGINT NOT NULL,
  accepted_at BIGINT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending','filed','duplicate','quarantined','ignored','rejected')),
  parser BIGINT NOT NULL DEFAULT 0,
  attempts BIGINT NOT NULL DEFAULT 0,
  UNIQUE (account_id, dedup_key)
);
CREATE INDEX raws_pending ON raws (account_id, id) WHERE state = 'pending';
CREATE INDEX raws_sha ON raws (account_id, sha256);
CREATE INDEX raws_blob ON raws (blob) WHERE blob <> '';

-- Quarantine: raw items that a person must look at (mail rule 22).
CREATE TABLE quarantine (
  id BIGINT PRIMARY KEY,
  raw_id BIGINT NOT NULL REFERENCES raws(id),
  item BIGINT NOT NULL DEFAULT 0,
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  office_id BIGINT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  sender TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting','released','attached','rejected')),
  decided_by BIGINT NOT NULL DEFAULT 0,
  decided_at BIGINT NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '',
  message_id BIGINT NOT NULL DEFAULT 0,
  UNIQUE (raw_id, item)
);
CREATE INDEX quarantine_waiting ON quarantine (office_id, id) WHERE state = 'waiting';

-- Citizens ----------------------------------------------------------------------
-- A merge never moves rows: it adds an edge to merges, and root_id of the
-- citizens so joined is computed again from all edges in force. Undo ends the edge.
CREATE TABLE citizens (
  id BIGINT PRIMARY KEY,
  root_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  name_source TEXT NOT NULL DEFAULT '',
  name_key TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT '',
  preferred TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL
);
CREATE INDEX citizens_root ON citizens (root_id);
CREATE INDEX citizens_name ON citizens (name_key);
-- By what people look for a person: folded words of names, mail addresses,
-- digits of telephones, codes. Compared byte for byte, so that a prefix is a range.
CREATE TABLE citizen_words (
  word TEXT COLLATE "C" NOT NULL,
  citizen_id BIGINT NOT NULL REFERENCES citizens(id),
  PRIMARY KEY (word, citizen_id)
);
CREATE INDEX citizen_words_citizen ON citizen_words (citizen_id, word);
-- What staff should know of a person the next time. A note stays with the record
-- on which it was written, so that an undone merge parts the notes too.
CREATE TABLE citizen_notes (
  id BIGINT PRIMARY KEY,
  citizen_id BIGINT NOT NULL REFERENCES citizens(id),
  operator_id BIGINT NOT NULL,
  text TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX citizen_notes_citizen ON citizen_notes (citizen_id, id);
CREATE TABLE identities (
  id BIGINT PRIMARY KEY,
  citizen_id BIGINT NOT NULL REFERENCES citizens(id),
  kind TEXT NOT NULL,
  scope TEXT NOT NULL DEFAULT '',
  value TEXT NOT NULL,
  display TEXT NOT NULL DEFAULT '',
  handle TEXT NOT NULL DEFAULT '',
  match_key TEXT NOT NULL DEFAULT '',
  proof BIGINT NOT NULL DEFAULT 0,
  proof_source TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  verified_at BIGINT NOT NULL DEFAULT 0,
  verified_by BIGINT NOT NULL DEFAULT 0,
  warning TEXT NOT NULL DEFAULT '',
  override_reason TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active','blocked','gone','bad','opted_out','withdrawn')),
  status_at BIGINT NOT NULL DEFAULT 0,
  status_until BIGINT NOT NULL DEFAULT 0,
  status_text TEXT NOT NULL DEFAULT '',
  opted_out_at BIGINT NOT NULL DEFAULT 0,
  first_seen BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  recent_since BIGINT NOT NULL DEFAULT 0,
  recent_count BIGINT NOT NULL DEFAULT 0,
  removed_at BIGINT NOT NULL DEFAULT 0
);
-- A channel's address belongs to one file at a time; telephone, codice fiscale
-- and street address may be claimed by several, which is what proposals are for.
CREATE UNIQUE INDEX identities_address ON identities (kind, scope, value) WHERE removed_at = 0 AND kind IN ('email','telegram');
CREATE INDEX identities_match ON identities (kind, match_key) WHERE removed_at = 0 AND match_key <> '';
CREATE INDEX identities_citizen ON identities (citizen_id);
CREATE TABLE merges (
  id BIGINT PRIMARY KEY,
  kept_id BIGINT NOT NULL REFERENCES citizens(id),
  gone_id BIGINT NOT NULL REFERENCES citizens(id),
  reason TEXT NOT NULL,
  by_operator BIGINT NOT NULL,
  at BIGINT NOT NULL,
  undone_at BIGINT NOT NULL DEFAULT 0,
  undone_by BIGINT NOT NULL DEFAULT 0,
  identity_id BIGINT NOT NULL DEFAULT 0,
  proof_before TEXT NOT NULL DEFAULT '',
  CHECK (kept_id <> gone_id)
);
CREATE UNIQUE INDEX merges_active ON merges (kept_id, gone_id) WHERE undone_at = 0;
CREATE INDEX merges_identity ON merges (identity_id) WHERE identity_id > 0;
CREATE TABLE proposals (
  id BIGINT PRIMARY KEY,
  a_id BIGINT NOT NULL REFERENCES citizens(id),
  b_id BIGINT NOT NULL REFERENCES citizens(id),
  reasons TEXT NOT NULL,
  score BIGINT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open','accepted','refused')),
  created_at BIGINT NOT NULL,
  decided_by BIGINT NOT NULL DEFAULT 0,
  decided_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (a_id, b_id),
  CHECK (a_id < b_id)
);
CREATE INDEX proposals_b ON proposals (b_id);

-- Cases and messages ---------------------------------------------------------------
CREATE TABLE case_numbers (
  year BIGINT PRIMARY KEY,
  last BIGINT NOT NULL
);
CREATE TABLE cases (
  id BIGINT PRIMARY KEY,
  year BIGINT NOT NULL,
  number BIGINT NOT NULL,
  secret TEXT NOT NULL,
  citizen_id BIGINT NOT NULL REFERENCES citizens(id),
  person TEXT NOT NULL,
  office_id BIGINT NOT NULL REFERENCES offices(id),
  assignee_id BIGINT NOT NULL DEFAULT 0,
  kind TEXT NOT NULL DEFAULT 'request' CHECK (kind IN ('information','request','report','complaint','suggestion','thanks','records_access')),
  procedure TEXT NOT NULL DEFAULT '',
  priority BIGINT NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open','waiting','snoozed','closed')),
  outcome TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL,
  channel TEXT NOT NULL,
  account_id BIGINT NOT NULL,
  thread_key TEXT NOT NULL DEFAULT '',
  snippet TEXT NOT NULL DEFAULT '',
  last_message_id BIGINT NOT NULL DEFAULT 0,
  last_in_id BIGINT NOT NULL DEFAULT 0,
  last_at BIGINT NOT NULL,
  last_in_at BIGINT NOT NULL DEFAULT 0,
  unread BOOLEAN NOT NULL DEFAULT TRUE,
  failed BOOLEAN NOT NULL DEFAULT FALSE,
  delayed BOOLEAN NOT NULL DEFAULT FALSE,
  due_at BIGINT NOT NULL DEFAULT 0,
  snoozed_until BIGINT NOT NULL DEFAULT 0,
  closed_at BIGINT NOT NULL DEFAULT 0,
  raised_at BIGINT NOT NULL DEFAULT 0,
  merged_into BIGINT NOT NULL DEFAULT 0,
  follows_id BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  UNIQUE (year, number)
);
CREATE INDEX cases_office ON cases (office_id, last_at DESC, id DESC) WHERE status IN ('open','waiting');
CREATE INDEX cases_unassigned ON cases (office_id, last_at DESC, id DESC) WHERE status IN ('open','waiting') AND assignee_id = 0;
CREATE INDEX cases_mine ON cases (assignee_id, last_at DESC, id DESC) WHERE status IN ('open','waiting') AND assignee_id > 0;
CREATE INDEX cases_due ON cases (office_id, due_at, id) WHERE status IN ('open','waiting') AND due_at <> 0;
CREATE INDEX cases_kind ON cases (office_id, kind, last_at DESC, id DESC) WHERE status IN ('open','waiting');
CREATE INDEX cases_waiting ON cases (office_id, last_at DESC, id DESC) WHERE status = 'waiting';
CREATE INDEX cases_snoozed ON cases (office_id, snoozed_until, id) WHERE status = 'snoozed';
CREATE INDEX cases_wake ON cases (snoozed_until) WHERE status = 'snoozed';
CREATE INDEX cases_unread ON cases (office_id, id) WHERE unread AND status IN ('open','waiting');
CREATE INDEX cases_unread_mine ON cases (assignee_id, office_id, id) WHERE unread AND status IN ('open','waiting') AND assignee_id > 0;
CREATE INDEX cases_failed ON cases (office_id, last_at DESC, id DESC) WHERE failed;
CREATE INDEX cases_closed ON cases (office_id, last_at DESC, id DESC) WHERE status = 'closed';
CREATE INDEX cases_thread ON cases (account_id, thread_key, last_at DESC) WHERE thread_key <> '';
-- A search by filters alone walks the newest cases until it has a page of them.
CREATE INDEX cases_last ON cases (last_at DESC, id DESC);
CREATE INDEX cases_citizen ON cases (citizen_id, last_at DESC);
CREATE INDEX cases_merged ON cases (merged_into) WHERE merged_into > 0;
CREATE INDEX cases_nobody ON cases (created_at) WHERE assignee_id = 0 AND raised_at = 0 AND status = 'open';

-- The offices, beside the owner, that have or had a hand in a case.
CREATE TABLE case_offices (
  case_id BIGINT NOT NULL REFERENCES cases(id),
  office_id BIGINT NOT NULL REFERENCES offices(id),
  since_at BIGINT NOT NULL,
  PRIMARY KEY (case_id, office_id)
);
CREATE TABLE messages (
  id BIGINT PRIMARY KEY,
  case_id BIGINT REFERENCES cases(id), -- NULL: a bot's own dialogue (/start, /stop)
  citizen_id BIGINT NOT NULL,
  identity_id BIGINT NOT NULL DEFAULT 0,
  operator_id BIGINT NOT NULL DEFAULT 0,
  account_id BIGINT NOT NULL DEFAULT 0,
  channel TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('in','out','note')),
  origin TEXT NOT NULL CHECK (origin IN ('citizen','operator','external','automation')),
  kind TEXT NOT NULL DEFAULT 'message',
  external_id TEXT NOT NULL DEFAULT '',
  body_hash TEXT NOT NULL DEFAULT '',
  thread_key TEXT NOT NULL DEFAULT '',
  group_key TEXT NOT NULL DEFAULT '',
  answers_id BIGINT NOT NULL DEFAULT 0,
  sender TEXT NOT NULL DEFAULT '',
  recipients TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  html TEXT NOT NULL DEFAULT '',
  markup TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT '',
  auto TEXT NOT NULL DEFAULT '',
  notes TEXT NOT NULL DEFAULT '',
  parts BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 1,
  raw_id BIGINT NOT NULL DEFAULT 0,
  sent_at BIGINT NOT NULL DEFAULT 0,
  at BIGINT NOT NULL,
  sequence BIGINT NOT NULL DEFAULT 0,
  erased_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX messages_case ON messages (case_id, at, id);
CREATE INDEX messages_citizen ON messages (citizen_id, at DESC, id DESC);
CREATE INDEX messages_external ON messages (external_id) WHERE external_id <> '';
CREATE TABLE message_versions (
  message_id BIGINT NOT NULL REFERENCES messages(id),
  version BIGINT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  html TEXT NOT NULL,
  raw_id BIGINT NOT NULL DEFAULT 0,
  at BIGINT NOT NULL,
  PRIMARY KEY (message_id, version)
);
-- One row for each time that a message reached one of our accounts (mail rules 24, 27).
CREATE TABLE copies (
  message_id BIGINT NOT NULL REFERENCES messages(id),
  raw_id BIGINT NOT NULL REFERENCES raws(id),
  account_id BIGINT NOT NULL,
  office_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (message_id, raw_id)
);
CREATE INDEX copies_raw ON copies (raw_id);
-- What makes a message the same message; a second one with the same key is a copy.
CREATE TABLE message_keys (
  key TEXT PRIMARY KEY,
  message_id BIGINT NOT NULL
);
CREATE TABLE parts (
  id BIGINT PRIMARY KEY,
  message_id BIGINT NOT NULL REFERENCES messages(id),
  ord BIGINT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  claimed TEXT NOT NULL DEFAULT '',
  detected TEXT NOT NULL DEFAULT '',
  content_id TEXT NOT NULL DEFAULT '',
  size BIGINT NOT NULL DEFAULT 0,
  sha256 TEXT NOT NULL DEFAULT '',
  data BYTEA,
  remote TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK (state IN ('stored','pending','failed','none')),
  problem TEXT NOT NULL DEFAULT '',
  preview TEXT NOT NULL DEFAULT '',
  lat DOUBLE PRECISION NOT NULL DEFAULT 0,
  lon DOUBLE PRECISION NOT NULL DEFAULT 0,
  attempts BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX parts_message ON parts (message_id, ord);
CREATE INDEX parts_blob ON parts (sha256) WHERE data IS NULL AND sha256 <> '';
CREATE INDEX parts_pending ON parts (next_at) WHERE state = 'pending';
CREATE TABLE suggestions (
  id BIGINT PRIMARY KEY,
  case_id BIGINT NOT NULL REFERENCES cases(id),
  other_id BIGINT NOT NULL REFERENCES cases(id),
  reason TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open','accepted','refused')),
  at BIGINT NOT NULL,
  decided_by BIGINT NOT NULL DEFAULT 0,
  decided_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (case_id, other_id)
);
CREATE TABLE drafts (
  case_id BIGINT NOT NULL,
  operator_id BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('reply','note')),
  body TEXT NOT NULL,
  choice TEXT NOT NULL DEFAULT '{}',
  pen TEXT NOT NULL DEFAULT '',
  step BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 1,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (case_id, operator_id, kind)
);
CREATE TABLE handovers (
  id BIGINT PRIMARY KEY,
  case_id BIGINT NOT NULL REFERENCES cases(id),
  from_office BIGINT NOT NULL,
  to_office BIGINT NOT NULL,
  reason TEXT NOT NULL,
  by_operator BIGINT NOT NULL,
  at BIGINT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending','accepted','refused','withdrawn')),
  decided_by BIGINT NOT NULL DEFAULT 0,
  decided_at BIGINT NOT NULL DEFAULT 0,
  decision TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX handovers_one ON handovers (case_id) WHERE state = 'pending';
CREATE INDEX handovers_to ON handovers (to_office, at) WHERE state = 'pending';

-- What goes out -----------------------------------------------------------------------
CREATE TABLE deliveries (
  id BIGINT PRIMARY KEY,
  message_id BIGINT NOT NULL REFERENCES messages(id),
  case_id BIGINT REFERENCES cases(id),
  account_id BIGINT NOT NULL,
  identity_id BIGINT NOT NULL DEFAULT 0,
  role TEXT NOT NULL DEFAULT 'to' CHECK (role IN ('to','cc')),
  kind TEXT NOT NULL,
  scope TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL,
  display TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK (state IN ('queued','sending','accepted','sent','delivered','read','failed','blocked','expired','cancelled','suppressed','unknown')),
  delayed BOOLEAN NOT NULL DEFAULT FALSE,
  attempts BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL DEFAULT 0,
  begun_at BIGINT NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '',
  class TEXT NOT NULL DEFAULT '',
  code TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  provider_ids TEXT NOT NULL DEFAULT '',
  warned_at BIGINT NOT NULL DEFAULT 0,
  dealt_at BIGINT NOT NULL DEFAULT 0,
  expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (message_id, kind, scope, address)
);
CREATE INDEX deliveries_due ON deliveries (account_id, next_at, id) WHERE state = 'queued';
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE state = 'sending';
CREATE INDEX deliveries_case ON deliveries (case_id);
CREATE INDEX deliveries_address ON deliveries (address, created_at);
CREATE TABLE delivery_events (
  id BIGINT PRIMARY KEY,
  delivery_id BIGINT NOT NULL REFERENCES deliveries(id),
  at BIGINT NOT NULL,
  state TEXT NOT NULL,
  source TEXT NOT NULL,
  class TEXT NOT NULL DEFAULT '',
  code TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  raw_id BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX delivery_events_delivery ON delivery_events (delivery_id, at);
-- What accounts with a limit sent in the last minute (mail rule 69).
CREATE TABLE paced_sends (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  domain TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX paced_sends_account ON paced_sends (account_id, at);
CREATE TABLE auto_sends (
  id BIGINT PRIMARY KEY,
  address TEXT NOT NULL,
  account_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX auto_sends_address ON auto_sends (address, at);
CREATE INDEX auto_sends_at ON auto_sends (at);
CREATE INDEX auto_sends_case ON auto_sends (case_id, at) WHERE case_id > 0;
CREATE TABLE link_tokens (
  hash TEXT PRIMARY KEY,
  citizen_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL DEFAULT 0,
  by_operator BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL DEFAULT 0,
  identity_id BIGINT NOT NULL DEFAULT 0 -- from which it came back
);
CREATE INDEX link_tokens_citizen ON link_tokens (citizen_id);

-- Routing -------------------------------------------------------------------------------
CREATE TABLE rules (
  id BIGINT PRIMARY KEY,
  ord BIGINT NOT NULL,
  name TEXT NOT NULL,
  enabled BOOLEAN NOT NULL DEFAULT TRUE,
  definition TEXT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  updated_at BIGINT NOT NULL
);
CREATE TABLE round_robin (
  office_id BIGINT PRIMARY KEY,
  last_operator BIGINT NOT NULL
);
CREATE TABLE texts (
  event TEXT NOT NULL,
  channel TEXT NOT NULL,
  lang TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (event, channel, lang)
);
-- Ready texts that operators insert with "/"; office_id 0 is for all offices.
CREATE TABLE ready_texts (
  id BIGINT PRIMARY KEY,
  short TEXT NOT NULL,
  name TEXT NOT NULL,
  office_id BIGINT NOT NULL DEFAULT 0,
  lang TEXT NOT NULL,
  body TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL DEFAULT 0,
  UNIQUE (short, office_id, lang)
);

-- The memory -----------------------------------------------------------------------------
CREATE TABLE events (
  id BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  operator_id BIGINT NOT NULL DEFAULT 0,
  citizen_id BIGINT NOT NULL DEFAULT 0,
  case_id BIGINT NOT NULL DEFAULT 0,
  message_id BIGINT NOT NULL DEFAULT 0,
  office_id BIGINT NOT NULL DEFAULT 0,
  data TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX events_case ON events (case_id, id) WHERE case_id > 0;
CREATE INDEX events_account ON events (id) WHERE kind IN ('account.warning','account.trouble');
CREATE INDEX events_operator ON events (operator_id, id) WHERE operator_id > 0;
CREATE INDEX events_citizen ON events (citizen_id, id) WHERE citizen_id > 0 AND case_id = 0;
CREATE TABLE seals (
  id BIGINT PRIMARY KEY,
  first_event BIGINT NOT NULL,
  last_event BIGINT NOT NULL,
  count BIGINT NOT NULL,
  hash TEXT NOT NULL,
  previous TEXT NOT NULL,
  at BIGINT NOT NULL
);

-- Search: one folded and stemmed column ---------------------------------------------------
CREATE TABLE search (
  message_id BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX search_words ON search USING gin (words);
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
