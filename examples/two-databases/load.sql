-- The same orders twice: in orders_scanned without an index, in orders_indexed with one.
\set ON_ERROR_STOP on
DROP SCHEMA IF EXISTS orders_scanned, orders_indexed CASCADE;
CREATE SCHEMA orders_scanned;
CREATE SCHEMA orders_indexed;

CREATE TABLE orders_scanned.orders AS
  SELECT 1 + number % 500 AS customer, 100 + number * 7919 % 9000 AS cents
  FROM generate_series(1, 50000) AS number;
CREATE TABLE orders_indexed.orders AS TABLE orders_scanned.orders;
CREATE INDEX ON orders_indexed.orders (customer);
ANALYZE orders_scanned.orders, orders_indexed.orders;
