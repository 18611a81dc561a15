-- +goose Up

-- What a person decided of the messages in quarantine, the newest decision first: who
-- rejected one by mistake finds it there and puts it back.
CREATE INDEX quarantine_decided ON quarantine (decided_at DESC, id DESC) WHERE state <> 'waiting';

-- Somebody found the sender of a message of the case to be false.
ALTER TABLE cases ADD COLUMN called_false BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE cases SET called_false = TRUE WHERE id IN (SELECT case_id FROM lookalikes WHERE alarm AND decision = 'false');
