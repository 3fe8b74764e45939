-- Customers and the model's weights, in a schema of their own. psql reads this file.
\set ON_ERROR_STOP on
DROP SCHEMA IF EXISTS churn_example CASCADE;
CREATE SCHEMA churn_example;
SET search_path = churn_example;

CREATE TABLE customers (id int PRIMARY KEY, months int, monthly_fee int, support_calls int, late_payments int);
CREATE TABLE model (
  intercept float8, months float8, monthly_fee float8, support_calls float8, late_payments float8
);
\copy customers FROM 'customers.csv' CSV HEADER
\copy model FROM 'model.csv' CSV HEADER
ANALYZE;
