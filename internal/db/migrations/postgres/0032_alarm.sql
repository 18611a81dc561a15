-- +goose Up

-- What is wrong with an account and is told outside of the program, once for each cause:
-- since when, when it was told (0 for not yet), and since when it is over (0 while it lasts).
CREATE TABLE alarms (
  account_id BIGINT NOT NULL REFERENCES accounts(id),
  cause TEXT NOT NULL,
  begun_at BIGINT NOT NULL,
  told_at BIGINT NOT NULL DEFAULT 0,
  ended_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, cause)
);
