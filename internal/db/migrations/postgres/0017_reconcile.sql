-- +goose Up

-- Reconciliation (mail rule 15): what the platform holds against what was taken in.
-- A run is of one account; state: 'asked', 'running', 'done', 'failed'. asked_by 0
-- is the daily chore. done and todo are the progress of a running one.
CREATE TABLE reconcile_runs (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  asked_by BIGINT NOT NULL DEFAULT 0,
  asked_at BIGINT NOT NULL,
  began_at BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  phase TEXT NOT NULL DEFAULT '',
  done BIGINT NOT NULL DEFAULT 0,
  todo BIGINT NOT NULL DEFAULT 0,
  error_class TEXT NOT NULL DEFAULT '',
  error_text TEXT NOT NULL DEFAULT ''
);
CREATE INDEX reconcile_runs_account ON reconcile_runs (account_id, id);
CREATE UNIQUE INDEX reconcile_runs_open ON reconcile_runs (account_id) WHERE state IN ('asked','running');

-- What a run found of one stream (a folder). missing were not here at first,
-- fetched of them came by themselves, and what is still owed is absent.
CREATE TABLE reconcile_streams (
  run_id BIGINT NOT NULL REFERENCES reconcile_runs(id),
  stream TEXT NOT NULL,
  held BIGINT NOT NULL,
  here BIGINT NOT NULL,
  waiting BIGINT NOT NULL,
  gone BIGINT NOT NULL,
  older BIGINT NOT NULL,
  missing BIGINT NOT NULL,
  fetched BIGINT NOT NULL,
  absent BIGINT NOT NULL,
  renumbered BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (run_id, stream)
);

-- The items that were missing, as the platform describes them. The subject goes
-- as soon as the item is here. state: 'absent', 'fetched'.
CREATE TABLE reconcile_items (
  run_id BIGINT NOT NULL REFERENCES reconcile_runs(id),
  stream TEXT NOT NULL,
  dedup_key TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL DEFAULT 0,
  size BIGINT NOT NULL DEFAULT -1,
  state TEXT NOT NULL,
  PRIMARY KEY (run_id, stream, dedup_key)
);
