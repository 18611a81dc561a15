-- +goose Up

-- Two more kinds of remark on a sender: a name that is one of our own addresses
-- ("address"), and a mail that our own mail server does not take for its sender's
-- ("forged", whose about_id is the message: it is decided for that message alone).
ALTER TABLE lookalikes DROP CONSTRAINT lookalikes_kind_check;
ALTER TABLE lookalikes ADD CONSTRAINT lookalikes_kind_check CHECK (kind IN ('domain','municipality','office','operator','citizen','address','forged'));
