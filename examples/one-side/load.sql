-- Accounts with what was spent and what may be. psql reads this file.
\set ON_ERROR_STOP on
DROP SCHEMA IF EXISTS credit_example CASCADE;
CREATE SCHEMA credit_example;
CREATE TABLE credit_example.accounts (id int PRIMARY KEY, spent int, most int);
INSERT INTO credit_example.accounts
  SELECT id, id * 7919 % 1000, id * 104729 % 1000 FROM generate_series(1, 1000) AS id;
ANALYZE credit_example.accounts;
