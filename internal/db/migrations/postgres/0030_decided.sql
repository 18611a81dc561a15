-- +goose Up

-- What a person decided of the messages in quarantine, the newest decision first: who
-- rejected one by mistake finds it there and puts it back.
CREATE INDEX quarantine_decided ON quarantine (decided_at DESC, id DESC) WHERE state <> 'waiting';
