-- Predicting: arguments, volatility, and which model answers.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION pgml;
CREATE TABLE line AS SELECT (i % 100)::int AS x, (i % 100) * 2 AS y, (i % 100) * 3 AS z FROM generate_series(1, 1000) AS i;
CREATE VIEW line_y AS SELECT x, y FROM line;
CREATE VIEW line_z AS SELECT x, z FROM line;
SELECT project FROM pgml.train('y', 'regression', 'line_y', 'y', hyperparams => '{"n_estimators": 30}');
SELECT project FROM pgml.train('z', 'regression', 'line_z', 'z', hyperparams => '{"n_estimators": 30}');

-- Arrays of each type of number. Text that is none yet needs a type, as with PostgresML.
SELECT round(pgml.predict('y', ARRAY[50::int])) AS by_int, round(pgml.predict('y', ARRAY[50::smallint])) AS by_smallint,
  round(pgml.predict('y', ARRAY[50.0])) AS by_numeric, round(pgml.predict('y', '{50}'::real[])) AS by_text,
  round(pgml.predict('y', ARRAY[50::bigint])) AS by_bigint, round(pgml.predict('y', ARRAY[50::float8])) AS by_double;
SELECT pgml.predict('y', '{50}');
SELECT round(pgml.predict(m.id, ARRAY[50])) AS by_model_id FROM pgml.trained_models m WHERE name = 'z';
SELECT pgml.predict(NULL::text, ARRAY[1]) IS NULL AS null_project, pgml.predict('y', NULL::real[]) IS NULL AS null_features;
SELECT proname, provolatile, proparallel, proisstrict, pg_get_function_identity_arguments(oid) FROM pg_proc
WHERE proname = 'predict' AND pronamespace = 'pgml'::regnamespace ORDER BY 5;

-- Two projects in one statement, a prepared statement over a change.
SELECT round(avg(pgml.predict('y', ARRAY[x]))) AS y, round(avg(pgml.predict('z', ARRAY[x]))) AS z FROM line;
PREPARE ask AS SELECT round(pgml.predict('y', ARRAY[$1::int]));
EXECUTE ask(50);
SELECT project FROM pgml.train('y', 'regression', 'line_z', 'z', automatic_deploy => false);
EXECUTE ask(50);
SELECT strategy FROM pgml.deploy('y', 'most_recent');
EXECUTE ask(50);

-- A deployment belongs to its transaction.
BEGIN;
SELECT strategy FROM pgml.deploy('y', 'rollback');
EXECUTE ask(50);
ROLLBACK;
EXECUTE ask(50);
BEGIN;
SELECT strategy FROM pgml.deploy('y', 'rollback');
SAVEPOINT before;
SELECT strategy FROM pgml.deploy('y', 'most_recent');
EXECUTE ask(50);
ROLLBACK TO before;
EXECUTE ask(50);
COMMIT;
EXECUTE ask(50);

-- Within one function, too.
CREATE FUNCTION switches() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answers real[];
BEGIN
  answers := answers || pgml.predict('y', ARRAY[50]);
  PERFORM pgml.deploy('y', 'most_recent');
  answers := answers || pgml.predict('y', ARRAY[50]);
  PERFORM pgml.deploy('y', 'rollback');
  answers := answers || pgml.predict('y', ARRAY[50]);
  RETURN (SELECT string_agg(round(a)::text, ' ') FROM unnest(answers) AS a);
END
$$;
SELECT switches();

-- A restart keeps the models: a new backend loads them from their tables.
\c -
SELECT round(pgml.predict('y', ARRAY[50]));

-- Parallel workers answer as the leader does.
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
SELECT round(avg(pgml.predict('y', ARRAY[x]))) FROM line;
RESET ALL;

DROP FUNCTION switches();
DROP EXTENSION pgml CASCADE;
SELECT pgml.predict('y', ARRAY[50]);
CREATE EXTENSION pgml;
SELECT pgml.predict('y', ARRAY[50]);
DROP EXTENSION pgml CASCADE;
DROP TABLE line CASCADE;
