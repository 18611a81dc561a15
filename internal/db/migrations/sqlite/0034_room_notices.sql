-- +goose Up

-- What a device of a room tells the staff: somebody asks for help at a kiosk, or a paper
-- that it gave while it was alone can stand in no line. Until somebody has seen to it
-- (done_at), and on its day.
CREATE TABLE room_notices (
  id INTEGER PRIMARY KEY,
  site_id BIGINT NOT NULL REFERENCES sites(id),
  device_id BIGINT NOT NULL REFERENCES devices(id),
  day TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('help','refused')),
  touch TEXT NOT NULL DEFAULT '',
  label TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  done_at BIGINT NOT NULL DEFAULT 0,
  done_by BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX room_notices_open ON room_notices (site_id, day) WHERE done_at = 0;
CREATE UNIQUE INDEX room_notices_touch ON room_notices (device_id, touch) WHERE kind = 'refused';
CREATE UNIQUE INDEX room_notices_help ON room_notices (device_id, day) WHERE kind = 'help' AND done_at = 0;
