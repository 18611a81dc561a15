-- +goose Up

-- Which version of its page a device runs; '' while it has not said.
ALTER TABLE devices ADD COLUMN page_version TEXT NOT NULL DEFAULT '';
