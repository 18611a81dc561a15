-- +goose Up

-- An office beside the owner that has the case because the same mail came to a mailbox of
-- its own: since when, or 0. It ends for good once the case is the office's.
ALTER TABLE case_offices ADD COLUMN copied_at BIGINT NOT NULL DEFAULT 0;
-- Since when somebody of the office has seen the case, or 0: nobody since its last copy.
ALTER TABLE case_offices ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
-- Whether the case is open or waiting, as far as copied_at says anything.
ALTER TABLE case_offices ADD COLUMN live BOOLEAN NOT NULL DEFAULT FALSE;
-- The case's last_at while it stands among those that came to this office too: it is
-- another office's, and live or not yet seen by this one. Else 0.
ALTER TABLE case_offices ADD COLUMN listed_at BIGINT NOT NULL DEFAULT 0;
-- Whose the case is, as far as listed_at says anything: who belongs to that office too
-- has it among their own.
ALTER TABLE case_offices ADD COLUMN owner_id BIGINT NOT NULL DEFAULT 0;
-- The mailbox that a copy came by is not named in the mail, as with a blind copy.
ALTER TABLE copies ADD COLUMN blind BOOLEAN NOT NULL DEFAULT FALSE;

-- What is dealt with by now counts as seen.
UPDATE case_offices SET copied_at = since_at,
  seen_at = (SELECT CASE WHEN c.status IN ('open','waiting') THEN 0 ELSE case_offices.since_at END FROM cases AS c WHERE c.id = case_offices.case_id),
  live = (SELECT c.status IN ('open','waiting') FROM cases AS c WHERE c.id = case_offices.case_id),
  owner_id = (SELECT c.office_id FROM cases AS c WHERE c.id = case_offices.case_id),
  listed_at = (SELECT CASE WHEN c.status IN ('open','waiting') AND c.office_id <> case_offices.office_id THEN c.last_at ELSE 0 END FROM cases AS c WHERE c.id = case_offices.case_id)
WHERE EXISTS (SELECT 1 FROM messages AS m JOIN copies AS cp ON cp.message_id = m.id
  WHERE m.case_id = case_offices.case_id AND cp.office_id = case_offices.office_id AND cp.account_id <> m.account_id);

CREATE INDEX cases_copied ON case_offices (office_id, listed_at DESC, case_id DESC, owner_id) WHERE listed_at <> 0;

-- However a case changes, it enters and leaves the list of the other offices by itself.
-- +goose StatementBegin
CREATE TRIGGER cases_listed AFTER UPDATE OF status, office_id, last_at ON cases
WHEN OLD.status <> NEW.status OR OLD.office_id <> NEW.office_id OR OLD.last_at <> NEW.last_at BEGIN
  UPDATE case_offices SET
    copied_at = CASE WHEN office_id = NEW.office_id THEN 0 ELSE copied_at END,
    owner_id = NEW.office_id,
    live = NEW.status IN ('open','waiting'),
    listed_at = CASE WHEN office_id <> NEW.office_id AND (NEW.status IN ('open','waiting') OR seen_at = 0) THEN NEW.last_at ELSE 0 END
  WHERE case_id = NEW.id AND copied_at <> 0;
END;
-- +goose StatementEnd
