-- +goose Up

-- Figures of the rooms, made from the events and from nothing else: they can be made
-- again at any time and are then the same (queue 2.3 point 8). Days are local. There
-- is no person, no ticket, no counter and no operator in them.

-- A service on a day. facts are packed: one entry for each time that somebody waited
-- for it, in no order of persons; answers are how long people waited for offices that
-- answered on that day, seconds. The counts are those of the facts, for whoever looks
-- with SQL. The unique key is that of queue 3, row 16.
CREATE TABLE report_days (
  site_id BIGINT NOT NULL,
  day TEXT NOT NULL,
  service_id BIGINT NOT NULL,
  visits BIGINT NOT NULL,
  served BIGINT NOT NULL,
  lost BIGINT NOT NULL,
  facts BLOB NOT NULL,
  answers BLOB NOT NULL,
  PRIMARY KEY (site_id, day, service_id)
);
CREATE INDEX report_days_day ON report_days (day);
-- Half-hours of a day by the clock on the wall, 0 to 47: how long counters were open
-- there, and had somebody, all of them together.
CREATE TABLE report_counters (
  site_id BIGINT NOT NULL,
  day TEXT NOT NULL,
  band BIGINT NOT NULL CHECK (band BETWEEN 0 AND 47),
  open_s BIGINT NOT NULL,
  busy_s BIGINT NOT NULL,
  PRIMARY KEY (site_id, day, band)
);
CREATE INDEX report_counters_day ON report_counters (day);
-- Up to which event the figures go. tail_from and tail_count tell whether an event
-- with a smaller id was committed since.
CREATE TABLE report_cursor (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  tail_from BIGINT NOT NULL,
  tail_count BIGINT NOT NULL,
  turns BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
INSERT INTO report_cursor (id, tail_from, tail_count, turns, updated_at) VALUES (1, 0, 0, 0, 0);
