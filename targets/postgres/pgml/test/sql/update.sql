-- A server that has the first version keeps its models through ALTER EXTENSION UPDATE, and works before it, too.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION pgml VERSION '0.1.0';
CREATE TABLE line AS SELECT i % 100 AS x, (i % 100) * 2 AS y FROM generate_series(1, 1000) AS i;
SELECT * FROM pgml.train('line', 'regression', 'line', 'y', hyperparams => '{"n_estimators": 20}');
SELECT * FROM pgml.train('all', 'regression', 'line', 'y', test_size => 0);
SELECT (metrics ->> 'r2')::float8 > 0.99 AS learned, metrics ? 'mean_absolute_error' AS has_mae FROM pgml.models ORDER BY id LIMIT 1;
SELECT metrics FROM pgml.models ORDER BY id DESC LIMIT 1;
CREATE TEMP TABLE before AS SELECT x, pgml.predict('line', ARRAY[x]::real[]) AS answer FROM line;
PREPARE ask AS SELECT count(*) FILTER (WHERE answer <> pgml.predict('line', ARRAY[x]::real[])) AS differ FROM before;
EXECUTE ask;
CREATE ROLE regress_pgml_updater;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgml TO regress_pgml_updater;

ALTER EXTENSION pgml UPDATE;
SELECT extversion FROM pg_extension WHERE extname = 'pgml';
EXECUTE ask;
SET pgml.predictor = 'fast';
EXECUTE ask;
SELECT count(*) FILTER (WHERE answer <> pgml.predict('line', ARRAY[x]::bigint[])) AS differ FROM before;
-- The new model is compared with the one of before.
SELECT deployed FROM pgml.train('line', hyperparams => '{"n_estimators": 1}');
SELECT deployed FROM pgml.train('line', hyperparams => '{"n_estimators": 40}');
SELECT strategy FROM pgml.deploy('line', 'rollback');
EXECUTE ask;
CREATE VIEW classes AS SELECT x, (y > 100)::int AS class FROM line;
SELECT deployed FROM pgml.train('classes', 'classification', 'classes', 'class');

-- Updated or new, it is the same extension: the same functions, with the same rights for PUBLIC.
CREATE TABLE updated AS
  SELECT pg_get_functiondef(p.oid) AS definition, has_function_privilege('public', p.oid, 'EXECUTE') AS for_everyone
  FROM pg_proc p WHERE p.pronamespace = 'pgml'::regnamespace;
DROP EXTENSION pgml CASCADE;
CREATE EXTENSION pgml;
CREATE TABLE fresh AS
  SELECT pg_get_functiondef(p.oid) AS definition, has_function_privilege('public', p.oid, 'EXECUTE') AS for_everyone
  FROM pg_proc p WHERE p.pronamespace = 'pgml'::regnamespace;
SELECT count(*) > 30 AS many, count(*) FILTER (WHERE u.definition IS NULL OR f.definition IS NULL) AS differ
FROM updated u FULL JOIN fresh f ON f.definition = u.definition AND f.for_everyone = u.for_everyone;
-- Who may do what, without a grant.
SELECT p.proname, count(*) FROM pg_proc p WHERE p.pronamespace = 'pgml'::regnamespace
  AND has_function_privilege('public', p.oid, 'EXECUTE') GROUP BY 1 ORDER BY 1;
DROP EXTENSION pgml CASCADE;
DROP TABLE line, updated, fresh CASCADE;
DROP ROLE regress_pgml_updater;
