-- +goose Up

-- Mails that a mail on a case names and that are not here: they may come yet, since
-- mails overtake each other and a backlog is filed after what has just arrived.
CREATE TABLE awaited (
  ref TEXT NOT NULL, -- the Message-ID, without <>
  case_id BIGINT NOT NULL REFERENCES cases(id),
  at BIGINT NOT NULL,
  PRIMARY KEY (ref, case_id)
);
CREATE INDEX awaited_at ON awaited (at);
