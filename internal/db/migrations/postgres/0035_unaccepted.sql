-- +goose Up

-- Certified mails whose acceptance is missing and with which nobody has dealt, which
-- every look at the accounts counts.
CREATE INDEX deliveries_unaccepted ON deliveries (account_id, begun_at) WHERE alarm = 'no_acceptance' AND dealt_at = 0;
