-- +goose Up

-- The physical queue: where people wait, who calls them, what became of it
-- (queue 2.3). Days are local, "2026-11-23", in the municipality's zone; instants
-- are whole microseconds in UTC; minutes of the day count from local midnight.
-- Names are JSON objects by language: {"it":"Anagrafe","en":"Registry"}.

-- The house ------------------------------------------------------------------
CREATE TABLE sites (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  settings TEXT NOT NULL DEFAULT '{}',
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  closed_at BIGINT NOT NULL DEFAULT 0
);
-- Up to two or more intervals a weekday (1 Monday .. 7 Sunday).
CREATE TABLE site_hours (
  site_id BIGINT NOT NULL REFERENCES sites(id),
  weekday BIGINT NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  from_min BIGINT NOT NULL,
  to_min BIGINT NOT NULL,
  PRIMARY KEY (site_id, weekday, from_min),
  CHECK (0 <= from_min AND from_min < to_min AND to_min <= 1440)
);
-- Days unlike the others; intervals is a JSON list of [from, to], empty when shut.
CREATE TABLE site_days (
  site_id BIGINT NOT NULL REFERENCES sites(id),
  day TEXT NOT NULL,
  intervals TEXT NOT NULL DEFAULT '[]',
  reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (site_id, day)
);
-- A group of services has one series of numbers: A1, A2, ...
CREATE TABLE service_groups (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES sites(id),
  key TEXT NOT NULL,
  names TEXT NOT NULL,
  series TEXT NOT NULL,
  ord BIGINT NOT NULL DEFAULT 0,
  UNIQUE (site_id, key),
  UNIQUE (site_id, series)
);
CREATE TABLE services (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES sites(id),
  group_id BIGINT NOT NULL REFERENCES service_groups(id),
  key TEXT NOT NULL,
  names TEXT NOT NULL,
  office_id BIGINT NOT NULL REFERENCES offices(id),
  procedures TEXT NOT NULL DEFAULT '[]',
  minutes DOUBLE PRECISION NOT NULL,
  kiosk BOOLEAN NOT NULL DEFAULT TRUE,
  remote BOOLEAN NOT NULL DEFAULT TRUE,
  per_day BIGINT NOT NULL DEFAULT 0,
  ord BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (site_id, key)
);
-- Classes of precedence: V = head_min + slope * minutes since the reference, absolute
-- is a = infinite, level is for the rule "strict" (queue 4.5). Never shown in public.
CREATE TABLE classes (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES sites(id),
  key TEXT NOT NULL,
  names TEXT NOT NULL,
  head_min DOUBLE PRECISION NOT NULL DEFAULT 0,
  slope DOUBLE PRECISION NOT NULL DEFAULT 1,
  absolute BOOLEAN NOT NULL DEFAULT FALSE,
  level BIGINT NOT NULL DEFAULT 1,
  kiosk BOOLEAN NOT NULL DEFAULT FALSE,
  ord BIGINT NOT NULL DEFAULT 0,
  UNIQUE (site_id, key)
);
CREATE TABLE counters (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES sites(id),
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL DEFAULT 'desk' CHECK (kind IN ('desk','specialist','reception')),
  office_id BIGINT NOT NULL REFERENCES offices(id),
  ord BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (site_id, key)
);
-- Skills: what a counter can do; people for the service stand back there by so many
-- minutes of waiting.
CREATE TABLE counter_services (
  counter_id BIGINT NOT NULL REFERENCES counters(id),
  service_id BIGINT NOT NULL REFERENCES services(id),
  handicap_min DOUBLE PRECISION NOT NULL DEFAULT 0,
  PRIMARY KEY (counter_id, service_id)
);
-- What is planned: a counter is open, or has a break, at these minutes.
CREATE TABLE shifts (
  id INTEGER PRIMARY KEY,
  counter_id BIGINT NOT NULL REFERENCES counters(id),
  weekday BIGINT NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  kind TEXT NOT NULL CHECK (kind IN ('open','break')),
  from_min BIGINT NOT NULL,
  to_min BIGINT NOT NULL,
  CHECK (0 <= from_min AND from_min < to_min AND to_min <= 1440)
);
CREATE INDEX shifts_counter ON shifts (counter_id, weekday);
-- What happened: one row each time that somebody sits down at a counter. A
-- counter has one operator at a time, an operator one counter.
CREATE TABLE sittings (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES sites(id),
  counter_id BIGINT NOT NULL REFERENCES counters(id),
  operator_id BIGINT NOT NULL REFERENCES operators(id),
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL DEFAULT 0,
  until_at BIGINT NOT NULL DEFAULT 0,
  pause_at BIGINT NOT NULL DEFAULT 0,
  pause_until BIGINT NOT NULL DEFAULT 0,
  pause_reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX sittings_counter ON sittings (counter_id) WHERE to_at = 0;
CREATE UNIQUE INDEX sittings_operator ON sittings (operator_id) WHERE to_at = 0;
CREATE INDEX sittings_site ON sittings (site_id, from_at);
-- Kiosks, displays and the counters' tablets: each has a token of its own.
CREATE TABLE devices (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES sites(id),
  kind TEXT NOT NULL CHECK (kind IN ('kiosk','display','tablet')),
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  counter_id BIGINT NOT NULL DEFAULT 0,
  settings TEXT NOT NULL DEFAULT '{}',
  band BIGINT NOT NULL DEFAULT 0,
  seen_at BIGINT NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX devices_band ON devices (site_id, band) WHERE band > 0;

-- Tickets ----------------------------------------------------------------------
-- Band 0 is the server's own; each kiosk has a band for when it is alone, so that
-- its numbers follow each other without gaps and meet nobody else's.
CREATE TABLE ticket_numbers (
  site_id BIGINT NOT NULL,
  series TEXT NOT NULL,
  day TEXT NOT NULL,
  band BIGINT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (site_id, day, series, band)
);
-- A day of a site: opened by its first ticket, ended by an event of its own. The
-- codes of presence that the displays show are made from the seed.
CREATE TABLE site_sessions (
  site_id BIGINT NOT NULL REFERENCES sites(id),
  day TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL DEFAULT 0,
  seed TEXT NOT NULL,
  PRIMARY KEY (site_id, day)
);
CREATE INDEX site_sessions_open ON site_sessions (site_id) WHERE ended_at = 0;
-- A ticket is one person's presence: one number, one or more steps.
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES sites(id),
  day TEXT NOT NULL,
  series TEXT NOT NULL,
  band BIGINT NOT NULL DEFAULT 0,
  number BIGINT NOT NULL,
  label TEXT NOT NULL,
  class_id BIGINT NOT NULL REFERENCES classes(id),
  lang TEXT NOT NULL DEFAULT 'it',
  origin TEXT NOT NULL CHECK (origin IN ('kiosk','staff','web','telegram','appointment')),
  procedure TEXT NOT NULL DEFAULT '',
  citizen_id BIGINT NOT NULL DEFAULT 0,
  identity_id BIGINT NOT NULL DEFAULT 0,
  account_id BIGINT NOT NULL DEFAULT 0,
  case_id BIGINT NOT NULL DEFAULT 0,
  device_id BIGINT NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '',
  secret_hash TEXT NOT NULL DEFAULT '',
  idem_key TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  present_at BIGINT NOT NULL DEFAULT 0,
  printed_at BIGINT NOT NULL DEFAULT 0,
  print_failed_at BIGINT NOT NULL DEFAULT 0,
  followed_at BIGINT NOT NULL DEFAULT 0,
  code_tries BIGINT NOT NULL DEFAULT 0,
  told_at BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1,
  UNIQUE (site_id, series, day, band, number),
  UNIQUE (site_id, idem_key)
);
CREATE UNIQUE INDEX tickets_secret ON tickets (secret_hash) WHERE secret_hash <> '';
CREATE INDEX tickets_citizen ON tickets (citizen_id, issued_at DESC) WHERE citizen_id > 0;
CREATE INDEX tickets_open ON tickets (site_id, day) WHERE ended_at = 0;
CREATE INDEX tickets_unprinted ON tickets (issued_at) WHERE origin = 'kiosk' AND printed_at = 0 AND followed_at = 0 AND ended_at = 0;
CREATE INDEX tickets_case ON tickets (case_id) WHERE case_id > 0 AND ended_at = 0;
-- A step is one service within the visit. Waiting time is first eligibility to
-- first call; nothing rewrites it (queue 2.3 point 7). eligible_at is 0 while the
-- person is away. line parts those of a class whose value follows another formula:
-- 0 no appointment, 1 in the appointment's window, 2 too late for it; within a line
-- whoever has the earlier reference is called first, whatever the time.
CREATE TABLE steps (
  id INTEGER PRIMARY KEY,
  ticket_id BIGINT NOT NULL REFERENCES tickets(id),
  site_id BIGINT NOT NULL,
  service_id BIGINT NOT NULL REFERENCES services(id),
  class_id BIGINT NOT NULL,
  ord BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('booked','waiting','called','serving','held','transferred','done','no_show','left','cancelled','expired')),
  citizen_id BIGINT NOT NULL DEFAULT 0,
  line BIGINT NOT NULL DEFAULT 0,
  ref_at BIGINT NOT NULL,
  arrived_at BIGINT NOT NULL,
  slot_at BIGINT NOT NULL DEFAULT 0,
  eligible_at BIGINT NOT NULL DEFAULT 0,
  not_before BIGINT NOT NULL DEFAULT 0,
  target_id BIGINT NOT NULL DEFAULT 0,
  let_pass BIGINT NOT NULL DEFAULT 0,
  appointment_id BIGINT NOT NULL DEFAULT 0,
  counter_id BIGINT NOT NULL DEFAULT 0,
  sitting_id BIGINT NOT NULL DEFAULT 0,
  calls BIGINT NOT NULL DEFAULT 0,
  first_called_at BIGINT NOT NULL DEFAULT 0,
  called_at BIGINT NOT NULL DEFAULT 0,
  warned_at BIGINT NOT NULL DEFAULT 0,
  served_at BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1,
  UNIQUE (ticket_id, ord)
);
-- The second belt: a counter holds one ticket, one step of a ticket goes on at a
-- time (those after it are booked), and a person waits once for a service.
CREATE UNIQUE INDEX steps_counter ON steps (counter_id) WHERE state IN ('called','serving');
CREATE UNIQUE INDEX steps_ticket ON steps (ticket_id) WHERE state IN ('waiting','called','serving','held');
CREATE UNIQUE INDEX steps_person ON steps (citizen_id, service_id) WHERE citizen_id > 0 AND state IN ('waiting','called','serving','held');
CREATE INDEX steps_waiting ON steps (site_id, service_id, class_id, line, ref_at, arrived_at, id) WHERE state = 'waiting' AND eligible_at > 0 AND target_id = 0;
CREATE INDEX steps_away ON steps (site_id) WHERE state = 'waiting' AND eligible_at = 0;
CREATE INDEX steps_open ON steps (site_id, state) WHERE state IN ('called','serving','held');
CREATE INDEX steps_target ON steps (site_id, target_id) WHERE target_id > 0 AND state = 'waiting';
CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  step_id BIGINT NOT NULL REFERENCES steps(id),
  kind TEXT NOT NULL CHECK (kind IN ('away','waiting','called','serving','held','elsewhere')),
  counter_id BIGINT NOT NULL DEFAULT 0,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL DEFAULT 0,
  undone_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX segments_open ON segments (step_id) WHERE to_at = 0 AND undone_at = 0;
