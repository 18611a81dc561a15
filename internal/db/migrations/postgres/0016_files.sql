-- +goose Up

-- Malware (mail rule 48) --------------------------------------------------------
-- What is known of files, by their content: the same bytes are scanned once,
-- however many messages carry them. word is the malware's name, or why nobody can
-- look inside; asked_at is since when the verdict is awaited.
CREATE TABLE scans (
  content TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('pending','clean','infected','unscannable')),
  word TEXT NOT NULL DEFAULT '',
  attempts BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL DEFAULT 0,
  asked_at BIGINT NOT NULL,
  at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX scans_pending ON scans (next_at) WHERE state = 'pending';
CREATE INDEX scans_found ON scans (at) WHERE state IN ('infected','unscannable');
-- The messages that carry a content, when its verdict comes.
CREATE INDEX parts_content ON parts (sha256) WHERE sha256 <> '';

-- Pictures shown in the place of files (mail rules 36 and 49): made anew from what
-- the file shows, without where and when it was taken. blob is the picture, reason
-- why there is none.
CREATE TABLE pictures (
  content TEXT PRIMARY KEY,
  blob TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  size BIGINT NOT NULL DEFAULT 0,
  width BIGINT NOT NULL DEFAULT 0,
  height BIGINT NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  maker BIGINT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX pictures_blob ON pictures (blob) WHERE blob <> '';
