-- +goose Up

-- The rule of the router that says that what is on a case must be entered in the
-- protocol register; 0 for none. No foreign key: what it said holds when it is gone.
ALTER TABLE cases ADD COLUMN register_rule BIGINT NOT NULL DEFAULT 0;