CREATE INDEX segments_step ON segments (step_id, id);
-- One row for each verb of a person: what makes a repeated click the same click,
-- and what undo within 30 s puts back. before is JSON: the rows as they were.
CREATE TABLE step_verbs (
  id INTEGER PRIMARY KEY,
  step_id BIGINT NOT NULL,
  verb TEXT NOT NULL,
  actor TEXT NOT NULL,
  operator_id BIGINT NOT NULL DEFAULT 0,
  idem_key TEXT NOT NULL,
  version BIGINT NOT NULL,
  before TEXT NOT NULL,
  at BIGINT NOT NULL,
  undone_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (operator_id, idem_key)
);
CREATE INDEX step_verbs_step ON step_verbs (step_id, id);
-- What the displays announce, in order; and why this one was called: the values
-- of the called and of the runner-up (queue 4.5).
CREATE TABLE calls (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL,
  day TEXT NOT NULL,
  step_id BIGINT NOT NULL,
  ticket_id BIGINT NOT NULL,
  counter_id BIGINT NOT NULL,
  operator_id BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('next','chosen','recall')),
  label TEXT NOT NULL,
  place TEXT NOT NULL,
  lang TEXT NOT NULL DEFAULT 'it',
  why TEXT NOT NULL DEFAULT '{}',
  at BIGINT NOT NULL,
  undone_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX calls_day ON calls (site_id, day, id);
