-- +goose Up

-- A search that an operator keeps beside the views of the inbox, under a name of
-- their own. query is what they typed, read anew each time.
CREATE TABLE saved_views (
  id BIGINT PRIMARY KEY,
  operator_id BIGINT NOT NULL REFERENCES operators(id),
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  UNIQUE (operator_id, name)
);
