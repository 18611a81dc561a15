-- +goose Up

-- Originals that a former version of a channel's parser has read: they are read again,
-- once for a version (mail rule 20).
CREATE INDEX raws_parser ON raws (account_id, parser, id) WHERE state = 'filed';
