-- +goose Up

-- A file that its sender replaced by editing, or that a better reading has not found
-- again: the last version of its message that had it; 0 for what the message has today.
ALTER TABLE parts ADD COLUMN former BIGINT NOT NULL DEFAULT 0;

-- Which sending of a certified mail a delivery waits for the receipts of: 0 for the first,
-- one more each time that a person lets it leave again.
ALTER TABLE deliveries ADD COLUMN sending BIGINT NOT NULL DEFAULT 0;
