-- +goose Up

-- Certificates of authorities against which a signature of a provider of certified mail
-- was found to hold: whoever proves it later needs them, and files of authorities change.
CREATE TABLE authorities (
  fingerprint TEXT PRIMARY KEY,
  der BYTEA NOT NULL,
  kept_at BIGINT NOT NULL
);

-- What our own server for sending refused to us, and not a message of ours.
CREATE INDEX delivery_events_refused ON delivery_events (at) WHERE class IN ('auth_broken','policy_blocked');

-- Who wrote a forwarded mail may have done so by certified mail.
ALTER TABLE forwards ADD COLUMN kind TEXT NOT NULL DEFAULT 'email';