CREATE INDEX calls_ticket ON calls (ticket_id, id);
-- Each promise shown, with what became of it (queue 4.4 point 5). Seconds.
CREATE TABLE promises (
  id INTEGER PRIMARY KEY,
  step_id BIGINT NOT NULL REFERENCES steps(id),
  site_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  ahead BIGINT NOT NULL,
  low_s DOUBLE PRECISION NOT NULL,
  mean_s DOUBLE PRECISION NOT NULL,
  high_s DOUBLE PRECISION NOT NULL,
  waited_s DOUBLE PRECISION NOT NULL DEFAULT -1,
  ended_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX promises_step ON promises (step_id, id);
CREATE INDEX promises_site ON promises (site_id, at);
CREATE TABLE estimators (
  site_id BIGINT PRIMARY KEY,
  state BLOB NOT NULL,
  upto BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- Appointments -------------------------------------------------------------------
-- An agenda publishes slots of one or more services, bound to a counter only for
-- specialists. public is how many of a slot's places citizens may take
-- themselves; the others are for staff. hours is a JSON list of [weekday, from,
-- to]; empty, they are the site's.
CREATE TABLE agendas (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES sites(id),
  key TEXT NOT NULL,
  names TEXT NOT NULL,
  counter_id BIGINT NOT NULL DEFAULT 0,
  slot_min BIGINT NOT NULL,
  capacity BIGINT NOT NULL,
  public BIGINT NOT NULL,
  lead_min BIGINT NOT NULL DEFAULT 60,
  horizon_days BIGINT NOT NULL DEFAULT 30,
  hours TEXT NOT NULL DEFAULT '[]',
  settings TEXT NOT NULL DEFAULT '{}',
  version BIGINT NOT NULL DEFAULT 1,
  ended_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (site_id, key),
  CHECK (0 <= public AND public <= capacity AND slot_min > 0)
);
CREATE TABLE agenda_services (
  agenda_id BIGINT NOT NULL REFERENCES agendas(id),
  service_id BIGINT NOT NULL REFERENCES services(id),
  PRIMARY KEY (agenda_id, service_id)
);
-- A slot has a row once somebody touched it. taken counts what is held or booked;
-- the check is the last belt against double booking. resting are places given
-- back, which nobody is told of until rest_until. own_capacity, unless -1, is this
-- slot's and not the agenda's; what is taken already stays.
CREATE TABLE slots (
  agenda_id BIGINT NOT NULL REFERENCES agendas(id),
  start_at BIGINT NOT NULL,
  capacity BIGINT NOT NULL,
  public BIGINT NOT NULL,
  own_capacity BIGINT NOT NULL DEFAULT -1,
  own_public BIGINT NOT NULL DEFAULT -1,
  taken BIGINT NOT NULL DEFAULT 0,
  taken_public BIGINT NOT NULL DEFAULT 0,
  resting BIGINT NOT NULL DEFAULT 0,
  rest_until BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (agenda_id, start_at),
  CHECK (0 <= taken AND taken <= capacity),
  CHECK (0 <= taken_public AND taken_public <= taken),
  CHECK (0 <= resting)
);
CREATE INDEX slots_resting ON slots (rest_until) WHERE resting > 0;
-- A held appointment is nobody's yet, or waits to be confirmed, or is offered to
-- somebody of the waiting list; the instant hold_until ends it. contact and holder
-- are hashes, for the limits against those who book for others.
CREATE TABLE appointments (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL,
  agenda_id BIGINT NOT NULL REFERENCES agendas(id),
  service_id BIGINT NOT NULL REFERENCES services(id),
  start_at BIGINT NOT NULL,
  end_at BIGINT NOT NULL,
  public BOOLEAN NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('held','booked','arrived','done','no_show','cancelled','expired')),
  hold_until BIGINT NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '',
  contact TEXT NOT NULL DEFAULT '',
  citizen_id BIGINT NOT NULL DEFAULT 0,
  identity_id BIGINT NOT NULL DEFAULT 0,
  account_id BIGINT NOT NULL DEFAULT 0,
  case_id BIGINT NOT NULL DEFAULT 0,
  person TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT 'it',
  class_id BIGINT NOT NULL DEFAULT 0,
  procedure TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  code TEXT NOT NULL DEFAULT '',
  idem_key TEXT NOT NULL UNIQUE,
  remind_at BIGINT NOT NULL DEFAULT 0,
  reminded BIGINT NOT NULL DEFAULT 0,
  confirmed_at BIGINT NOT NULL DEFAULT 0,
  conflict_at BIGINT NOT NULL DEFAULT 0,
  ticket_id BIGINT NOT NULL DEFAULT 0,
  sequence BIGINT NOT NULL DEFAULT 0,
  by_operator BIGINT NOT NULL DEFAULT 0,
  booked_at BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL
);
CREATE INDEX appointments_slot ON appointments (agenda_id, start_at);
CREATE INDEX appointments_day ON appointments (site_id, start_at);
CREATE INDEX appointments_held ON appointments (hold_until) WHERE state = 'held';
CREATE INDEX appointments_open ON appointments (end_at) WHERE state IN ('booked','arrived');
CREATE INDEX appointments_remind ON appointments (remind_at) WHERE state = 'booked' AND remind_at > 0;
CREATE INDEX appointments_citizen ON appointments (citizen_id, start_at) WHERE citizen_id > 0;
CREATE INDEX appointments_contact ON appointments (contact) WHERE contact <> '' AND state IN ('held','booked');
CREATE INDEX appointments_holder ON appointments (holder) WHERE holder <> '' AND state = 'held';
CREATE UNIQUE INDEX appointments_code ON appointments (site_id, code) WHERE code <> '' AND state IN ('booked','arrived');
CREATE INDEX appointments_ticket ON appointments (ticket_id) WHERE ticket_id > 0;
-- What a link in a message may do, and until when.
CREATE TABLE booking_tokens (
  hash TEXT PRIMARY KEY,
  purpose TEXT NOT NULL CHECK (purpose IN ('confirm','change','cancel','offer','leave')),
  appointment_id BIGINT NOT NULL DEFAULT 0,
  waitlist_id BIGINT NOT NULL DEFAULT 0,
  expires_at BIGINT NOT NULL
);
CREATE INDEX booking_tokens_appointment ON booking_tokens (appointment_id) WHERE appointment_id > 0;
CREATE INDEX booking_tokens_waitlist ON booking_tokens (waitlist_id) WHERE waitlist_id > 0;
CREATE INDEX booking_tokens_expiry ON booking_tokens (expires_at);
-- How often a contact booked on a day, whatever became of it.
CREATE TABLE booking_counts (
  contact TEXT NOT NULL,
  day TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (contact, day)
);
-- Who would come if somebody else does not. instead_of is the appointment that an
-- accepted offer takes the place of.
CREATE TABLE waitlist (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL,
  agenda_id BIGINT NOT NULL REFERENCES agendas(id),
  service_id BIGINT NOT NULL REFERENCES services(id),
  citizen_id BIGINT NOT NULL,
  identity_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL DEFAULT 0,
  contact TEXT NOT NULL,
  person TEXT NOT NULL,
  lang TEXT NOT NULL,
  procedure TEXT NOT NULL DEFAULT '',
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting','offered','taken','left','ended')),
  offers BIGINT NOT NULL DEFAULT 0,
  last_start_at BIGINT NOT NULL DEFAULT 0,
  appointment_id BIGINT NOT NULL DEFAULT 0,
  instead_of BIGINT NOT NULL DEFAULT 0,
  idem_key TEXT NOT NULL UNIQUE,
  ended_at BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
CREATE INDEX waitlist_waiting ON waitlist (agenda_id, offers, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX waitlist_person ON waitlist (agenda_id, service_id, contact) WHERE state IN ('waiting','offered');
CREATE INDEX waitlist_appointment ON waitlist (appointment_id) WHERE appointment_id > 0;

-- Satisfaction: never a person, never an operator (italian-pa 8) --------------------
-- An invitation holds the facts of the visit and the hash of its token; a vote
-- takes the facts over and the invitation is deleted, so that nothing joins them.
-- Neither has an instant, which would lead back to who was there; the ids of votes
-- are random for the same reason.
CREATE TABLE vote_invitations (
  hash TEXT PRIMARY KEY,
  site_id BIGINT NOT NULL DEFAULT 0,
  office_id BIGINT NOT NULL DEFAULT 0,
  service TEXT NOT NULL,
  channel TEXT NOT NULL,
  wait_band TEXT NOT NULL DEFAULT '',
  promise TEXT NOT NULL DEFAULT '',
  day TEXT NOT NULL,
  until_day TEXT NOT NULL
);
CREATE INDEX vote_invitations_until ON vote_invitations (until_day);
-- reason_hash lets the page in which a red face was pressed add the reason; it is
-- made for that page alone and taken away soon.
CREATE TABLE votes (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL DEFAULT 0,
  office_id BIGINT NOT NULL DEFAULT 0,
  service TEXT NOT NULL,
  channel TEXT NOT NULL,
  wait_band TEXT NOT NULL DEFAULT '',
  promise TEXT NOT NULL DEFAULT '',
  face BIGINT NOT NULL CHECK (face BETWEEN 1 AND 3),
  reason TEXT NOT NULL DEFAULT '',
  day TEXT NOT NULL,
  reason_hash TEXT NOT NULL DEFAULT '',
  reason_until BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX votes_day ON votes (day);
CREATE UNIQUE INDEX votes_reason ON votes (reason_hash) WHERE reason_hash <> '';
-- Who was asked, so that nobody is asked twice: a step or a case, and never what
-- became of it.
CREATE TABLE vote_asked (
  kind TEXT NOT NULL CHECK (kind IN ('step','case')),
  ref_id BIGINT NOT NULL,
  day TEXT NOT NULL,
  PRIMARY KEY (kind, ref_id)
);
CREATE INDEX vote_asked_day ON vote_asked (day);
