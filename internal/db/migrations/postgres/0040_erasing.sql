-- +goose Up

-- What is left to do after the contents of a message were erased (mail rule 81b): the
-- SHA-256 of a file that may have to go from the store, or 'search', whose index still
-- holds the words. aside_at is when the file was put aside, 0 for not yet.
CREATE TABLE erasing (
  what TEXT PRIMARY KEY,
  since_at BIGINT NOT NULL,
  aside_at BIGINT NOT NULL DEFAULT 0
);
