-- +goose Up

-- What the estimates of a room are made of (queue reference 4.4). estimators.state is
-- JSON, learnt from the events up to and with upto: both are written in one
-- transaction, so that nothing is learnt twice.
--
-- A promise is a range that somebody was shown: the first at the number, a further
-- one when it was worth telling. low_min and high_min are what people read; low_s and
-- high_s are what was computed. basis is JSON of estimate.Basis, for learning. was_at
-- is when the promise before ended, for one that is later. outcome is empty until it
-- is known: 'called' with waited_s, 'left', 'transferred', 'voided', 'expired'.
ALTER TABLE promises ADD COLUMN service_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE promises ADD COLUMN class_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE promises ADD COLUMN low_min BIGINT NOT NULL DEFAULT 0;
ALTER TABLE promises ADD COLUMN high_min BIGINT NOT NULL DEFAULT 0;
ALTER TABLE promises ADD COLUMN first BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE promises ADD COLUMN move TEXT NOT NULL DEFAULT '';
ALTER TABLE promises ADD COLUMN was_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE promises ADD COLUMN basis TEXT NOT NULL DEFAULT '{}';
ALTER TABLE promises ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX promises_first ON promises (step_id) WHERE first;
CREATE INDEX promises_open ON promises (site_id, id) WHERE outcome = '';
